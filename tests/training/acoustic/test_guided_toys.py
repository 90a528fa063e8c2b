"""Guided recipes, each on data whose guided flow map is known: two Gaussians, told apart by a
condition."""

from functools import cache

import pytest
import torch
from torch import Generator, nn
from tts.training.acoustic.guidance import (
    Conditions,
    GuidanceInput,
    GuidedMap,
    SelfGuidance,
    guide,
)
from tts.training.acoustic.networks import WideFlowMap
from tts.training.acoustic.terms import Term, TrainingStep, flow_map_loss
from tts.training.recipes import make_run

from benchmarks.objectives.targets import Mixture
from tts.acoustic.flow import FlowMap

ITEMS, POINTS, WIDTH, STEPS, RATE = 64, 8, 64, 600, 4e-3
ALL = slice(0, ITEMS)
DATA = Mixture(torch.tensor([[-0.5], [0.5]]), torch.tensor([0.4, 0.4]))


class Network(nn.Module):
    """Average velocity, and velocity of a head, from state, condition, times and guidance."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(8, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(),
            nn.Linear(WIDTH, WIDTH), nn.SiLU(),
        )  # fmt: skip
        self.heads = nn.Linear(WIDTH, 2)

    def bind(self, condition, guidance, headed):
        def output(x, s, t, held):
            times = torch.stack([s, t - s], dim=1)
            inputs = torch.cat([times, held.features()], dim=1)[:, None].expand(-1, x.shape[1], -1)
            return self.heads(self.trunk(torch.cat([x, condition, inputs], dim=2)))

        def average(x, s, t):
            return output(x, s, t, guidance)[..., :1]

        def velocity(x, t):
            return output(x, t, t, guidance.at(t))[..., 1:]

        return WideFlowMap(average, velocity) if headed else FlowMap(average)


def given(mixtures, which, condition):
    """Each item's exact velocity: of its own Gaussian, or without a condition of both."""

    def network(x, s, t):
        each = torch.stack([mixture.velocity(x, t) for mixture in mixtures])
        own = each[which, torch.arange(len(x))]
        return torch.where(condition.any(dim=2, keepdim=True), own, DATA.velocity(x, t))

    return FlowMap(network)


ONES = [Mixture(DATA.means[i : i + 1], DATA.deviations[i : i + 1]) for i in (0, 1)]


@cache
def begin():
    """A network that knows the velocity, with a condition and without."""
    torch.manual_seed(0)
    matching = Term(objective="flow_matching", times="uniform_diagonal")
    plain = make_run("guidable_flow_matching")
    network = train(Network(), (matching,), plain, STEPS)
    with torch.no_grad():
        network.heads.weight[1], network.heads.bias[1] = (
            network.heads.weight[0],
            network.heads.bias[0],
        )
    return network.state_dict()


def train(network, terms, run, steps):
    """Train by the terms and the guidance of a run."""
    generator, mask = Generator().manual_seed(1), torch.ones(ITEMS, POINTS, dtype=torch.bool)
    optimizer = torch.optim.Adam(network.parameters(), RATE, betas=(0.9, 0.98))
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * min(1, 2 * (1 - step / steps))
        which = torch.randint(2, (ITEMS,), generator=generator)
        noise = torch.randn(ITEMS, POINTS, 1, generator=generator)
        data = DATA.means[which][:, None] + 0.4 * noise
        kept = torch.rand(ITEMS, generator=generator) >= run.unconditional
        held = draw_guidance(run, generator)
        conditions = Conditions(kept, held.only(kept))
        maps = bind(network, which, conditions, run)
        parts = flow_map_loss(TrainingStep(terms, generator, step / steps), maps, data, mask)
        optimizer.zero_grad()
        torch.stack([part for part in parts.values() if part.requires_grad]).sum().backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
    return network


def draw_guidance(run, generator):
    like = torch.zeros(ITEMS)
    if run.guided.highest is None:
        return GuidanceInput.fixed(run.guidance, run.guided, like)
    return GuidanceInput.drawn(run.guided.highest, like, generator)


def bind(network, which, conditions, run):
    hot = nn.functional.one_hot(which, 2)[:, None].expand(-1, POINTS, -1).float()
    hot = conditions.features(hot, ALL, conditional=True)
    none, always = torch.zeros_like(hot), GuidanceInput.fixed(1.0, run.guided, which.float())
    # only a network with guidance as an input is told of it
    told = always if run.guided.highest is None else conditions.guidance

    def maps(name, items):
        guidance, own = conditions.guidance[items], which[items]
        student = network.bind(hot[items], told[items], run.velocity_head)
        without = network.bind(none[items], always[items], run.velocity_head)
        exact = given(ONES, own, hot[items]), given(ONES, own, none[items])
        if name == "guided" and run.guided.source == "student":
            return SelfGuidance(student, without, guidance, run.guided.kappa)
        return {"student": student, "guided": guide(*exact, guidance)}[name]

    return maps


def guided_ends(which, noise, run):
    """Where the guided velocity leads."""
    condition = nn.functional.one_hot(which, 2)[:, None].expand(-1, POINTS, -1).float()
    guidance = GuidanceInput.fixed(run.guidance, run.guided, which.float())
    exact = given(ONES, which, condition), given(ONES, which, torch.zeros_like(condition))
    flow: GuidedMap = guide(*exact, guidance)
    return flow.integrate(noise, 200, midpoint=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["guided_split_mean_flow", "mean_flow_guided", "improved_mean_flow"]
)
def test_one_step_is_that_of_the_guided_flow(name):
    """And not that of the plain one, which is further away."""
    run = make_run(name)
    network = Network()
    network.load_state_dict(begin())
    terms = [term for term in run.terms if term.takes_part]
    network = train(network, terms, run, STEPS)
    which, noise = torch.arange(ITEMS) % 2, torch.randn(ITEMS, POINTS, 1)
    kept = Conditions(
        torch.ones(ITEMS, dtype=torch.bool),
        GuidanceInput.fixed(run.guidance, run.guided, which.float()),
    )
    with torch.no_grad():
        found = bind(network, which, kept, run)("student", ALL).sample(noise, 1)
        right = guided_ends(which, noise, run)
        plain = DATA.means[which][:, None] + 0.4 * noise
    far, near = ((found - ends).square().mean().sqrt().item() for ends in (plain, right))
    assert near < 0.5 * far

import math

import pytest
import torch
from tts.training.acoustic.terms import Ramp, Term, TrainingStep, flow_map_loss, mean_square

from tests.toys import Gaussian, Toy
from tts.acoustic.flow import FlowMap

TOY = Gaussian(mean=0.7, deviation=0.5)
BOUNDARY = Term(
    objective="boundary", times="diagonal", teacher="frozen", share=Ramp(start=0.5, end=0.5)
)
SPLIT = Term(objective="semigroup", times="deployed", share=Ramp(start=0.5, end=0.5))


def fit(terms, steps=500, rate=2e-2):
    torch.manual_seed(0)
    network, chance = Toy(), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(network.parameters(), rate)
    mask = torch.ones(256, 4, dtype=torch.bool)
    maps = {"student": FlowMap(network), "frozen": FlowMap(TOY.exact)}
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        data = TOY.sample((256, 4, 1), chance)
        parts = flow_map_loss(
            TrainingStep(terms, chance), lambda name, items: maps[name], data, mask
        )
        optimizer.zero_grad()
        sum(parts.values()).backward()
        optimizer.step()
    return FlowMap(network.requires_grad_(False))


NOISE = torch.randn(4000, 4, 1, generator=torch.Generator().manual_seed(1))


def test_split_mean_flow_learns_the_distribution_in_one_step():
    """With the state at the wrong end of the jump the deviation would be 0, not 0.5."""
    student = fit([BOUNDARY, SPLIT])
    made = student.sample(NOISE, 1)
    assert made.mean().item() == pytest.approx(0.7, abs=0.03)
    assert made.std().item() == pytest.approx(0.5, abs=0.03)
    time = torch.linspace(0.1, 0.9, len(NOISE))
    off = student.velocity(NOISE, time) - FlowMap(TOY.exact).velocity(NOISE, time)
    assert off.square().mean() < 0.05 * NOISE.square().mean()


def test_the_floor_of_flow_matching_is_pi_sigma_over_two():
    """Var(x1 - noise | x_t), over uniform times (flow-map theory for a Gaussian)."""
    chance = torch.Generator().manual_seed(0)
    noise = torch.randn(200_000, 1, 1, generator=chance)
    data, time = TOY.sample((200_000, 1, 1), chance), torch.rand(200_000, generator=chance)
    x = torch.lerp(noise, data, time[:, None, None])
    residual = TOY.exact(x, time, time) - (data - noise)
    loss = mean_square(residual, torch.ones(200_000, 1, dtype=torch.bool))
    assert loss.item() == pytest.approx(math.pi * 0.5 / 2, rel=0.01)


def test_what_lies_in_the_padding_changes_nothing():
    residual, mask = torch.randn(2, 6, 3), torch.tensor([[1] * 6, [1] * 2 + [0] * 4]).bool()
    wild = torch.where(mask[..., None], residual, 1e6)
    assert mean_square(wild, mask) == mean_square(residual, mask)


def test_a_batch_is_shared_out_whole():
    seen = []

    def maps(name, items):
        seen.append((items.start, items.stop))
        return FlowMap(TOY.exact)

    data = torch.randn(10, 4, 1)
    mask = torch.ones(10, 4, dtype=torch.bool)
    share = Ramp(start=0.75, end=0.5)
    terms = [
        Term(objective="boundary", times="diagonal", teacher="frozen", share=share),
        Term(objective="semigroup", times="deployed", share=Ramp(start=0.25, end=0.5)),
    ]
    flow_map_loss(TrainingStep(terms, torch.Generator(), 1.0), maps, data, mask)
    assert seen == [(0, 5), (0, 5), (5, 10), (5, 10)]


def test_a_term_refuses_names_it_does_not_know():
    with pytest.raises(
        ValueError,
        match=r"objective must be one of flow_matching, boundary, semigroup.*; got 'mean_flaw'",
    ):
        Term(objective="mean_flaw", times="diagonal")


def constant(value):
    return FlowMap(lambda x, s, t: torch.full_like(x, value))


@pytest.mark.parametrize(("progress", "shares"), [(0.0, (6, 2)), (0.5, (5, 3)), (1.0, (4, 4))])
def test_terms_count_by_their_shares_of_a_batch(progress, shares):
    """By hand: student and teacher differ by 2 everywhere, so each loss is 4 times its share."""
    seen = []

    def maps(name, items):
        seen.append(items.stop - items.start)
        return constant(3.0 if name == "student" else 1.0)

    terms = [
        Term(
            objective=objective, times=times, teacher="frozen", share=Ramp(start=start, end=0.5)
        )
        for objective, times, start in (
            ("boundary", "diagonal", 0.75), ("semigroup", "deployed", 0.25),
        )
    ]  # fmt: skip
    step = TrainingStep(terms, torch.Generator().manual_seed(0), progress)
    parts = flow_map_loss(step, maps, torch.randn(8, 4, 1), torch.ones(8, 4, dtype=torch.bool))
    assert seen[::2] == seen[1::2] == list(shares)
    expected = [4 * count / 8 for count in shares]
    assert [parts[name].item() for name in ("boundary", "semigroup")] == pytest.approx(expected)


def jumps(term, progress, step=0):
    """States, and times of jumps, that a student is asked for."""
    asked = []

    def network(x, s, t):
        asked.append((x.detach(), s, t))
        return torch.zeros_like(x)

    chance = torch.Generator().manual_seed(step)
    maps = {"student": FlowMap(network), "frozen": constant(0.0)}
    data, mask = torch.randn(400, 4, 1), torch.ones(400, 4, dtype=torch.bool)
    flow_map_loss(
        TrainingStep([term], chance, progress), lambda name, items: maps[name], data, mask
    )
    return asked[-1]


def test_the_longest_jump_grows_with_progress():
    growing = Ramp(start=0.1, end=1.0)
    term = Term(objective="semigroup", times="deployed", teacher="frozen", longest=growing)
    for progress in (0.0, 0.5, 1.0):
        _, s, t = jumps(term, progress)
        assert (t - s).max().item() == pytest.approx(growing.at(progress), abs=0.01)


def test_every_clip_of_every_step_has_noise_of_its_own():
    whole = Term(objective="semigroup", times="whole", teacher="frozen")
    first, second = (jumps(whole, 0.0, step)[0] for step in (0, 1))
    assert not torch.isclose(first, second).any()
    assert not torch.isclose(first[1:], first[:-1]).all(dim=1).any()
    assert first.std().item() == pytest.approx(1, abs=0.05)

"""The measures of a mel map, where the right figures are known."""

import pytest
import torch
from torch import nn
from tts.training.compare.measures import MAP, ReferenceMel, Sampler, measure

from tests.toys import Gaussian
from tts.acoustic.flow import FlowMap
from tts.acoustic.layers import Conditioning

FRAMES, BANDS = 300, 10
DATA = Gaussian(mean=1.0, deviation=0.5)


class Exact(nn.Module):
    """A decoder that is the map of the data, or a share of its jumps' lengths off."""

    def __init__(self, excess=0.0):
        super().__init__()
        self.excess = excess

    def forward(self, conditioning, x, s, t):
        return DATA.exact(x, s, t) * (1 + self.excess * (t - s))[:, None, None]


@pytest.fixture(scope="module")
def clips():
    chance = torch.Generator().manual_seed(0)
    return [clip(seed, DATA.sample((1, FRAMES, BANDS), chance)) for seed in range(4)]


def clip(seed, recorded):
    mask = torch.ones(1, FRAMES, dtype=torch.bool)
    made = ReferenceMel(
        conditioning=Conditioning(torch.zeros(1, FRAMES, 1), torch.zeros(1, 1), mask),
        recorded=recorded,
        mean=torch.full_like(recorded, DATA.mean),
        solution=recorded,
        speech=torch.arange(FRAMES) < FRAMES // 2,
        seed=seed,
    )
    solution = FlowMap(DATA.exact).sample(made.draw(MAP), 1)
    return ReferenceMel(**{**vars(made), "solution": solution})


def values(decoder, clips, steps=1, **options):
    found = measure(Sampler(decoder, steps, **options), clips)
    return {name: figure["value"] for name, figure in found.items()}


@pytest.mark.parametrize("steps", [1, 4])
def test_a_right_map_varies_as_recordings_do_and_meets_its_teacher(clips, steps):
    found = values(Exact(), clips, steps)
    assert found["deviation"] == pytest.approx(1, abs=0.05)
    assert found["solution"] == pytest.approx(0, abs=1e-5)
    assert found["recorded"] == pytest.approx(2**0.5, abs=0.05)
    assert found.get("semigroup", 0) == pytest.approx(0, abs=1e-5)


def test_the_mean_is_nearest_to_recordings_and_has_the_worse_energy_score(clips):
    right, mean = values(Exact(), clips), values(Exact(), clips, temperature=0.0)
    assert mean["recorded"] == pytest.approx(1, abs=0.05)
    assert mean["deviation"] == pytest.approx(0, abs=1e-5)
    assert mean["energy"] > right["energy"] + 0.1
    assert "semigroup" not in mean


def test_jumps_that_do_not_compose_are_noticed(clips):
    found = values(Exact(excess=0.1), clips)
    assert found["semigroup"] > 0.02
    assert found["solution"] > 0.05


def test_midpoint_steps_follow_the_velocity(clips):
    velocity = Exact(excess=0.1)  # which a jump of no length does not show
    assert values(velocity, clips, 32, midpoint=True)["solution"] < 0.02


def test_pauses_do_not_count(clips):
    loud = [ReferenceMel(**{**vars(c), "recorded": silenced(c)}) for c in clips]
    assert values(Exact(), loud) == values(Exact(), clips)


def silenced(clip):
    return torch.where(clip.speech[:, None], clip.recorded, 50.0)


def test_intervals_hold_the_values_of_the_clips(clips):
    found = measure(Sampler(Exact(excess=0.1)), clips)
    for name, figure in found.items():
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert name == "deviation" or len(figure["clips"]) == len(clips)

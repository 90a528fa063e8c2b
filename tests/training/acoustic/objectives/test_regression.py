"""Regression: its own law is that its best answer is the conditional mean, whatever the noise."""

from dataclasses import replace

import pytest
import torch
from tts.training.acoustic.objectives import OBJECTIVES, PathSample

from tts.acoustic.flow import FlowMap

DATA = torch.tensor([0.0, 2.0, 4.0], dtype=torch.float64)[:, None, None]


def draw(noise=1.0):
    times = torch.full((3,), 0.5, dtype=torch.float64)
    return PathSample(torch.full_like(DATA, noise), DATA, times, times, times)


def constant(value):
    return FlowMap(lambda x, s, t: x + value)


@pytest.mark.parametrize("value", [1.9, 2.1])
def test_the_mean_is_the_best_answer(value):
    errors = [
        OBJECTIVES["regression"].formula(constant(v), constant(v), draw()).square().mean()
        for v in (2.0, value)
    ]
    assert errors[0] < errors[1]


def test_the_residual_is_the_answer_without_noise_less_the_data():
    found = OBJECTIVES["regression"].formula(constant(3.0), constant(0.0), draw(noise=5.0))
    torch.testing.assert_close(found, 3.0 - DATA)
    torch.testing.assert_close(
        found, OBJECTIVES["regression"].formula(constant(3.0), constant(0.0), draw(noise=-1.0))
    )


def test_the_times_of_the_draw_do_not_matter():
    timed = FlowMap(lambda x, s, t: x + (t - s)[:, None, None])
    early = replace(draw(), s=torch.zeros(3).double())
    torch.testing.assert_close(
        OBJECTIVES["regression"].formula(timed, timed, early),
        OBJECTIVES["regression"].formula(timed, timed, draw()),
    )
    torch.testing.assert_close(OBJECTIVES["regression"].formula(timed, timed, early), 1.0 - DATA)

"""Figures of durations, on distributions whose figures are known."""

import math

import pytest
import torch
from torch import Generator
from tts.training.durations.bins import DurationBins
from tts.training.durations.evaluation import (
    Reading,
    chances,
    clip_figures,
    ranked_scores,
    summarise,
)
from tts.training.durations.sentences import DurationBatch

from tts.acoustic.layers import Conditioning

BINS = DurationBins()


class Sentences:
    """Sentences whose log lengths are normal around 2, with a part that all symbols share."""

    def __init__(self, clips=24, symbols=40, own=0.3, shared=0.2):
        generator = Generator().manual_seed(0)
        own, shared = (
            deviation * torch.randn(clips, count, generator=generator)
            for deviation, count in ((own, symbols), (shared, 1))
        )
        self.durations = (2 + own + shared).exp().round().clamp(min=1).long()
        self.clips = range(clips)

    def clip(self, index):
        durations = self.durations[index][None]
        features = torch.ones(*durations.shape, 3)
        mask = durations > 0
        return DurationBatch(
            clips=torch.tensor([index]),
            given=Conditioning(features, torch.zeros(1, 2), mask),
            durations=durations,
            lengths=durations.log(),
        )


@pytest.fixture(scope="module")
def reading():
    sentences = Sentences()
    prior = BINS.index(sentences.durations.flatten()).bincount(minlength=len(BINS)).double()
    return Reading(
        clips=sentences.clips,
        clip=sentences.clip,
        bins=BINS,
        prior=prior / prior.sum(),
        mean=lambda given: torch.full(given.features.shape[:2], 2.0),
    )


def figures(reading, sampler):
    found = summarise([clip_figures(sampler, reading, index) for index in reading.clips])
    return {name: estimate["value"] for name, estimate in found.items()}


def drawn(own, shared):
    def sampler(given, generator):
        shape = given.features.shape[:2]
        each = torch.randn(shape, generator=generator)
        return 2 + own * each + shared * torch.randn(shape[0], 1, generator=generator)

    return sampler


def test_the_true_law_has_ratios_of_one_and_the_best_likelihood(reading):
    right = figures(reading, drawn(0.3, 0.2))
    assert right["deviation"] == pytest.approx(1, abs=0.1)
    assert right["sentence"] == pytest.approx(1, abs=0.25)
    narrow, wide = (figures(reading, drawn(scale * 0.36, 0)) for scale in (0.5, 2))
    for other in (narrow, wide):
        assert other["nats"] > right["nats"] + 0.1
        assert other["score"] > right["score"]
    assert narrow["deviation"] == pytest.approx(0.5, abs=0.05)
    # symbols that are drawn each by itself have the same spread, and their means have not
    alone = figures(reading, drawn(0.36, 0))
    assert alone["deviation"] == pytest.approx(1, abs=0.1)
    assert alone["sentence"] < 0.4


def test_a_mean_has_no_spread_and_the_score_of_its_error(reading):
    found = figures(reading, lambda given, generator: torch.full(given.features.shape[:2], 2.0))
    assert found["deviation"] == found["sentence"] == 0
    errors = (Sentences().durations.log() - 2).abs().mean()
    assert found["score"] == pytest.approx(float(errors), rel=1e-5)


def test_the_ranked_score_is_that_of_all_pairs_of_draws():
    draws = torch.randn(7, 4, generator=Generator().manual_seed(0), dtype=torch.float64)
    recorded = torch.tensor([0.0, 0.5, -1.0, 3.0], dtype=torch.float64)
    between = (draws[:, None] - draws[None]).abs().mean(dim=(0, 1))
    expected = (draws - recorded).abs().mean(dim=0) - between / 2
    torch.testing.assert_close(ranked_scores(draws, recorded), expected)


def test_probabilities_are_shares_of_draws_and_sum_to_one():
    prior = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
    bins = torch.tensor([[0], [0], [1], [0]])
    each = torch.cat([chances(bins, torch.tensor([k]), prior) for k in range(3)])
    assert each.tolist() == pytest.approx([3.5 / 5, 1.25 / 5, 0.25 / 5])
    assert math.isclose(each.sum(), 1)

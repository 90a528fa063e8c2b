"""Bins of durations."""

import pytest
import torch
from tts.training.durations.bins import DurationBins

BINS = DurationBins()


def test_short_durations_have_a_bin_each_and_long_ones_a_tenth():
    first = torch.tensor(BINS.first)
    assert BINS.first[:10] == tuple(range(1, 11))
    widths = (first[1:] - first[:-1]).double()
    assert (widths >= 1).all()
    assert (widths[20:] / first[20:-1]).tolist() == pytest.approx(
        [0.1] * len(widths[20:]), abs=0.03
    )


def test_every_duration_is_in_the_bin_that_begins_at_or_below_it():
    frames = torch.arange(1, 200)
    index = BINS.index(frames)
    first = torch.tensor([*BINS.first, 10_000])
    assert ((first[index] <= frames) & (frames < first[index + 1])).all()
    assert torch.equal(BINS.index_of_log(frames.double().log()), index)


def test_the_center_of_a_bin_lies_in_it():
    assert torch.equal(BINS.index_of_log(BINS.centers), torch.arange(len(BINS)))
    torch.testing.assert_close(BINS.centers[:10].exp(), torch.arange(1.0, 11).double())


@pytest.mark.parametrize("options", [{"ratio": 1.0}, {"ratio": 3.0}, {"longest": 1}])
def test_bins_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="must be from"):
        DurationBins(**options)

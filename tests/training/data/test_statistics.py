"""Means and deviations by hand, of two clips of which one is shorter."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from tts.training.data.statistics import measure

from tts.acoustic.prosody import ENERGY, LENGTH


@dataclass
class Tables:
    mels: Tensor
    tokens: Tensor
    durations: Tensor
    log_pitch: Tensor
    levels: Tensor
    speakers: Tensor


@pytest.fixture
def corpus():
    """The second clip lacks a third symbol, and the second symbol of the first lasts no time."""
    return Tables(
        mels=torch.tensor([[1.0, 3.0], [5.0, 7.0]]),
        tokens=torch.tensor([[1, 2, 3], [1, 2, 0]]),
        durations=torch.tensor([[2, 0, 8], [4, 4, 0]]),
        log_pitch=torch.tensor([[4.0, 5.0, 6.0], [7.0, 8.0, 0.0]]),
        levels=torch.tensor([[-20.0, -10.0, -200.0], [-30.0, -40.0, 0.0]]),
        speakers=torch.tensor([0, 1]),
    )


def test_pitch_is_measured_voice_by_voice_without_padding(corpus):
    """A voice without clips has the mean of the others."""
    found = measure(corpus, 3).pitch
    expected = torch.tensor([[5.0, 1.0], [7.5, 0.5**0.5]])
    torch.testing.assert_close(found[:2], expected)
    torch.testing.assert_close(found[2], expected.mean(dim=0))


def test_lengths_and_energies_are_of_symbols_that_are_there(corpus):
    """Lengths of those that last; levels below the peak of a voice, at most by 50 dB."""
    found = measure(corpus, 2)
    lengths = torch.tensor([2.0, 8.0, 4.0, 4.0]).log()
    assert found.prosody_mean[LENGTH] == pytest.approx(lengths.mean().item())
    assert found.prosody_deviation[LENGTH] == pytest.approx(lengths.std().item())
    # the 99.5th percentile lies 0.995 of the way, through 3 values and through 2
    peaks = torch.tensor([-20 + 0.99 * 10, -40 + 0.995 * 10])
    torch.testing.assert_close(found.peak_level, peaks)
    energies = torch.tensor([-20 - peaks[0], -10 - peaks[0], -50.0, -30 - peaks[1], -40 - peaks[1]])
    assert found.prosody_mean[ENERGY] == pytest.approx(energies.mean().item())
    assert found.prosody_deviation[ENERGY] == pytest.approx(energies.std().item())
    assert found.mel_mean == 4
    assert found.mel_deviation == pytest.approx((20 / 3) ** 0.5)

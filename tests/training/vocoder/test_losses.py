"""Losses of sound and of discriminators against sums by hand."""

import math

import pytest
import torch
from tts.training.vocoder.losses import generator_losses, spectral_losses

RATE = 24_000


def test_distances_are_means_of_four_windows():
    """The floor of a magnitude is that of the mel, exp(-8), for a window of 1024."""
    copy, recording = 0.07 * torch.randn(2, 2, 8192)
    convergences, magnitudes = [], []
    for size in (2048, 1024, 512, 256):
        made, real = (
            torch.stft(
                audio, size, size // 4, window=torch.hann_window(size), return_complex=True
            ).abs()
            for audio in (copy, recording)
        )
        gap = (real - made).square().sum(dim=(1, 2)).sqrt()
        convergences.append((gap / real.square().sum(dim=(1, 2)).sqrt()).mean())
        floor = math.exp(-8) / 1024 * size
        magnitudes.append((made.clamp(min=floor).log() - real.clamp(min=floor).log()).abs().mean())
    found = spectral_losses(copy, recording, RATE)
    assert found["convergence"].item() == pytest.approx(sum(convergences).item() / 4, rel=1e-4)
    assert found["magnitude"].item() == pytest.approx(sum(magnitudes).item() / 4, rel=1e-4)


def test_a_copy_of_half_the_level_is_a_constant_away_in_log_mel():
    recording = 0.07 * torch.randn(1, 8192)
    found = spectral_losses(recording / 2, recording, RATE)
    assert found["mel"].item() == pytest.approx(math.log(2), rel=0.01)
    assert found["convergence"].item() == pytest.approx(0.5, rel=1e-4)


def test_features_count_relative_to_the_size_of_the_recordings():
    """Every layer alike, however large its numbers are."""
    score = torch.zeros(1, 1, 2, 2)
    real = [torch.full((1, 3, 2, 2), size) for size in (0.5, 20.0)]
    made = [1.1 * layer for layer in real]
    assert generator_losses([(score, made)], [(score, real)])["features"].item() == pytest.approx(
        0.1, rel=1e-4
    )
    made = [1.3 * real[0], real[1]]
    assert generator_losses([(score, made)], [(score, real)])["features"].item() == pytest.approx(
        0.15, rel=1e-4
    )

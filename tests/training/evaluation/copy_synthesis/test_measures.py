import numpy as np
import pytest
import torch
from tts.training.evaluation.copy_synthesis.measures import (
    FAINTEST,
    compare,
    has_pesq,
    line_excess,
    mel_distance,
    pesq,
    pitch_error,
    stft_distance,
)
from tts.training.evaluation.copy_synthesis.spectrogram import level, paint
from tts.training.evaluation.copy_synthesis.systems import griffin_lim

from tts.config import MelConfig
from tts.vocoder.mel import log_mel

MEL = MelConfig()
RATE = MEL.sample_rate


def test_a_copy_that_is_the_recording_is_at_no_distance():
    found = compare(sound(), sound())
    for name in ("mel_distance", "spectral_convergence", "log_magnitude_distance", "pitch_error"):
        assert found[name] == 0
    assert (found["voicing_errors"], found["line_excess"]) == (0, 0)
    assert found["frames"] == 2 * RATE // MEL.hop
    assert not has_pesq() or found["pesq"] > 4.6


def test_half_as_loud_is_half_converged_and_its_logarithm_away():
    found = stft_distance(noise(0.3), noise(0.15))
    assert found["spectral_convergence"] == pytest.approx(0.5)
    assert found["log_magnitude_distance"] == pytest.approx(np.log(2), abs=1e-3)
    # the mel's magnitudes halve, too
    assert mel_distance(noise(0.3), noise(0.15))["mel_distance"] == pytest.approx(np.log(2))


def test_silence_is_compared_with_no_number_missing():
    silent = np.zeros(2 * RATE, np.float32)
    found = compare(silent, silent)
    assert "pitch_error" not in found
    assert "pesq" not in found
    assert all(value in (0, found["frames"], found["line_hertz"]) for value in found.values())
    assert all(np.isfinite(value) for value in compare(silent, sound()).values())
    assert all(np.isfinite(value) for value in compare(sound(), silent).values())


def test_faint_bins_are_as_far_apart_as_silence():
    faint = noise(FAINTEST / 1000)
    assert stft_distance(np.zeros_like(faint), faint)["log_magnitude_distance"] == 0


@pytest.mark.parametrize("semitones", [-2, 1])
def test_a_semitone_is_a_hundred_cents(semitones):
    found = pitch_error(sound(), sound(2 ** (semitones / 12)))
    assert found["pitch_error"] == pytest.approx(100 * abs(semitones), rel=0.05)


def test_where_only_one_is_voiced_is_an_error_of_voicing():
    half = sound()
    half[RATE:] = noise(0.05)[RATE:]
    found = pitch_error(sound(), half)
    assert found["voicing_errors"] / found["frames"] == pytest.approx(0.5, abs=0.05)
    # the frame at the seam is off, and those voiced in one alone do not count
    assert found["pitch_error"] < 50


@pytest.mark.parametrize("hertz", [500, 5000])
def test_a_tone_that_was_not_there_is_a_line(hertz):
    line = 0.01 * np.sin(2 * np.pi * hertz * np.arange(2 * RATE) / RATE).astype(np.float32)
    found = line_excess(noise(0.02), noise(0.02) + line)
    assert found["line_excess"] > 15
    assert found["line_hertz"] == pytest.approx(hertz, abs=12)


def test_other_noise_another_slope_or_an_offset_is_no_line():
    recording, other = noise(0.1), noise(0.1, seed=1)
    sloped = np.convolve(other, [1, 0.7], mode="same").astype(np.float32)
    for copy in (other, sloped, recording + np.float32(0.01)):
        assert line_excess(recording, copy)["line_excess"] < 5


def test_griffin_lim_resembles_what_the_mel_is_of():
    recording = sound()[: 2 * RATE // MEL.hop * MEL.hop]
    mel = log_mel(torch.from_numpy(recording)[None], MEL)
    copy = griffin_lim(mel, MEL)[0].numpy()
    assert len(copy) == len(recording)
    near, far = (mel_distance(recording, other) for other in (copy, noise(0.1)[: len(copy)]))
    assert near["mel_distance"] < 0.2 * far["mel_distance"]
    # a fourth of the iterations leaves 0.28
    assert stft_distance(recording, copy)["spectral_convergence"] < 0.24


def test_pesq_falls_with_what_is_heard_and_is_silent_on_too_little():
    pytest.importorskip("pesq")
    assert pesq(noise(1e-5), noise(1e-5)) == {}
    assert pesq(sound()[: RATE // 8], sound()[: RATE // 8]) == {}
    assert pesq(sound(), noise(0.1))["pesq"] < 2 < pesq(sound(), sound())["pesq"]


def test_a_picture_has_high_frequencies_above_and_loud_ones_light():
    tone = 0.1 * np.sin(2 * np.pi * 3000 * np.arange(RATE) / RATE).astype(np.float32)
    found = level(tone, MEL)
    assert found.shape[0] == MEL.n_fft // 2 + 1
    loudest = found.mean(axis=1).argmax()
    assert loudest == MEL.n_fft // 2 - 3000 * MEL.n_fft // RATE
    painted = paint(found, float(found.max())).sum(axis=2)
    assert np.median(painted[loudest]) > 600
    assert np.median(painted[:100]) < 20


def sound(ratio=1.0):
    """Two seconds of a harmonic tone whose pitch glides from 150 Hz, times a ratio."""
    times = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(150 * ratio * 2 ** (times / 6)) / RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 20))
    return (0.1 * tone).astype(np.float32)


def noise(deviation, seed=0):
    chance = np.random.default_rng(seed)
    return (deviation * chance.standard_normal(2 * RATE)).astype(np.float32)

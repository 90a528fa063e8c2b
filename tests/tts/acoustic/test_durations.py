from dataclasses import replace
from math import log

import numpy as np
import pytest
import torch

from tts.acoustic import alignment
from tts.acoustic.durations import (
    ENERGY,
    LENGTH,
    PITCH,
    has_duration,
    position_features,
    predict_durations,
    shift_prosody,
    token_of_frames,
)
from tts.runtime.base import AcousticStatistics

STATISTICS = AcousticStatistics(
    voices=np.eye(2, dtype=np.float32),
    pitch=np.float32([[5.0, 0.2], [4.6, 0.3]]),
    prosody_mean=np.float32([1.5, 0, 0]),
    prosody_deviation=np.float32([0.5, 1, 7]),
    mel_mean=0.0,
    mel_deviation=1.0,
)
PLAIN = np.ones(40, np.float32)


@pytest.fixture
def prosody():
    values = np.zeros((40, 3), np.float32)
    values[:, LENGTH] = np.random.default_rng(0).normal(size=40)
    return values


def exact(prosody):
    return np.maximum(np.exp(prosody[:, LENGTH] * 0.5 + 1.5), 1)


def test_phones_last_stress_marks_do_not_and_a_pause_is_likelier_than_not():
    lasting = has_duration("^hˈɛ, lO.$", np.float32([0, 0, 0, 0, 0.6, 0.5, 0, 0, 0.1, 0]))
    assert lasting.tolist() == [1, 1, 0, 1, 1, 0, 1, 1, 0, 1]


def test_no_frame_is_lost_to_rounding_and_what_lasts_lasts_one(prosody):
    lasting = np.random.default_rng(1).random(40) < 0.8
    durations = predict_durations(prosody, STATISTICS, lasting, PLAIN)
    assert (durations[lasting] >= 1).all()
    assert (durations[~lasting] == 0).all()
    assert abs(durations.sum() - exact(prosody)[lasting].sum()) <= 0.5


def test_each_symbol_ends_at_the_frame_nearest_to_its_exact_end(prosody):
    durations = predict_durations(prosody, STATISTICS, np.ones(40, bool), PLAIN)
    assert abs(durations.cumsum() - exact(prosody).cumsum()).max() <= 0.5 + 1e-4


def test_half_the_pace_is_about_twice_as_long(prosody):
    slow, plain = (
        predict_durations(prosody, STATISTICS, np.ones(40, bool), PLAIN * np.float32(pace)).sum()
        for pace in (0.5, 1)
    )
    assert slow / plain == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("mean", [60.0, np.inf, np.nan])
def test_a_length_that_would_fill_the_memory_is_refused(prosody, mean):
    damaged = replace(STATISTICS, prosody_mean=np.float32([mean, 0, 0]))
    with pytest.raises(ValueError, match="predicts more than 1000 frames a symbol; its checkpoint"):
        predict_durations(prosody, damaged, np.ones(40, bool), PLAIN)


@pytest.mark.parametrize("deviation", [0.3, 0.225, 0.2])
def test_an_octave_doubles_the_pitch_and_decibels_add_up(prosody, deviation):
    def shifted(pitch, energy):
        return shift_prosody(prosody, STATISTICS, deviation, pitch, energy)

    nothing, octave = np.zeros(40, np.float32), np.tile(np.float32([12, 0, -12, 0]), 10)
    higher, louder = shifted(octave, nothing) - prosody, shifted(nothing, octave) - prosody
    np.testing.assert_allclose(higher[:, PITCH] * deviation, octave / 12 * log(2), rtol=1e-5)
    np.testing.assert_allclose(louder[:, ENERGY] * 7, octave, rtol=1e-5)
    assert not higher[:, [LENGTH, ENERGY]].any()
    assert not louder[:, [LENGTH, PITCH]].any()


def test_frames_lie_in_their_symbols_as_in_training():
    durations = np.array([3, 0, 1, 25, 0, 7])
    token = token_of_frames(durations)
    given, frames = torch.from_numpy(durations)[None], torch.arange(36)[None]
    assert token.tolist() == alignment.token_at(given, frames)[0].tolist()
    found = position_features(durations, token)
    np.testing.assert_allclose(found, alignment.position_features(given, frames)[0], rtol=1e-6)
    assert found.dtype == np.float32

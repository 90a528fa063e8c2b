"""The PyTorch runtime, cut into stretches in any way."""

from itertools import pairwise

import numpy as np
import pytest

from tts.acoustic.durations import position_features, token_of_frames
from tts.runtime.base import DecoderStretch, Runtime, Tokens, VocoderStretch
from tts.runtime.torch import TorchRuntime

CUTS = [(0, 60), (0, 16, 60), (*range(0, 60, 2), 60)]
each_cut = pytest.mark.parametrize("cut", CUTS)


class OnDevice(TorchRuntime):
    """As if its modules were on a GPU."""

    device = "cuda"


@pytest.fixture(params=["plain", "harmonic"])
def runtime(request, tiny_acoustic, tiny_vocoder, tiny_harmonic):
    vocoder = tiny_harmonic if request.param == "harmonic" else tiny_vocoder
    return TorchRuntime(tiny_acoustic, vocoder)


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def mel(runtime):
    return random(60, runtime.config.mel.bands) - 4


def joined(call, arrays, cut):
    """The outputs of a streamed network, of an utterance in stretches."""
    state, parts = None, []
    for start, stop in pairwise(cut):
        given = [array[start:stop] for array in arrays]
        *found, state = call(given, state, stop == cut[-1])
        parts.append(found)
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def test_it_is_a_runtime(runtime):
    assert isinstance(runtime, Runtime)
    assert (runtime.name, runtime.precision, runtime.device) == ("torch", "float32", "cpu")


@each_cut
def test_a_jump_in_stretches_is_the_whole_jump(runtime, cut):
    durations = np.array([3, 0, 20, 17, 20])
    token = token_of_frames(durations)
    tokens = Tokens(random(5, runtime.config.encoder.dim), random(5, 3), random(8))

    def decode(given, state, last):
        token, position, x = given
        stretch = DecoderStretch(tokens, token, position, x, 0.0, 1.0, state, last)
        return runtime.decode([stretch])[0]

    arrays = [token, position_features(durations, token), random(60, runtime.config.mel.bands)]
    (found,), (whole,) = joined(decode, arrays, cut), joined(decode, arrays, (0, 60))
    np.testing.assert_allclose(found, whole, atol=1e-5)


@each_cut
def test_spectra_in_stretches_are_those_of_the_whole(runtime, cut):
    def vocode(given, state, last):
        [(spectra, state)] = runtime.vocode([VocoderStretch(given[0], state, last)])
        gains = () if spectra.noise_gain is None else (spectra.noise_gain,)
        return spectra.real, spectra.imaginary, *gains, state

    arrays = [mel(runtime)]
    for found, whole in zip(
        joined(vocode, arrays, cut), joined(vocode, arrays, (0, 60)), strict=True
    ):
        np.testing.assert_allclose(found, whole, atol=1e-5)


@each_cut
def test_a_gpu_makes_the_sound_that_a_cpu_makes(runtime, cut):
    """The source of a GPU is computed by torch, that of a CPU by numpy."""

    def sound(given, state, last):
        return other.sound([VocoderStretch(given[0], state, last)])[0]

    other = OnDevice(runtime.acoustic, runtime.vocoder)
    (found,) = joined(sound, [mel(runtime)], cut)
    [(whole, _)] = runtime.sound([VocoderStretch(mel(runtime), None, last=True)])
    np.testing.assert_allclose(found, whole, atol=1e-4)


def test_stretches_of_several_utterances_are_as_alone(runtime):
    stretches = [VocoderStretch(mel(runtime)[:size], None, last=True) for size in (60, 7, 33)]
    for (found, _), stretch in zip(runtime.vocode(stretches), stretches, strict=True):
        [(alone, _)] = runtime.vocode([stretch])
        np.testing.assert_allclose(found.real, alone.real, atol=1e-5)

import numpy as np
import pytest
import torch

from tts.config import MelConfig
from tts.delivery import Delivery
from tts.steering.gradients import value_and_gradient
from tts.steering.line import LineMap
from tts.steering.rewards import MeanPitch, SpectrumNearness, average_spectrum, brightness
from tts.vocoder.mel import log_mel

CONFIG = MelConfig()


def tones(*hertz, seconds=0.3):
    """A log-mel of tones."""
    time = torch.arange(round(seconds * CONFIG.sample_rate)) / CONFIG.sample_rate
    return log_mel(0.2 * sum(torch.sin(2 * np.pi * f * time) for f in hertz)[None], CONFIG)


def test_high_tones_are_brighter_than_low_ones():
    order = [brightness(tones(f)).item() for f in (300, 1000, 5000)]
    assert order[1] < order[2]
    assert order[0] < order[2]


def test_brightness_is_linear_and_has_no_level():
    a, b = torch.randn(2, 3, 40, 100)
    torch.testing.assert_close(
        brightness(2 * a - 3 * b), 2 * brightness(a) - 3 * brightness(b), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(brightness(a + 5), brightness(a), atol=1e-4, rtol=1e-4)


def test_the_pitch_of_lower_speech_is_lower(torch_synthesizer):
    """The vocoder reads what the voice was asked for."""
    pitch = MeanPitch(torch_synthesizer.runtime.vocoder.source.pitch)
    found = []
    for delivery in (Delivery(), Delivery(pitch=-3)):
        (line,) = torch_synthesizer.lines("Hello.", delivery)
        made = LineMap(torch_synthesizer.plan(line, delivery), delivery)
        found.append(pitch(made.mel(made.noise())).item())
    assert found[1] - found[0] == pytest.approx(-3, abs=0.7)


def test_the_nearest_spectrum_is_the_speakers_own_at_any_level():
    voice, other = tones(200, 400, 2000), tones(300, 3000)
    nearness = SpectrumNearness(average_spectrum(voice)[0])
    quieter = voice - 1.0
    assert nearness(voice).item() == pytest.approx(0, abs=1e-4)
    assert nearness(quieter).item() == pytest.approx(0, abs=1e-3)
    assert nearness(other).item() < -3


def test_silence_does_not_change_a_spectrum():
    voice = torch.randn(1, 20, 100)
    silence = torch.full((1, 30, 100), CONFIG.floor)
    found = average_spectrum(torch.cat([voice, silence], dim=1))
    torch.testing.assert_close(found, average_spectrum(voice))


@pytest.mark.parametrize("name", ["brightness", "pitch", "nearness"])
def test_a_gradient_is_the_slope_of_its_reward(name, tiny_harmonic):
    target = average_spectrum(torch.randn(1, 20, 100, dtype=torch.float64))[0]
    predictor = tiny_harmonic.source.pitch.double()
    reward = {
        "brightness": brightness,
        "pitch": MeanPitch(predictor),
        "nearness": SpectrumNearness(target),
    }[name]
    mel, way = torch.randn(2, 3, 20, 100, dtype=torch.float64)
    _, slope = value_and_gradient(reward, mel)
    # what counts as voiced or as speech is given, and no step may change it
    ahead, behind = (frozen_weights(reward, name, mel, mel + step * way) for step in (1e-6, -1e-6))
    expected = (ahead - behind) / 2e-6
    torch.testing.assert_close((slope * way).sum(dim=(1, 2)), expected, rtol=1e-4, atol=1e-7)


def frozen_weights(reward, name, mel, moved):
    """The reward of a moved mel with the voiced frames of the mel."""
    if name != "pitch":
        return reward(moved)
    (octave, _), (_, logit) = reward.predictor(moved), reward.predictor(mel)
    voiced = logit.sigmoid()
    return 12 * (octave * voiced).sum(dim=1) / voiced.sum(dim=1).clamp(min=1)


@pytest.mark.parametrize(
    ("reward", "problem"),
    [
        (lambda mel: mel.mean(), r"a number for each item, of shape \(2,\); got \(\)"),
        (lambda mel: 1.0, r"of shape \(2,\); got float"),
        (lambda mel: mel.detach().mean(dim=(1, 2)), "must be differentiable"),
        (lambda mel: (mel - mel).sum(dim=(1, 2)).log(), "must be finite"),
    ],
)
def test_what_is_no_reward_is_refused(reward, problem):
    with pytest.raises(ValueError, match=problem):
        value_and_gradient(reward, torch.randn(2, 5, 3))

"""Steered speech of whole texts."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tts.acoustic.flow import FlowMap
from tts.delivery import Delivery
from tts.rendering import RenderTask
from tts.steering import (
    LineMap,
    MeanPitch,
    NoiseAscent,
    Tilting,
    average_spectrum,
    brightness,
    steer,
)
from tts.steering.gradients import value_and_gradient
from tts.vocoder.mel import log_mel

TEXT = "Hello there. Goodbye."


def unsteered(line):
    return line.mel(line.noise())


def line_map(synthesizer, delivery, text="Hello."):
    (line,) = synthesizer.lines(text, delivery)
    return LineMap(synthesizer.plan(line, delivery), delivery)


def mean(mel):
    return mel.mean(dim=(1, 2))


@pytest.mark.parametrize("steps", [1, 3])
def test_without_steering_the_speech_is_that_of_the_seed(tiny_synthesizer, steps):
    delivery = Delivery(steps=steps, seed=5, volume=-3)
    expected = tiny_synthesizer.speak(TEXT, delivery)
    found = steer(tiny_synthesizer, unsteered).speak(TEXT, delivery)
    np.testing.assert_allclose(found.audio, expected.audio, atol=1e-4)
    assert found.words == expected.words
    assert found.phones == expected.phones


def test_steered_speech_streams_as_it_is_spoken(tiny_synthesizer):
    steered = steer(tiny_synthesizer, NoiseAscent(mean, steps=2))
    pieces = list(steered.stream(TEXT * 2))
    assert len(pieces) > 4
    whole = steered.speak(TEXT * 2).audio
    np.testing.assert_allclose(np.concatenate([one.audio for one in pieces]), whole, atol=1e-4)


def test_steered_and_plain_lines_are_rendered_in_one_batch(tiny_synthesizer):
    steered = steer(tiny_synthesizer, NoiseAscent(mean, steps=2))
    tasks = [
        next(one.events(TEXT, Delivery(), low_latency=False))
        for one in (tiny_synthesizer, steered, tiny_synthesizer, steered)
    ]
    assert all(isinstance(task, RenderTask) for task in tasks)
    tiny_synthesizer.render(tasks)
    alone = [one.speak(TEXT).audio for one in (tiny_synthesizer, steered)]
    for task, audio in zip(tasks, alone * 2, strict=True):
        np.testing.assert_allclose(task.audio, audio[: len(task.audio)], atol=1e-4)


@pytest.mark.parametrize(
    "steering", [NoiseAscent(mean, steps=3), Tilting(mean, strength=50.0, steps=3, particles=3)]
)
def test_steering_raises_the_reward_and_repeats_itself(tiny_synthesizer, steering):
    line = line_map(tiny_synthesizer, Delivery(seed=1))
    found = steering(line)
    assert found.shape == unsteered(line).shape
    assert mean(found) > mean(unsteered(line))
    torch.testing.assert_close(steering(line), found, rtol=0, atol=0)
    other = line_map(tiny_synthesizer, Delivery(seed=2))
    assert not torch.equal(steering(other)[:, :5], found[:, :5])


def test_ascent_passes_through_every_jump(tiny_synthesizer):
    """The steps of a delivery are those that its steered noise was made for."""
    line = line_map(tiny_synthesizer, Delivery(steps=3))
    gains = []
    for steps in (1, 3):
        other = replace(line, delivery=replace(line.delivery, steps=steps))
        ascent = NoiseAscent(other.of_states(mean), steps=3)
        noise = ascent.climb(line.flow(), line.noise(), deviation=0.6, jumps=steps)
        gains.append((mean(line.mel(noise)) - mean(unsteered(line))).item())
    assert gains[1] > gains[0] > 0


def test_renditions_of_a_line_have_noise_of_their_own(tiny_synthesizer):
    line = line_map(tiny_synthesizer, Delivery(temperature=0.5))
    noise = line.noise(4)
    torch.testing.assert_close(noise[:1], line.noise())
    assert noise.std(dim=(1, 2)).tolist() == pytest.approx([0.5] * 4, rel=0.1)
    assert torch.corrcoef(noise.flatten(1)).fill_diagonal_(0).abs().max() < 0.1
    mels = line.mel(noise)
    torch.testing.assert_close(mels[2:3], line.mel(noise[2:3]))


def test_gradients_pass_through_the_networks(tiny_synthesizer, tiny_harmonic):
    """The slope of the F0 that the vocoder reads, along one change of the noise."""
    line = line_map(tiny_synthesizer, Delivery())
    line.model.config = replace(line.model.config, mel=replace(line.model.config.mel, floor=-100.0))
    pitch, flow = line.of_states(MeanPitch(tiny_harmonic.source.pitch)), line.flow()
    noise = line.noise()
    _, slope = value_and_gradient(lambda z: pitch(flow.sample(z, 1)), noise)
    way = slope / slope.norm()
    with torch.no_grad():
        ahead, behind = (pitch(flow.sample(noise + step * way, 1)) for step in (0.5, -0.5))
    assert (ahead - behind).item() == pytest.approx(slope.norm().item(), rel=0.05)


def test_the_sound_of_a_brighter_voice_is_brighter(torch_synthesizer):
    """By the mel of the sound, not by the one that was steered."""
    config = torch_synthesizer.runtime.config.mel
    brighter = steer(torch_synthesizer, NoiseAscent(brightness, steps=1, reach=0.3))
    plain, steered = (
        brightness(log_mel(torch.from_numpy(one.speak("Hello.").audio)[None], config)).item()
        for one in (torch_synthesizer, brighter)
    )
    assert steered > plain + 1


def test_steering_needs_gradients(synthesizer):
    with pytest.raises(ValueError, match=r"steering needs PyTorch; .*load\(runtime='torch'\)"):
        steer(synthesizer, unsteered).speak("Hello.")


def test_steering_needs_noise(tiny_synthesizer):
    with pytest.raises(ValueError, match="there is none at temperature 0"):
        steer(tiny_synthesizer, unsteered).speak("Hello.", Delivery(temperature=0))


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (lambda: NoiseAscent(mean, steps=0), "steps must be at least 1, got 0"),
        (lambda: NoiseAscent(mean, reach=0), "reach must be above 0, got 0"),
        (lambda: NoiseAscent(mean, strength=-1.0), "strength must be above 0, got -1.0"),
        (lambda: NoiseAscent(mean, reach=float("inf")), "reach must be finite, got inf"),
        (lambda: Tilting(mean, strength=0), "strength must be above 0 and finite, got 0"),
        (lambda: Tilting(mean, strength=float("inf")), "above 0 and finite, got inf"),
        (lambda: Tilting(mean, steps=1), "steps must be at least 2, got 1"),
        (lambda: Tilting(mean, particles=0), "particles must be at least 1, got 0"),
        (lambda: Tilting(mean, resample=2), "resample must be from 0 to 1, got 2"),
    ],
)
def test_options_out_of_range_are_refused(made, problem):
    with pytest.raises(ValueError, match=problem):
        made()


def test_the_spectrum_of_a_voice_is_an_embedding_of_each_item():
    found = average_spectrum(torch.randn(3, 7, 100))
    assert found.shape == (3, 100)


def test_candidates_of_a_line_are_each_steered(tiny_synthesizer):
    """A judge sees steered speech only, and the chosen seed gives it again alone."""
    seen = []

    def judge(audio, plan):
        seen.append(plan.mel.mean())
        return float(len(seen) == 2)

    steered = steer(tiny_synthesizer, NoiseAscent(mean, steps=2))
    speech = steered.speak("Hello.", Delivery(best_of=3, judge=judge))
    (choice,) = speech.choices
    plain = [
        tiny_synthesizer.plan(next(tiny_synthesizer.lines("Hello.", one)), one)
        for one in (Delivery(seed=seed) for seed in choice.seeds)
    ]
    usual = [LineMap(plan, Delivery()).mel(LineMap(plan, Delivery()).noise()) for plan in plain]
    assert all(found > mel.mean().item() for found, mel in zip(seen, usual, strict=True))
    again = steered.speak("Hello.", Delivery(seed=choice.seeds[1]))
    np.testing.assert_allclose(again.audio, speech.audio, atol=1e-4)


@pytest.mark.parametrize("strength", [float("inf"), 2.0])
def test_a_reward_without_slope_leaves_the_noise_as_it_is(tiny_synthesizer, strength):
    plain, delivery = tiny_synthesizer, Delivery(seed=1)
    satisfied = steer(plain, NoiseAscent(lambda mel: 0 * mean(mel), steps=3, strength=strength))
    same = satisfied.speak(TEXT, delivery).audio, plain.speak(TEXT, delivery).audio
    np.testing.assert_allclose(*same, atol=1e-4)


@pytest.mark.parametrize("make", [NoiseAscent, Tilting])
@pytest.mark.parametrize(
    ("reward", "problem"),
    [
        (lambda mel: mean(mel.detach()), "a reward must be differentiable"),
        (lambda mel: mean(mel) * torch.nan, "a reward and its gradient must be finite"),
    ],
)
def test_a_wrong_reward_is_named(tiny_synthesizer, make, reward, problem):
    line = line_map(tiny_synthesizer, Delivery())
    with pytest.raises(ValueError, match=problem):
        make(reward, steps=2)(line)


def test_one_number_for_all_items_is_no_reward():
    flow, noise = FlowMap(lambda x, s, t: x), torch.ones(2, 3, 4)
    with pytest.raises(ValueError, match=r"a number for each item, of shape \(2,\); got \(\)"):
        NoiseAscent(lambda state: state.mean()).climb(flow, noise)


@pytest.mark.parametrize(
    ("steering", "got"),
    [
        (lambda line: None, "NoneType"),
        (lambda line: line.mel(line.noise())[:, :3], r"\(1, 3, "),
        (lambda line: line.mel(line.noise(2)), r"\(2, "),
    ],
)
def test_a_steering_must_return_the_mel_of_its_line(tiny_synthesizer, steering, got):
    with pytest.raises(ValueError, match=rf"must return a log-mel of shape \(1, .*; got {got}"):
        steer(tiny_synthesizer, steering).speak(TEXT)

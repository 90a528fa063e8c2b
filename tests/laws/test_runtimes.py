"""Runtimes give equal sound: ONNX Runtime that of PyTorch, and streams that of whole utterances."""

from itertools import product

import numpy as np
import pytest

from tts import load
from tts.delivery import Delivery
from tts.runtime.base import WeightDifferences
from tts.runtime.int8_check import snr
from tts.speech import Speech
from tts.synthesis import Synthesizer
from tts.weight_shapes import weight_shapes

TEXTS = (
    "Oh!",
    "Who knows?",
    "Zoo.",
    "Ssssh!",
    "Yes. No. Never.",
    "The ferry leaves at ten.",
    "I have 3,452 apples.",
    "Dr. Smith lives on 5th St.",
    '"Stop," she said.',
    "Well... maybe; maybe not.",
    "[[hˈaɪ]] there, friend.",
    "[[ə]]",
    "Wait [pause:150ms] what?",
    "[pace:1.5]This is quick.[/pace] This is not.",
    "[pitch:3]Up here[/pitch] and [pitch:-3]down there.[/pitch]",
    "[energy:4]Loud[/energy] and [energy:-6]soft.[/energy]",
    '<speak>Hello <break time="100ms"/> <prosody rate="slow">slow world</prosody></speak>',
    "A b c d e.",
    "(In brackets) and - with dashes - too.",
    "It's -4°C outside.",
    "She sells sea shells by the sea shore.",
    "He read the book that I will read.",
    "E-mail me by 12/25/2024.",
    "Supercalifragilisticexpialidocious!",
)
VOICES = ("heart", "michael", "heart(2)+michael(1)")
STEPS = (1, 2)
# Parts of the keys of weights that a learned voice changes.
LEARNED = ("norm", "modulation", "steer", "mean.", "carry", "melody", "encoder.voice")
NEAR_DB, STREAMED_INT8_DB, STREAMED = 50, 80, 1e-4
MIXED = [
    pytest.param(text, Delivery(voice=voice, steps=steps, seed=index), id=text)
    for index, (text, (voice, steps)) in enumerate(
        zip(TEXTS, list(product(VOICES, STEPS)) * 4, strict=True)
    )
]
ALL = [
    pytest.param(text, Delivery(voice=voice, steps=steps), id=f"{text} {voice} {steps}")
    for text, voice, steps in product(TEXTS, VOICES, STEPS)
]
LONG = (
    "The quick brown fox jumps over the lazy dog while seventeen grey geese, all of them rather "
    "tired after their long journey across the sea, look on from the harbour wall."
)


@pytest.fixture(scope="module")
def exact():
    return load(runtime="onnx", precision="float32")


@pytest.fixture(scope="module")
def rounded():
    return load(precision="int8")


def assert_equal_sound(exact, torch_synthesizer, text, delivery):
    found, wanted = (each.speak(text, delivery) for each in (exact, torch_synthesizer))
    assert found.phones == wanted.phones
    assert found.words == wanted.words
    assert len(found.audio) == len(wanted.audio)
    assert NEAR_DB < snr(wanted.audio, found.audio) < np.inf


def assert_equal_streams(exact, rounded, text, delivery):
    for synthesizer in (exact, rounded):
        whole = synthesizer.speak(text, delivery)
        streamed = Speech.join(synthesizer.stream(text, delivery))
        assert (streamed.phones, streamed.words) == (whole.phones, whole.words)
        assert len(streamed.audio) == len(whole.audio)
        if synthesizer is exact:
            assert np.abs(streamed.audio - whole.audio).max() < STREAMED
        else:
            assert snr(whole.audio, streamed.audio) > STREAMED_INT8_DB


@pytest.mark.parametrize(("text", "delivery"), MIXED[::3])
def test_onnx_sounds_as_torch(exact, torch_synthesizer, text, delivery):
    assert_equal_sound(exact, torch_synthesizer, text, delivery)


@pytest.mark.parametrize(("text", "delivery"), [*MIXED[4::6], (LONG, Delivery())])
def test_a_stream_sounds_as_the_whole(exact, rounded, text, delivery):
    assert_equal_streams(exact, rounded, text, delivery)


def learned(synthesizer):
    """A synthesizer with all weights changed that a learned voice may change, in half precision."""
    runtime, rng = synthesizer.runtime, np.random.default_rng(0)
    made = {
        key: rng.normal(scale=0.01, size=shape).astype(np.float16)
        for key, shape in weight_shapes(runtime.config).items()
        if any(part in key for part in LEARNED) and not key.startswith(("mel_", "prosody_mean"))
    }
    head = {
        key: rng.normal(scale=0.002, size=shape).astype(np.float16)
        for key, shape in weight_shapes(runtime.vocoder_config).items()
        if any(part in key for part in ("head.", "norm", "gamma"))
    }
    voice = runtime.statistics.voices[0]
    return Synthesizer(
        runtime.adapted(WeightDifferences(made, head), voice), synthesizer.offered_voices
    )


def test_onnx_sounds_as_torch_in_a_learned_voice(exact, torch_synthesizer):
    text, delivery = "Seven grey geese.", Delivery(steps=2)
    pair = learned(exact), learned(torch_synthesizer)
    assert_equal_sound(*pair, text, delivery)
    base, found = (each.speak(text, delivery) for each in (exact, pair[0]))
    assert len(base.audio) != len(found.audio) or snr(base.audio, found.audio) < NEAR_DB


@pytest.mark.slow
@pytest.mark.parametrize(("text", "delivery"), ALL)
def test_runtimes_and_streams_agree_in_every_voice(
    exact, rounded, torch_synthesizer, text, delivery
):
    assert_equal_sound(exact, torch_synthesizer, text, delivery)
    assert_equal_streams(exact, rounded, text, delivery)


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(pace=4.0),
        Delivery(temperature=0.0, steps=3),
        pytest.param(Delivery(pace=0.25, pitch=12.0, steps=16), marks=pytest.mark.slow),
        pytest.param(Delivery(steps=256), marks=pytest.mark.slow),
    ],
)
def test_runtimes_and_streams_agree_at_the_limits(exact, rounded, torch_synthesizer, delivery):
    assert_equal_sound(exact, torch_synthesizer, "Seven grey geese.", delivery)
    assert_equal_streams(exact, rounded, "Seven grey geese.", delivery)


def test_an_utterance_alone_sounds_as_in_the_text(exact):
    text = "Seven grey geese. Who knows?"
    alone = Speech.join(exact.stream(text, utterance=1))
    tail = exact.speak(text).audio[-len(alone.audio) :]
    assert np.abs(alone.audio - tail).max() < STREAMED

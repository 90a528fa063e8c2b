import numpy as np
import pytest

from tts.delivery import Delivery
from tts.voices import parse_voice_blend

KNOWN = ("heart", "michael", "v+1")


@pytest.mark.parametrize(
    ("voice", "wanted"),
    [
        ("heart", [1, 0, 0]),
        ("v+1", [0, 0, 1]),
        ("heart+michael", [0.5, 0.5, 0]),
        ("heart(2)+michael(1)", [2 / 3, 1 / 3, 0]),
        (" michael ( .75 ) + heart(0.25)", [0.25, 0.75, 0]),
        ("heart+heart+michael", [2 / 3, 1 / 3, 0]),
        ("heart(0)+michael", [0, 1, 0]),
    ],
)
def test_a_blend_is_of_its_voices_by_their_weights(voice, wanted):
    assert parse_voice_blend(voice, KNOWN) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        ("bob", r"unknown voice 'bob'; voices: heart, michael, v\+1, or a blend such as heart"),
        ("heart+bob", "unknown voice 'bob' in 'heart.bob'"),
        ("heart+", "unknown voice"),
        ("", "unknown voice"),
        ("heart(-1)+michael", "unknown voice"),
        ("heart(nan)", "unknown voice"),
        ("heart(1e9)", "unknown voice"),
        ("../../heart", "unknown voice"),
        ("heart(" + "1" * 900 + "x", "unknown voice"),
        ("heart(" + "9" * 400 + ")", "unknown voice"),
        ("heart" + "+heart" * 1000, "voice must be at most 1000 characters long, got"),
        ("heart(0)+michael(0)", "the weights of .* are all 0"),
    ],
)
def test_what_is_no_voice_and_no_blend_is_refused(voice, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_voice_blend(voice, KNOWN)


def test_a_blend_lies_between_its_voices(tiny_synthesizer):
    def told(voice):
        return next(tiny_synthesizer.events("Hello.", Delivery(voice=voice))).plan.tokens.voice

    heart, michael, blend = map(told, ("heart", "michael", "heart(3)+michael(1)"))
    np.testing.assert_allclose(blend, 0.75 * heart + 0.25 * michael, rtol=1e-6)
    np.testing.assert_array_equal(heart, tiny_synthesizer.runtime.statistics.voices[0])

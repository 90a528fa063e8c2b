"""Cues are spoken at their times, faster where they would not fit."""

from dataclasses import replace

import numpy as np
import pytest

from tts.captions.dubbing import ATTEMPTS, dub, dubbed_text, overrun_seconds, speak_to_fit
from tts.delivery import Delivery
from tts.speech import Phone, Speech, TimedWord
from tts.text.files.subtitles import SubtitleCue

USUAL = Delivery()
TEXT = "I never said that. You did, and then you left. Where were you, all these years?"


@pytest.fixture
def asked(tiny_synthesizer):
    """What is said of a text in a slot, and the paces that were tried."""

    def asked(seconds, delivery=USUAL, **limits):
        paces = []

        def speak(delivery):
            paces.append(delivery.pace)
            return tiny_synthesizer.speak(TEXT, delivery)

        slot = (3.0, 3.0 + seconds)
        return speak_to_fit(speak, delivery, slot, **limits), slot, paces

    return asked


@pytest.fixture
def usual(tiny_synthesizer):
    """How long the words last at their own pace."""
    return tiny_synthesizer.speak(TEXT).words[-1].end


@pytest.mark.parametrize("share", [0.95, 0.8, 0.65])
def test_speech_fits_in_its_slot(share, asked, usual):
    speech, slot, paces = asked(share * usual)
    assert overrun_seconds(speech, slot) == 0
    assert speech.words[-1].end <= share * usual
    assert 1 < len(paces) <= ATTEMPTS
    assert paces[-1] == speech.delivery.pace < 1.1 / share**1.5
    assert replace(speech.delivery, pace=1.0) == Delivery()


def test_speech_that_fits_is_left_as_it_is(asked, usual, tiny_synthesizer):
    for seconds in (usual, 3 * usual):
        speech, _, paces = asked(seconds)
        assert paces == [1.0]
        np.testing.assert_array_equal(speech.audio, tiny_synthesizer.speak(TEXT).audio)


@pytest.mark.parametrize(
    ("own", "fastest", "most"), [(1.0, 1.8, 1.8), (1.5, 1.2, 1.8), (3.0, 1.8, 4.0), (1.0, 0.5, 1.0)]
)
def test_speech_is_no_faster_than_it_may_be(own, fastest, most, asked):
    speech, slot, paces = asked(0.1, Delivery(pace=own), fastest=fastest)
    assert speech.delivery.pace == pytest.approx(most)
    assert overrun_seconds(speech, slot) > 0
    assert paces == sorted({own, speech.delivery.pace})


def test_no_more_is_tried_than_may_be():
    """A speech that no pace shortens."""
    paces = []

    def speak(delivery):
        paces.append(delivery.pace)
        return spoken(1.0, delivery)

    assert speak_to_fit(speak, USUAL, (1.0, 1.9), fastest=4.0).delivery.pace == paces[-1]
    assert len(paces) == ATTEMPTS
    assert paces == sorted(paces)


def spoken(seconds, delivery=USUAL):
    word = TimedWord("a", (0, 1), 0.1, seconds)
    audio = np.zeros(48_000, np.float32)
    phones = (Phone("a", 0.1, seconds),)
    return Speech(audio=audio, sample_rate=24_000, phones=phones, words=(word,), delivery=delivery)


def test_silence_at_the_end_need_not_fit():
    assert overrun_seconds(spoken(1.5), (1.0, 2.0)) == pytest.approx(0.5)
    assert overrun_seconds(spoken(0.9), (1.0, 2.0)) == 0
    assert overrun_seconds(replace(spoken(0.9), words=()), (1.0, 2.0)) == pytest.approx(1.0)
    assert overrun_seconds(spoken(1.5), None) == 0


def test_speech_without_a_slot_is_said_once():
    assert speak_to_fit(lambda delivery: spoken(5.0, delivery), USUAL, None).delivery == Delivery()


def test_cues_are_spoken_at_their_times(tiny_synthesizer):
    cues = [SubtitleCue(11.5, 14.0, "One of two."), SubtitleCue(20.0, 20.1, "And two."),
            SubtitleCue(20.1, 24.0, "Three.")]  # fmt: skip
    late = []
    pieces = list(dub(tiny_synthesizer.speak, cues, USUAL, late.append))
    whole, text = Speech.join(pieces), dubbed_text(cues)
    assert " ".join(text[slice(*word.span)] for word in whole.words) == "One of two And two Three"
    starts = {word.text: word.start for word in whole.words}
    alone = tiny_synthesizer.speak("One of two.")
    assert starts["One"] == pytest.approx(11.5 + alone.words[0].start)
    assert starts["And"] >= 20
    np.testing.assert_array_equal(whole.audio[276_000:][: len(alone.audio)], alone.audio)
    assert not whole.audio[:276_000].any()
    assert max(len(piece.audio) for piece in pieces) <= 240_000
    assert [str(one.cue.text) for one in late] == ["And two."]
    assert str(late[0]).endswith("s longer than its cue at 0:20.0, at pace 1.8")
    last = [piece for piece in pieces if piece.words][-1]
    assert last.words[0].start > 20.1  # the words before it come first

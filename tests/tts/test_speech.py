import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile

import tts.speech
from tts.delivery import Delivery
from tts.speech import Phone, Speech, TimedWord
from tts.synthetic_tag import synthetic_comment


@pytest.fixture
def speech():
    audio = np.sin(np.arange(2400, dtype=np.float32) / 10) / 2
    words = (TimedWord("hello", (0, 5), 0.0, 0.1),)
    phones = (Phone("h", 0.0, 0.1),)
    delivery = Delivery(voice="heart", seed=3)
    return Speech(audio=audio, sample_rate=24_000, phones=phones, words=words, delivery=delivery)


def test_a_notebook_plays_it(speech):
    (data,) = re.findall(
        r'<audio controls .* src="data:audio/wav;base64,([^"]+)">', speech._repr_html_()
    )
    played, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), dtype="float32")
    assert rate == 24_000
    np.testing.assert_allclose(played, speech.audio, atol=1e-4)
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(data))) as file:
        assert file.comment == synthetic_comment("heart")


def test_a_notebook_is_not_filled_by_what_is_too_long(speech, monkeypatch):
    monkeypatch.setattr(tts.speech, "MAX_PLAYER_SECONDS", 0.05)
    shown = speech._repr_html_()
    assert "<audio" not in shown
    assert "save it" in shown


def test_its_words_are_no_html(speech):
    words = (TimedWord('<b>"x', (0, 5), 0.0, 0.1),)
    assert "<b>" not in replace(speech, words=words)._repr_html_()


def test_it_is_shown_in_one_line(speech):
    assert repr(speech) == "<Speech of 0.10 s at 24000 Hz, voice 'heart': 'hello'>"
    assert len(repr(replace(speech, words=speech.words * 1000))) < 150


def test_it_knows_its_length_seed_and_steps(speech):
    assert (speech.seconds, speech.seed, speech.steps) == (0.1, 3, 1)


def test_pieces_are_joined_in_order(speech):
    later = speech.shifted(speech.seconds)
    whole = Speech.join([speech, later])
    np.testing.assert_array_equal(whole.audio, np.concatenate([speech.audio, speech.audio]))
    assert [phone.start for phone in whole.phones] == [0.0, 0.1]
    assert [(word.start, word.end) for word in whole.words] == [(0.0, 0.1), (0.1, 0.2)]


def test_no_piece_is_no_speech():
    with pytest.raises(ValueError, match="pieces must have at least one Speech"):
        Speech.join([])


def test_a_speech_is_itself_alone(speech):
    """Arrays have no one truth, so speeches are compared as objects are."""
    other = replace(speech)
    assert speech == speech
    assert speech != other
    assert len({speech, other, speech}) == 2

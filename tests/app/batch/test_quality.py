import json
import sys
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
from tts.app.batch.item import BatchItem
from tts.app.batch.quality import QualityLimits, QualityScorer, find_problems, measure_quality

from tts import Delivery, load
from tts.speech import Phone, Speech

TEXTS = (
    "The others follow after a little while, and then they are gone.",
    "I waved a hand and shrugged a shoulder.",
    "He was a dignified man and a proud one.",
    "There were 1999 of them, which cost $20.50 each.",
    "Wait. [pause:3s] Now go on to the end of the street.",
)
SHORT = ("Yes.", "No.", "Excuse me.", "Paris.")
NOBODY = {"distillmos": None, "wer": None, "heard": None}


@pytest.fixture(scope="module")
def voice():
    return load()


@pytest.fixture(scope="module")
def said(voice):
    return [(text, voice.speak(text, Delivery(seed=7))) for text in TEXTS]


def judged(speech, text, heard=NOBODY, limits=None):
    item = BatchItem(id="a", text=text, delivery=speech.delivery, line=1)
    return find_problems(measure_quality(speech, text), heard, item, limits or QualityLimits())


def with_audio(speech, *parts):
    return replace(speech, audio=np.concatenate(parts).astype(np.float32))


def silence(seconds):
    return np.zeros(round(24_000 * seconds), np.float32)


def in_a_word(speech, number=None):
    word = speech.words[len(speech.words) // 2 if number is None else number]
    return round((word.start + word.end) / 2 * speech.sample_rate)


@pytest.mark.parametrize("voice_name", ["heart", "michael", "heart+michael"])
def test_good_speech_is_in_no_trouble(voice, voice_name):
    for seed, text in enumerate(TEXTS + SHORT):
        assert not judged(voice.speak(text, Delivery(voice=voice_name, seed=seed)), text), text


@pytest.mark.parametrize("pace", [0.5, 0.8, 1.5, 2.0])
def test_nor_is_what_is_slow_or_fast_because_it_was_asked_to_be(voice, pace):
    for text in TEXTS[:3]:
        assert not judged(voice.speak(text, Delivery(pace=pace, seed=1)), text), text


@pytest.mark.parametrize(
    "text",
    [
        "[pace:0.5]I waved a hand and shrugged a shoulder.[/pace]",
        '<speak><prosody rate="250%">I waved a hand and shrugged a shoulder.</prosody></speak>',
    ],
)
def test_nor_is_what_sets_a_pace_of_its_own(voice, text):
    assert not judged(voice.speak(text), text)


def test_nor_is_what_has_long_pauses_because_it_was_asked_to(voice):
    text = "One, two, three. And then, after a while, four."
    assert not judged(voice.speak(text, Delivery(pauses=4, sentence_pause=5)), text)


FAULTS = {
    "it may be cut off": {
        "its tail": lambda speech, audio: with_audio(speech, audio[: in_a_word(speech, -1)]),
        "its head": lambda speech, audio: with_audio(speech, audio[4800:]),
    },
    "within a sentence": {
        "in a word": lambda speech, audio: with_audio(
            speech, audio[: in_a_word(speech)], silence(1), audio[in_a_word(speech) :]
        ),
    },
    "are clipped": {
        "too loud": lambda speech, audio: with_audio(speech, (4 * audio).clip(-1, 1)),
        "no numbers": lambda speech, audio: with_audio(
            speech, np.where(np.arange(len(audio)) % 900, audio, np.nan)
        ),
        "endless": lambda speech, audio: with_audio(speech, audio, np.full(1000, np.inf)),
    },
    "drawn out or repeated": {"all of it": lambda speech, audio: with_audio(speech, audio, audio)},
    "it is silent": {
        "all along": lambda speech, audio: with_audio(speech, 0 * audio),
        "nothing": lambda speech, audio: with_audio(speech, audio[:0]),
    },
}
PLANTED = [(told, plant) for told, plants in FAULTS.items() for plant in plants.values()]
NAMES = [name for plants in FAULTS.values() for name in plants]


@pytest.mark.parametrize(("told", "plant"), PLANTED, ids=NAMES)
def test_a_fault_is_found(told, plant, said):
    for text, speech in said:
        found = judged(plant(speech, speech.audio), text)
        assert any(told in trouble for trouble in found), (text, found)


def test_words_that_are_missing_are_missed(voice):
    for text in TEXTS[:3]:
        half = " ".join(text.split()[: len(text.split()) // 2])
        assert any("words may be missing" in one for one in judged(voice.speak(half), text)), text


def test_figures_count_as_the_words_they_are_read_as(said):
    text, speech = said[3]
    assert measure_quality(speech, text).characters > 40 > sum(map(str.isalnum, text))


def test_markup_is_not_counted(said):
    text, speech = said[4]
    assert measure_quality(speech, text).characters == sum(
        map(str.isalnum, text.replace("pause:3s", ""))
    )


def test_a_silence_that_was_asked_for_is_no_gap(said):
    text, speech = said[4]
    assert speech.seconds > 4
    assert measure_quality(speech, text).longest_gap < 0.5


def test_what_is_to_be_quiet_is_not_silent(voice):
    text = TEXTS[0]
    for volume in (-60, -20):
        assert not judged(voice.speak(text, Delivery(volume=volume, seed=7)), text)
    quiet = voice.speak(text, Delivery(volume=-60, seed=7))
    assert judged(replace(quiet, audio=0 * quiet.audio), text) == ("it is silent",)
    assert judged(replace(quiet, delivery=Delivery(seed=7)), text) == ("it is silent",)


def test_the_measures_of_a_tone_are_known():
    time = np.arange(24_000) / 24_000
    tone = (0.5 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)
    phones = (Phone("a", 0, 1), Phone(" ", 1, 1.5), Phone("a", 1.5, 2.5))
    speech = Speech(
        audio=np.concatenate([tone, silence(0.5), tone]),
        sample_rate=24_000,
        phones=phones,
        delivery=Delivery(),
    )
    quality = measure_quality(speech, "ten letters")
    assert quality.characters == 10
    assert quality.characters_per_second == pytest.approx(5, abs=0.05)
    assert quality.longest_gap == 0.5
    assert quality.edge == pytest.approx(-9.03, abs=0.05)
    assert quality.true_peak == pytest.approx(-6.02, abs=0.05)
    assert quality.clipped == 0


@pytest.mark.parametrize("plant", [plant for _, plant in PLANTED], ids=NAMES)
def test_a_measure_is_always_something_json_can_say(plant, said):
    text, speech = said[0]
    json.dumps(asdict(measure_quality(plant(speech, speech.audio), text)), allow_nan=False)


def test_the_noise_of_a_room_is_no_cut(said):
    generator = np.random.default_rng(0)
    for text, speech in said[:2]:
        room = 10 ** (measure_quality(speech, text).loudness / 20 - 33 / 20)
        noise = generator.normal(0, room, len(speech.audio)).astype(np.float32)
        noisy = replace(speech, audio=speech.audio + noise)
        assert measure_quality(noisy, text).noise == pytest.approx(20 * np.log10(room), abs=2)
        assert not judged(noisy, text)
        last = round(speech.sample_rate * speech.phones[-1].start)
        cut = judged(replace(noisy, audio=noisy.audio[: last - 2000]), text)
        assert any("cut off" in one for one in cut), (text, cut)


def test_a_hum_is_no_background(said):
    text, speech = said[0]
    hum = np.full(len(speech.audio), 0.1, np.float32)
    assert any("cut off" in one for one in judged(replace(speech, audio=hum), text))


def test_what_judges_say_counts(said):
    text, speech = said[0]
    assert judged(speech, text, {"distillmos": 1.9, "wer": 0.0}) == (
        "DistillMOS 1.9: it may sound bad",
    )
    assert judged(speech, text, {"distillmos": 4.0, "wer": 1.0}) == (
        "word error rate 100% by Whisper",
    )
    assert not judged(speech, text, {"distillmos": 4.0, "wer": 0.1})


def test_limits_may_be_others(said):
    text, speech = said[0]
    assert judged(speech, text, limits=QualityLimits(fastest=5))
    assert judged(speech, text, limits=QualityLimits(edge=-80))


def test_an_opinion_is_given_where_it_is_asked_for(said):
    pytest.importorskip("distillmos")
    text, speech = said[1]
    panel = QualityScorer(mos=True, whisper=None)
    told = panel.judge(speech, text)
    noise = np.random.default_rng(0).normal(0, 0.05, len(speech.audio))
    assert set(told) == set(NOBODY)
    assert told["distillmos"] > 1 + panel.judge(with_audio(speech, noise), text)["distillmos"]
    noise = np.random.default_rng(0).standard_normal(len(speech.audio)) / 10
    assert panel.judge(with_audio(speech, noise), text)["distillmos"] < 2.5
    assert panel.judge(speech, text, mos=False) == NOBODY
    assert panel.judge(with_audio(speech, silence(1)), text) == NOBODY


def test_whoever_was_not_called_says_nothing(said):
    assert QualityScorer(mos=False, whisper=None).judge(said[0][1], said[0][0]) == NOBODY


class Hearing:
    """A stand-in for faster-whisper, which has a word wrong."""

    def __init__(self, folder, **options):
        assert options["cpu_threads"] == 1

    def transcribe(self, audio, **options):
        assert audio.dtype == np.float32
        return [SimpleNamespace(text=" I waved a hand and shrugged"), SimpleNamespace(text="5.")], 0


def test_what_is_heard_otherwise_is_counted(said, tmp_path, monkeypatch):
    pytest.importorskip("jiwer")
    monkeypatch.setitem(sys.modules, "faster_whisper", SimpleNamespace(WhisperModel=Hearing))
    (tmp_path / "model.bin").touch()
    panel, (text, speech) = QualityScorer(mos=False, whisper=tmp_path), said[1]
    told = panel.judge(speech, text)
    assert told == {**NOBODY, "heard": "i waved a hand and shrugged five", "wer": 0.25}
    assert panel.judge(with_audio(speech, silence(1)), text) == {**NOBODY, "heard": "", "wer": 1.0}
    assert panel.judge(speech, "\u4f60\u597d") == NOBODY


def test_a_panel_wants_a_model_that_is_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="faster-whisper model"):
        QualityScorer(mos=False, whisper=tmp_path)

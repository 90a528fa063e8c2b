import warnings
from importlib.util import find_spec

import numpy as np
import pytest
from tts.training.evaluation.similarity import Similarity
from tts.training.evaluation.speaker_encoder import PARTIAL, load_speaker_encoder, partials
from tts.training.evaluation.texts import EvaluationText

from tts.metrics import (
    METRICS_SAMPLE_RATE,
    EditCounts,
    Metrics,
    audible,
    normalise_transcript,
    require,
    to_judge_audio,
    whisper_weights,
)

SAID = [
    ("Hello, World!", "hello world"),
    ("In 1984, 3,141 people came.", "in nineteen eighty four three thousand one hundred and "
     "forty one people came"),
    ("the 21st and 3rd", "the twenty first and third"),
    ("$5 at 50%", "dollars five at fifty percent"),
    ("Mr. Smith, Mrs Jones and Dr. Who", "mister smith missus jones and doctor who"),
    ("It\u2019s a well-known 'quote'", "it's a well known quote"),
    ("dogs' tails", "dogs tails"),
    ("  \u2014 naïve ", "na ve"),
    ("...", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "words"), SAID)
def test_compares_words_and_not_how_they_are_written(written, words):
    assert normalise_transcript(written) == words
    assert normalise_transcript(words) == words


def test_counts_mistakes_over_what_was_to_be_said():
    pytest.importorskip("jiwer")
    assert EditCounts.count("the cat sat", "the cat sat").word_errors == 0
    mistakes = EditCounts.count("the cat sat", "a cat sat down")
    assert (mistakes.words, mistakes.word_errors) == (3, 2)
    nothing = EditCounts.count("the cat", "")
    assert (nothing.words, nothing.word_errors, nothing.characters) == (2, 2, 7)
    assert nothing.character_errors == 7


def test_silence_is_heard_as_nothing_and_has_no_opinion():
    pytest.importorskip("jiwer")
    judges = Metrics(transcribe=lambda audio: "Yes!", mos_predictors={"taste": lambda audio: 3.0})
    assert judges.score(noise(METRICS_SAMPLE_RATE), "yes") | {
        "heard": "yes",
        "taste": 3.0,
        "word_errors": 0,
    } == (judges.score(noise(METRICS_SAMPLE_RATE), "yes"))
    silent = judges.score(noise(METRICS_SAMPLE_RATE) * 0, "yes")
    assert (silent["heard"], silent["word_errors"], "taste" in silent) == ("", 1, False)


def test_without_a_recogniser_there_are_opinions_alone():
    judges = Metrics(transcribe=None, mos_predictors={"taste": lambda audio: 3.0})
    assert judges.score(noise(METRICS_SAMPLE_RATE), "yes") == {"taste": 3.0}


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_judges_hear_16_bit_samples_at_16_khz(rate):
    pytest.importorskip("soxr")
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32) / 2
    heard = to_judge_audio(tone, rate)
    expected = np.sin(2 * np.pi * 440 * np.arange(METRICS_SAMPLE_RATE) / METRICS_SAMPLE_RATE) / 2
    assert (len(heard), heard.dtype) == (METRICS_SAMPLE_RATE, np.float32)
    np.testing.assert_allclose(heard[1000:-1000], expected[1000:-1000], atol=1e-3)
    assert not to_judge_audio(np.full(rate, 1e-5, np.float32), rate).any()  # half a 16-bit step
    assert not to_judge_audio(np.full(rate, np.nan, np.float32), rate).any()


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(METRICS_SAMPLE_RATE),
        np.full(METRICS_SAMPLE_RATE, np.nan),
        np.ones(METRICS_SAMPLE_RATE // 11),
    ],
)
def test_knows_what_cannot_be_judged(audio):
    assert not audible(audio.astype(np.float32))


def test_says_which_extra_is_missing():
    with pytest.raises(
        ModuleNotFoundError,
        match=r"evaluation needs .*; install it with pip install 'one-step-tts\[evaluate\]'",
    ):
        require("a_judge_nobody_made")
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'one-step-tts\[times\]'"):
        require("an_aligner_nobody_made", "times")


def test_says_where_whisper_comes_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="no faster-whisper model in"):
        whisper_weights(tmp_path)


@pytest.mark.parametrize("seconds", [0.1, 1.0, 1.6, 1.7, 2.7, 5.0, 60.0])
def test_partials_cover_a_clip_and_little_more(seconds):
    samples = round(seconds * METRICS_SAMPLE_RATE)
    starts, frames = partials(samples), samples / (METRICS_SAMPLE_RATE / 100)
    assert starts[0] == 0
    assert frames - (starts[-1] + PARTIAL) < PARTIAL
    assert len(starts) == 1 or frames - starts[-1] >= 0.75 * PARTIAL


def test_agrees_with_resemblyzer():
    if find_spec("resemblyzer") is None:
        pytest.skip("resemblyzer is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("resemblyzer", exc_type=ImportError)
        theirs = package.VoiceEncoder("cpu", verbose=False)
    ours = load_speaker_encoder()
    for seconds in (0.8, 1.6, 4.3):
        audio = noise(round(seconds * METRICS_SAMPLE_RATE))
        np.testing.assert_allclose(ours.embed(audio), theirs.embed_utterance(audio), atol=1e-4)


def test_a_voice_lies_nearer_to_itself_than_to_others():
    chance = np.random.default_rng(0)
    centres = {"heart": (1, 0, 0), "michael": (0, 1, 0), "sarah": (0.8, 0.6, 0)}
    recorded = {
        voice: {f"{n}": unit(np.array(centre) + 0.1 * chance.standard_normal(3)) for n in range(9)}
        for voice, centre in centres.items()
    }
    bounds = Similarity(recorded).bounds("heart")
    assert bounds.nearest == "sarah"
    assert 1 > bounds.voice > bounds.recording > bounds.nearest_voice > 0.7
    assert bounds.nearest_recording < bounds.nearest_voice


def test_a_line_is_compared_with_other_sentences_and_with_its_own():
    recorded = {"heart": {"a": unit(np.array([1, 0])), "b": unit(np.array([0, 1]))}}
    line = EvaluationText(id="a", kind="recorded", text="Ah.", voice="heart")
    near = Similarity(recorded).score(unit(np.array([0, 1])), line)
    assert near == {"similarity": 1.0, "similarity_to_recording": 0.0}
    assert Similarity({}).score(unit(np.array([0, 1])), line) == {}


def unit(vector):
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def noise(samples):
    return np.random.default_rng(0).uniform(-0.5, 0.5, samples).astype(np.float32)

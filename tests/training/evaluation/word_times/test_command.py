import json

import numpy as np
import pytest
from tts.training.__main__ import app
from tts.training.data.manifest import Clip
from tts.training.evaluation.word_times.aligners import AlignedWord, aligners
from tts.training.evaluation.word_times.report import RATE, recorded, write_report
from tts.training.evaluation.word_times.table import matched, page, summarise
from typer.testing import CliRunner

from tts.audio import write_audio
from tts.delivery import Delivery
from tts.metrics import to_judge_audio
from tts.speech import TimedWord
from tts.text.frontend import prepare_utterances

PHONES = "ə kˈæt sˈæt ɪnðə sˈʌn."
WORDS = ["A", "cat", "sat", "in", "the", "sun"]
# of the phones above, stress marks and spaces but one last no time; then ends of both silences
FRAMES = [4, 3, 0, 5, 0, 6, 7, 9, 8, 0, 6, 5, 0, 3, 4, 2, 5, 0, 8, 0, 7, 6, 10, 6]
VOICES = ("heart", "michael")
STARTS = [4, 7, 34, 53, 60, 67]


@pytest.fixture
def clip(tmp_path):
    ends = tuple(int(end) for end in 256 * np.cumsum(FRAMES))
    write_audio(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, ends[-1]), RATE)
    return Clip(
        id="a",
        voice="heart",
        text="A cat sat in the sun.",
        audio=tmp_path / "a.wav",
        convention="misaki",
        phones=PHONES,
        ends=ends,
    )


@pytest.fixture
def corpus(clip, tmp_path):
    rows = [
        {"id": f"{voice}-{place}", "voice": voice, "text": clip.text, "audio": "a.wav"}
        | {"phones": clip.phones, "ends": clip.ends}
        for place, voice in enumerate(("heart", "michael", "michael"))
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "val.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def ours(text):
    """Words a second apart."""
    return [TimedWord(word, (0, 0), float(n), n + 0.5) for n, word in enumerate(text.split())]


def row(source, voice, offsets, *, words=None, aligner="ear"):
    """A line whose words begin so many milliseconds after they are heard."""
    pairs = [("word", 1 + offset / 1000, 1.0) for offset in offsets]
    known = {"words": words or len(offsets), "matched": pairs}
    return {"aligner": aligner, "source": source, "voice": voice, "id": "a", **known}


@pytest.mark.parametrize(
    ("said", "heard", "pairs"),
    [
        ("the cat sat", [" The", " cat", " sat."], [(0, 0), (1, 1), (2, 2)]),
        ("the cat sat", [" The", " bat", " sat."], [(0, 0), (2, 2)]),
        ("the cat sat", [" cat", " sat"], [(1, 0), (2, 1)]),
        ("the cat sat", [" So", " the", " cat", " sat"], [(0, 1), (1, 2), (2, 3)]),
        ("doctor Lee twenty-four", [" Dr.", " Lee", " 24"], [(0, 0), (1, 1), (2, 2)]),
        ("the cat sat", [], []),
    ],
)
def test_only_equal_words_are_matched_and_in_order(said, heard, pairs):
    words, times = ours(said), [AlignedWord(word, 10.0 + n) for n, word in enumerate(heard)]
    found = [(start, time) for _, start, time in matched(words, times)]
    assert found == [(float(a), 10.0 + b) for a, b in pairs]


def test_a_word_said_often_is_matched_where_its_neighbours_are():
    said = "the cat " * 150
    heard = [AlignedWord(word, float(n)) for n, word in enumerate(["so", *said.split()], -1)]
    found = matched(ours(said), heard)
    assert [(start, time) for _, start, time in found] == [(n, n) for n in range(300)]


def test_counts_of_the_matched_those_that_are_near_and_of_all_those_that_are_matched():
    told = [0, 40, -40, 41, 80, -81, 120, 121]
    everyone, heart = summarise([row("recordings", "heart", told, words=16)])
    assert (everyone["voice"], heart["voice"]) == ("all", "heart")
    assert {**everyone, "voice": "heart"} == heart
    assert (heart["words"], heart["matched"], heart["offset"]) == (16, 0.5, pytest.approx(40.5))
    assert heart["within"] == {"40": 3 / 8, "80": 5 / 8, "120": 7 / 8}


def test_an_aligner_that_is_always_late_is_forgiven_by_what_it_is_on_recordings():
    told = [
        row("recordings", "heart", [-150] * 3),
        row("recordings", "michael", [-150] * 3),
        row("speech", "heart", [-150, -100, 0, 50]),
        row("speech", "heart", [90], aligner="other"),
        row("recordings", "heart", [0], aligner="other"),
    ]
    found = {(one["aligner"], one["source"], one["voice"]): one for one in summarise(told)}
    speech = found["ear", "speech", "heart"]
    assert speech["within"] == {"40": 0.25, "80": 0.5, "120": 0.75}
    assert speech["within_unbiased"] == {"40": 0.25, "80": 0.5, "120": 0.5}
    other = found["other", "speech", "heart"]
    assert other["within"] == other["within_unbiased"] == {"40": 0, "80": 0, "120": 1}


def test_the_page_has_a_row_for_each_voice_and_for_all():
    rows = [row(s, v, [-12.5, 7.5]) for v in VOICES for s in ("speech", "recordings")]
    lines = page(summarise(rows)).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "| ear" in line]
    voices = ["all", *VOICES]
    assert [line[1:3] for line in cells] == [
        [s, v] for s in ("recordings", "speech") for v in voices
    ]
    assert cells[-1] == ["ear", "speech", "michael", "2", "100.0", "-2", *["100.0"] * 6]


def test_words_of_a_recording_begin_where_its_phones_do(clip):
    audio, words = recorded(clip)
    assert [word.text for word in words] == WORDS
    assert [word.start for word in words] == pytest.approx([256 * at / RATE for at in STARTS])
    assert len(audio) == clip.ends[-1]


def test_the_report_compares_what_is_spoken_and_what_was_recorded(
    corpus, clip, tiny_synthesizer, tmp_path
):
    starts, lengths = [word.start for word in recorded(clip)[1]], []

    def late(audio, said):
        lengths.append(len(audio))
        return [AlignedWord(w, at + 0.1) for w, at in zip(said, starts, strict=True)]

    table = write_report(tiny_synthesizer, {"ear": late}, corpus / "val.jsonl", tmp_path / "out")
    assert table == (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert len(results["lines"]) == len(lengths) == 6
    found = {(one["source"], one["voice"]): one for one in results["summary"]}
    assert set(found) == {(s, v) for s in ("speech", "recordings") for v in ("all", *VOICES)}
    for voice, words in zip(("all", *VOICES), (18, 6, 12), strict=True):
        one = found["recordings", voice]
        assert (one["words"], one["matched"]) == (words, 1)
        assert one["offset"] == pytest.approx(-100)
        assert (one["within"]["80"], one["within_unbiased"]["40"]) == (0, 1)
    # a recording is as long as its file, at the rate of the judges
    assert lengths.count(round(clip.ends[-1] * 2 / 3)) == 3


def test_an_aligner_must_be_named(tmp_path):
    with pytest.raises(ValueError, match=r"^no aligner; give --whisper FOLDER or --sphinx$"):
        aligners(None, 1, sphinx=False)
    paths = ["--corpus", str(tmp_path), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["word-times", *paths])
    assert isinstance(done.exception, ValueError)
    with pytest.raises(FileNotFoundError, match="no faster-whisper model in"):
        aligners(tmp_path, 1, sphinx=False)


def test_an_aligner_that_hears_nothing_is_no_result():
    with pytest.raises(ValueError, match="ear found no word of the recordings"):
        summarise([row("recordings", "heart", [], words=6)])


@pytest.fixture(scope="module")
def sphinx():
    pytest.importorskip("pocketsphinx")
    return aligners(None, 1, sphinx=True)["PocketSphinx"]


@pytest.fixture(scope="module")
def speech(synthesizer):
    return synthesizer.speak("The twenty-four crimes of Dr. Lee do not fall within the limits.")


def test_words_are_heard_when_they_are_spoken(sphinx, speech):
    said = [word.text for word in speech.words]
    heard = sphinx(to_judge_audio(speech.audio, speech.sample_rate), said)
    assert [word.text for word in heard] == said
    offsets = [ours.start - word.start for ours, word in zip(speech.words, heard, strict=True)]
    assert np.abs(offsets).max() < 0.12
    assert sphinx(to_judge_audio(speech.audio, speech.sample_rate), [*said, "gnarfled"]) == []


def test_a_sound_is_heard_alike_whatever_was_heard_before(synthesizer, speech):
    pytest.importorskip("pocketsphinx")
    cat = synthesizer.speak("A cat sat in the sun.")
    lines = [
        (to_judge_audio(one.audio, one.sample_rate), [word.text for word in one.words])
        for one in (speech, cat)
    ]
    first, second = (aligners(None, 1, sphinx=True)["PocketSphinx"] for _ in range(2))
    assert [first(*line) for line in lines] == [second(*line) for line in lines[::-1]][::-1]


def test_the_command_reports_on_shipped_voices(sphinx, synthesizer, tmp_path):
    text = "A cat sat in the sun."
    (line,) = prepare_utterances(text)
    ends = 256 * synthesizer.plan(line, Delivery()).durations.cumsum()
    synthesizer.speak(text).save(tmp_path / "a.wav")
    about = {"id": "a", "voice": "heart", "text": text, "audio": "a.wav"}
    clip = {**about, "phones": line.phonemes, "ends": ends.tolist()}
    (tmp_path / "val.jsonl").write_text(json.dumps(clip) + "\n", encoding="utf-8")
    paths = ["--corpus", str(tmp_path), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["word-times", *paths, "--sphinx"])
    assert done.exit_code == 0, done.output
    for row in json.loads((tmp_path / "out" / "results.json").read_text())["summary"]:
        assert (row["words"], row["matched"]) == (6, 1)
        assert row["within"]["120"] == 1

import hashlib
import html
import json
import tracemalloc
from dataclasses import asdict, replace

import av
import numpy as np
import pytest
import soundfile
import webvtt
from tts.app.batch.audio.format import OUTPUT_FORMATS, OutputFormat
from tts.app.batch.audio.loudness import measure_loudness
from tts.app.batch.file_names import safe_file_name
from tts.app.batch.item import BatchInput, BatchItem
from tts.app.batch.join import JoinConfig, join
from tts.app.batch.manifest import Manifest, file_sha256, sha256
from tts.app.batch.parts import part_files, shown, sound_of
from tts.app.batch.track import Track

from tts import Delivery
from tts.audio import pcm16
from tts.speech import Phone, Speech, TimedWord
from tts.synthetic_tag import synthetic_comment

RATE = 24_000
TEXTS = ("One day.", "Two more.", "Three <b>.", "Four &.", "Five at last.")
CHAPTERS = ("The start", "", "What? An end: maybe")
WAV = JoinConfig(form=OutputFormat(), name="All")


def speech_of(text, seconds=1.0, frequency=300.0):
    """A tone for each word, all as long."""
    time = np.arange(round(seconds * RATE)) / RATE
    words, place = [], 0
    each = seconds / len(text.split())
    for number, word in enumerate(text.split()):
        place = text.index(word, place)
        span = (place, place + len(word))
        words.append(TimedWord(word, span, number * each, (number + 1) * each))
    return Speech(
        audio=(0.2 * np.sin(2 * np.pi * frequency * time)).astype(np.float32),
        sample_rate=RATE,
        phones=tuple(Phone("a", word.start, word.end) for word in words),
        words=tuple(words),
        delivery=Delivery(),
    )


def item_of(number, text):
    return BatchItem(
        id=f"{number:03}",
        text=text,
        delivery=Delivery(),
        line=number,
        chapter=(number + 1) // 2,
        pause=0.5 if number % 2 else 1.0,
    )


def row_of(item, speech, folder):
    """A row of the manifest, whose part is in the folder."""
    files = part_files(speech, item.id)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    told = asdict(item)
    del told["delivery"]
    sums = {name: sha256(data) for name, data in files.items()}
    told["voice"] = speech.delivery.voice
    return told | {"samples": len(speech.audio), "files": sums, "key": item.text}


@pytest.fixture
def book(tmp_path):
    """Five items in three chapters, the third of which has one."""
    items = tuple(item_of(number, text) for number, text in enumerate(TEXTS, start=1))
    rows = {
        item.id: row_of(item, speech_of(item.text, 1 + item.line / 10, 200 * item.line), tmp_path)
        for item in items
    }
    return BatchInput(items=items, chapters=CHAPTERS, title="A book", author="Somebody"), rows


def joined(book, folder, wanted):
    return join(*book, folder, wanted, Manifest(folder, "files.jsonl"))


def contents(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "parts" not in path.parts
    }


def test_a_part_holds_the_samples_and_the_times(tmp_path):
    item, speech = item_of(1, "One day."), speech_of("One day.")
    row = row_of(item, speech, tmp_path)
    np.testing.assert_array_equal(pcm16(sound_of(row, tmp_path)), pcm16(speech.audio))
    times = Track.of([row], tmp_path).times()
    assert times.words == list(speech.words)
    assert times.phones == list(speech.phones)
    assert times.text == item.text


def test_parts_follow_one_another_after_their_pauses(book, tmp_path):
    listing, rows = book
    assert joined(book, tmp_path, WAV) == ["All.wav"]
    samples, rate = soundfile.read(tmp_path / "All.wav", dtype="int16")
    parts = [pcm16(sound_of(row, tmp_path)) for row in rows.values()]
    wanted = [parts[0]]
    for item, part in zip(listing.items, parts[1:], strict=False):
        wanted += [np.zeros(round(item.pause * RATE), np.int16), part]
    np.testing.assert_array_equal(samples, np.concatenate(wanted))
    assert rate == RATE


def test_words_are_where_they_are_heard(book, tmp_path):
    _, rows = book
    times = Track.of(rows.values(), tmp_path).times()
    assert times.text == "\n\n".join(TEXTS)
    assert [times.text[slice(*word.span)] for word in times.words] == " ".join(TEXTS).split()
    starts = [word.start for word in times.words if word.text in ("One", "Two", "Three", "Four")]
    assert starts == pytest.approx([0, 1.1 + 0.5, 1.6 + 1.2 + 1, 3.8 + 1.3 + 0.5])
    assert [phone.start for phone in times.phones] == [word.start for word in times.words]


def test_a_book_in_ssml_can_be_read_on_a_screen(tmp_path):
    text = '<speak>Stop <break time="1s"/>now</speak>'
    item = item_of(1, text)
    rows = [row_of(replace(item, id=id), speech_of(text), tmp_path) for id in ("a", "b")]
    for row in rows:
        part = tmp_path / f"parts/{row['id']}.json"
        told = {"words": [["stop", 7, 11, 0, 0.5], ["now", 30, 33, 0.5, 1]], "phones": []}
        part.write_text(json.dumps(told), "utf-8")
    times = Track.of(rows, tmp_path).times()
    assert len(times.text) == 2 * len(text) + 2 == 2 * len(shown(text)) + 2
    assert [line for cue in times.cues() for line in cue.lines] == ["Stop now", "Stop now"]


def test_the_chapters_of_a_book_begin_where_they_are_heard(book, tmp_path):
    assert joined(book, tmp_path, JoinConfig(form=OutputFormat(format="m4b"))) == ["A book.m4b"]
    with av.open(str(tmp_path / "A book.m4b")) as container:
        told, length = container.chapters(), container.duration / 1e6
        assert container.metadata["title"] == "A book"
        assert container.metadata["artist"] == "Somebody"
    assert [mark["metadata"]["title"] for mark in told] == [CHAPTERS[0], "Chapter 2", CHAPTERS[2]]
    starts = [float(mark["start"] * mark["time_base"]) for mark in told]
    ends = [float(mark["end"] * mark["time_base"]) for mark in told]
    assert starts == pytest.approx([0, 3.8, 8], abs=0.001)
    assert ends == pytest.approx([*starts[1:], 9.5], abs=0.001)
    assert length == pytest.approx(9.5, abs=0.001)


def test_chapters_are_files_with_subtitles_beside_them(book, tmp_path):
    wanted = JoinConfig(
        form=OutputFormat(format="mp3"), chapters=True, book=False, subtitles=("vtt", "textgrid")
    )
    assert joined(book, tmp_path, wanted) == [
        "chapters/01 The start.mp3",
        "chapters/01 The start.vtt",
        "chapters/01 The start.TextGrid",
        "chapters/02.mp3",
        "chapters/02.vtt",
        "chapters/02.TextGrid",
        "chapters/03 What An end maybe.mp3",
        "chapters/03 What An end maybe.vtt",
        "chapters/03 What An end maybe.TextGrid",
    ]
    second = webvtt.read(str(tmp_path / "chapters/02.vtt"))
    assert [html.unescape(cue.text) for cue in second] == ["Three <b>.", "Four &."]
    assert second[1].start == "00:00:01.800"
    with av.open(str(tmp_path / "chapters/02.mp3")) as container:
        assert container.metadata["title"] == "Chapter 2"
        assert container.metadata["album"] == "A book"
        assert container.metadata["track"] == "2/3"
        assert not container.chapters()


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_a_joined_file_names_its_voices_in_order(book, tmp_path, name):
    _, rows = book
    for row, voice in zip(rows.values(), ["michael", "heart", "michael", "a+b", "c"], strict=True):
        row["voice"] = voice
    list(rows.values())[-1]["error"] = "it failed"
    (made,) = joined(book, tmp_path, JoinConfig(form=OutputFormat(format=name)))
    with av.open(str(tmp_path / made)) as container:
        told = container.metadata | container.streams.audio[0].metadata
    assert told["comment"] == synthetic_comment("michael", "heart", "a+b")
    assert "voices michael, heart, a+b, one-step-tts" in told["comment"]
    assert (told["title"], told["artist"]) == ("A book", "Somebody")


def test_what_could_not_be_said_is_left_out_and_counted(book, tmp_path):
    listing, rows = book
    failed = {"id": "002", "line": 2, "text": "Two more.", "error": "no words"}
    joined((listing, rows | {"002": failed}), tmp_path, replace(WAV, chapters=True))
    told = Manifest(tmp_path, "files.jsonl").rows
    assert (told["All.wav"]["items"], told["All.wav"]["missing"]) == (4, 1)
    assert told["chapters/01 The start.wav"]["missing"] == 1
    assert told["All.wav"]["seconds"] == pytest.approx(1.1 + 0.5 + 1.3 + 0.5 + 1.4 + 1.0 + 1.5)
    nothing = {id: {**failed, "id": id} for id in rows}
    assert joined((listing, nothing), tmp_path, WAV) == []


def test_of_a_film_each_is_heard_in_its_slot_and_never_two_at_once(tmp_path):
    slots = ((2.0, 2.5), (2.6, 4.0), (10.0, 11.0))
    items = [
        replace(item_of(number, "Hey."), slot=slot, chapter=1)
        for number, slot in enumerate(slots, start=1)
    ]
    rows = {item.id: row_of(item, speech_of("Hey."), tmp_path) for item in items}
    joined((BatchInput(items=tuple(items)), rows), tmp_path, WAV)
    samples, _ = soundfile.read(tmp_path / "All.wav")
    loud = np.abs(samples).reshape(-1, RATE // 100).max(axis=1) > 0.1
    assert list(np.flatnonzero(loud[:1000])) == list(range(200, 400))
    assert loud[1000:].all()
    assert len(loud) == 1100
    assert Manifest(tmp_path, "files.jsonl").rows["All.wav"]["late"] == {"002": 0.4}


def test_one_gain_is_for_the_whole(tmp_path):
    items = [item_of(1, "Loud."), item_of(2, "Low.")]
    loud, low = speech_of("Loud.", 3), speech_of("Low.", 3)
    low = replace(low, audio=low.audio / 4)
    both = zip(items, (loud, low), strict=True)
    rows = {item.id: row_of(item, speech, tmp_path) for item, speech in both}
    wanted = replace(WAV, form=OutputFormat(loudness=-23, sample_rate=16_000))
    joined((BatchInput(items=tuple(items)), rows), tmp_path, wanted)
    samples, rate = soundfile.read(tmp_path / "All.wav", dtype="float32")
    assert rate == 16_000
    assert measure_loudness([samples], rate).loudness == pytest.approx(-23, abs=0.1)
    first, last = samples[: 3 * rate], samples[-3 * rate :]
    assert np.abs(first).max() / np.abs(last).max() == pytest.approx(4, rel=0.01)


ALL = JoinConfig(
    form=OutputFormat(format="m4b", loudness=-20), chapters=True, subtitles=("srt", "json")
)


def test_the_same_is_joined_once_and_to_the_same_bytes(book, tmp_path):
    names = joined(book, tmp_path, ALL)
    made = contents(tmp_path)
    assert set(names) | {"files.jsonl"} == set(made)
    written = (tmp_path / names[0]).stat().st_mtime_ns
    assert joined(book, tmp_path, ALL) == names
    assert (tmp_path / names[0]).stat().st_mtime_ns == written
    for name in made:
        (tmp_path / name).unlink()
    joined(book, tmp_path, ALL)
    assert contents(tmp_path) == made


@pytest.mark.parametrize("left", range(4))
def test_a_run_that_was_killed_ends_as_if_it_had_not_been(left, book, tmp_path):
    joined(book, tmp_path, ALL)
    whole = contents(tmp_path)
    files = tmp_path / "files.jsonl"
    lines = files.read_bytes().splitlines(keepends=True)
    files.write_bytes(b"".join(lines[:left]) + lines[left][:20])
    torn = tmp_path / json.loads(lines[left])["id"]
    torn.write_bytes(torn.read_bytes()[:100])
    joined(book, tmp_path, ALL)
    assert contents(tmp_path) == whole


def another_pause(listing, rows):
    return listing, rows | {"001": {**rows["001"], "pause": 0.7}}


def another_sound(listing, rows):
    sums = {**rows["001"]["files"], "parts/001.flac": "another"}
    return listing, rows | {"001": {**rows["001"], "files": sums}}


def another_title(listing, rows):
    return replace(listing, chapters=("Begin", *CHAPTERS[1:])), rows


def another_author(listing, rows):
    return replace(listing, author="Nobody"), rows


@pytest.mark.parametrize("change", [another_pause, another_sound, another_title, another_author])
def test_what_has_changed_is_joined_again(change, book, tmp_path):
    joined(book, tmp_path, WAV)
    before = Manifest(tmp_path, "files.jsonl").rows["All.wav"]["key"]
    joined(change(*book), tmp_path, WAV)
    assert Manifest(tmp_path, "files.jsonl").rows["All.wav"]["key"] != before


def test_another_form_is_another_file(book, tmp_path):
    joined(book, tmp_path, WAV)
    before = file_sha256(tmp_path / "All.wav")
    joined(book, tmp_path, replace(WAV, form=OutputFormat(volume=-6)))
    assert file_sha256(tmp_path / "All.wav") != before


def test_a_part_that_is_not_what_its_row_says_is_refused(book, tmp_path):
    listing, rows = book
    wrong = rows | {"003": {**rows["003"], "samples": 5}}
    with pytest.raises(
        ValueError, match=r"cannot use .*003.flac: expected 5 samples, got 31200; delete"
    ):
        joined((listing, wrong), tmp_path, WAV)
    assert not (tmp_path / "All.wav").exists()


def test_a_book_of_many_parts_takes_no_more_memory(book, tmp_path):
    _, rows = book

    def peak(times):
        track = Track.of(list(rows.values()) * times, tmp_path)
        tracemalloc.start()
        assert sum(len(piece) for piece in track.sound()) == round(track.seconds * RATE)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < peak(4) + 200_000


def test_a_silence_of_an_hour_comes_in_pieces(tmp_path):
    item = replace(item_of(1, "Hey."), slot=(3600.0, 3601.0))
    track = Track.of([row_of(item, speech_of("Hey."), tmp_path)], tmp_path)
    assert max(len(piece) for piece in track.sound()) <= 10 * RATE
    assert sum(len(piece) for piece in track.sound()) == 3601 * RATE


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What? An end: maybe", "What An end maybe"),
        ("../../etc/passwd", "etc passwd"),
        ("  a\tb\n c. ", "a b c"),
        ("CON", "CON_"),
        ("nul.txt", "nul_.txt"),
        ("...", ""),
        ("é" * 100, "é" * 80),
        ("e\u0301", "é"),
        ("\N{GRINNING FACE}" * 100, "\N{GRINNING FACE}" * 50),
        ("half \ud83d", "half"),
        ("x" * 79 + " yz", "x" * 79),
    ],
)
def test_a_title_is_a_safe_name(title, name):
    assert safe_file_name(title) == name


def test_subtitles_nobody_knows_are_refused():
    with pytest.raises(ValueError, match="subtitles must be one of srt, vtt, json, textgrid"):
        JoinConfig(form=OutputFormat(), subtitles=("sub",))


def test_parts_are_joined_in_the_order_of_the_list_whatever_they_are_called(book, tmp_path):
    listing, rows = book
    turned = replace(listing, items=tuple(reversed(listing.items)), chapters=CHAPTERS)
    joined((turned, rows), tmp_path, WAV)
    samples, _ = soundfile.read(tmp_path / "All.wav", dtype="int16")
    first, last = (pcm16(sound_of(rows[item.id], tmp_path)) for item in turned.items[::4])
    np.testing.assert_array_equal(samples[: len(first)], first)
    np.testing.assert_array_equal(samples[-len(last) :], last)

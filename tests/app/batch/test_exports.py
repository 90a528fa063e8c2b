"""What is written for other libraries has the fields that each of them asks for."""

import json
from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile
from tts.app.batch.audio.encode import encode_audio
from tts.app.batch.audio.format import ITEM_FORMATS, OutputFormat
from tts.app.batch.exports import write_manifests

from tts.captions.formats import TimedText, format_json
from tts.delivery import Delivery

TEXT = "Wait. [pause:500ms]\n I [pitch:+4]really[/pitch] met [Anais](/ænəˈiːs/) \ud800."
SHOWN = "Wait. I really met Anais ?."
RATE = 22_050
SAMPLES = 36_347


def row_of(id, **own):
    """As the manifest has it."""
    quality = {"characters_per_second": 14, "loudness": -23.5, "distillmos": None, "wer": None}
    return {
        "id": id,
        "line": 1,
        "take": 1,
        "text": TEXT,
        "spoken": "wait i really met anais",
        "voice": "heart",
        "pace": 1,
        "seed": 2**63 - 1,
        "audio": f"audio/{id}.wav",
        "sample_rate": RATE,
        "seconds": 99.0,
        "quality": quality | own.pop("quality", {}),
        "files": {f"audio/{id}.wav": ""},
        **own,
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "audio").mkdir()
    return tmp_path


def filled(folder, rows):
    """A folder with a file for each row that has one."""
    for number, row in enumerate(rows):
        if row.get("audio"):
            soundfile.write(folder / row["audio"], np.zeros(SAMPLES + number), RATE)
    return write_manifests(folder, rows)


def lines(folder, name):
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


ROWS = ("one", "test 2 #ü")


@pytest.fixture
def told(folder):
    """What each manifest has of two items; a third failed, and a fourth is but part of a whole."""
    rows = [row_of(id) for id in ROWS]
    rows[1] |= {"voice": "michael", "pace": 1.25}
    rows[1]["quality"] |= {"distillmos": 4.1, "loudness": None, "characters_per_second": 13.5}
    bad = {"id": "bad", "line": 3, "text": "", "error": "expected words"}
    names = filled(folder, [*rows, bad, row_of("part", audio=None)])
    return {name: lines(folder, name) for name in names}


def test_hugging_face_finds_files_and_columns_of_one_type(told, folder):
    rows = told["metadata.jsonl"]
    assert [row["id"] for row in rows] == list(ROWS)
    for row in rows:
        path = PurePosixPath(row["file_name"])
        assert (folder / path).is_file()
        assert not path.is_absolute()
        assert not {"..", "\\", "://"} & set(path.parts)
    for name in rows[0].keys() | rows[1].keys():
        kinds = {type(row.get(name)) for row in rows} - {type(None)}
        assert len(kinds) == 1, f"{name} has the types {kinds}"
    assert "wer" not in rows[0], "a column of nothing has no type"
    assert (rows[0]["distillmos"], rows[1]["distillmos"]) == (None, 4.1)


def test_nemo_finds_files_durations_and_texts(told, folder):
    assert (folder / "nemo.jsonl").read_bytes().isascii(), "it asks for no encoding"
    for row in told["nemo.jsonl"]:
        assert (folder / row["audio_filepath"]).is_file()
        assert len(row["audio_filepath"]) < 255, "beyond, it is taken for no path of the folder"
        assert row["duration"] > 0
        assert type(row["duration"]) is float
        assert type(row["speaker"]) is str
        assert row["text"] == SHOWN
        assert row["normalized_text"] == "wait i really met anais"


def test_lhotse_finds_recordings_and_what_supervises_them(told, folder):
    recordings, supervisions = told["recordings.jsonl"], told["supervisions.jsonl"]
    for recording, supervision in zip(recordings, supervisions, strict=True):
        (source,) = recording["sources"]
        assert source.keys() == {"type", "channels", "source"}
        assert (source["type"], source["channels"]) == ("file", recording["channel_ids"])
        assert (folder / source["source"]).is_file()
        needed = {"id", "sources", "sampling_rate", "num_samples", "duration"}
        assert recording.keys() == {*needed, "channel_ids"}
        assert recording["id"] == supervision["recording_id"]
        assert supervision["channel"] in recording["channel_ids"]
        assert supervision["start"] == 0
        assert supervision["duration"] == recording["duration"]
        assert supervision["text"] == SHOWN
        assert supervision["custom"]["normalized_text"] == "wait i really met anais"
        assert None not in supervision["custom"].values()
    assert [one["speaker"] for one in supervisions] == ["heart", "michael"]
    assert "alignment" not in supervisions[0], "nobody asked for times"


@pytest.mark.parametrize("format", ITEM_FORMATS)
def test_a_duration_is_that_of_the_file(folder, format):
    sound = np.sin(np.arange(SAMPLES) * 0.05).astype(np.float32) / 9
    path = folder / f"audio/one.{format}"
    path.write_bytes(encode_audio(sound, RATE, OutputFormat(format=format, sample_rate=16_000)))
    write_manifests(folder, [row_of("one", audio=f"audio/one.{format}")])
    (recording,), (row,) = lines(folder, "recordings.jsonl"), lines(folder, "nemo.jsonl")
    samples = len(soundfile.read(path)[0])
    assert samples == pytest.approx(SAMPLES * 16_000 / RATE, abs=2)
    assert (recording["num_samples"], recording["sampling_rate"]) == (samples, 16_000)
    assert row["duration"] == recording["duration"] == samples / 16_000


def test_how_it_was_spoken_is_told(told):
    custom = [row["custom"] for row in told["supervisions.jsonl"]]
    for rows in (told["metadata.jsonl"], told["nemo.jsonl"], custom):
        assert [row["pace"] for row in rows] == [1.0, 1.25]
        assert [row["take"] for row in rows] == [1, 1]
        assert [row["seed"] for row in rows] == [2**63 - 1] * 2
        assert [row.get("loudness") for row in rows] == [-23.5, None]


def test_words_and_phones_have_the_times_they_are_heard(folder, tiny_synthesizer):
    speech = tiny_synthesizer.speak("It was cold. Was it?", Delivery())
    times = TimedText("It was cold. Was it?")
    times.add(speech)
    (folder / "audio/one.json").write_text(format_json(times), encoding="utf-8")
    filled(folder, [row_of("one", files={"audio/one.json": ""})])
    (told,) = lines(folder, "supervisions.jsonl")
    words, phones = told["alignment"]["word"], told["alignment"]["phone"]
    assert [symbol for symbol, _, _ in words] == ["It", "was", "cold", "Was", "it"]
    for (_, start, length), word in zip(words, speech.words, strict=True):
        assert (start, start + length) == pytest.approx((word.start, word.end), abs=2e-6)
    assert [one for one, _, _ in phones] == [p.symbol for p in speech.phones if p.symbol.strip()]


def test_the_same_rows_are_the_same_bytes(folder):
    names = filled(folder, [row_of("one"), row_of("two")])
    before = [(folder / name).read_bytes() for name in names]
    assert filled(folder, [row_of("one"), row_of("two")]) == names
    assert [(folder / name).read_bytes() for name in names] == before
    assert not list(folder.glob("*.partial"))

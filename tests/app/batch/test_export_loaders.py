"""The libraries themselves load what is written for them, from a folder that was moved."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tts.app.batch.audio.encode import encode_audio
from tts.app.batch.audio.format import ITEM_FORMATS, OutputFormat
from tts.app.batch.exports import write_manifests

from tests.app.batch.test_exports import ROWS, SHOWN, row_of

pytestmark = [
    pytest.mark.slow,
    # of foreign libraries, each of which warns of others
    pytest.mark.filterwarnings("ignore"),
]
RATE = 24_000
LENGTHS = (36_001, 41_234)
SPOKEN = "wait i really met anais"
WORDS = [{"text": "wait", "start": 0.1, "end": 0.4}, {"text": "i", "start": 0.5, "end": 0.6}]
PHONES = [{"symbol": " ", "start": 0.0, "end": 0.1}, {"symbol": "w", "start": 0.1, "end": 0.2}]


@pytest.fixture(params=ITEM_FORMATS)
def folder(request, tmp_path):
    """Two items, and all else that a run leaves in its folder."""
    made, form = tmp_path / "made", OutputFormat(format=request.param)
    for name in ("audio", "parts", "chapters"):
        (made / name).mkdir(parents=True)
    rows = []
    for id, length in zip(ROWS, LENGTHS, strict=True):
        sound = (np.sin(np.arange(length) * 0.05) / 9).astype(np.float32)
        told = dict.fromkeys((f"audio/{id}.{form.format}", f"audio/{id}.json"), "")
        rows.append(row_of(id, audio=next(iter(told)), files=told, sample_rate=RATE))
        (made / rows[-1]["audio"]).write_bytes(encode_audio(sound, RATE, form))
        (made / f"audio/{id}.json").write_text(json.dumps({"words": WORDS, "phones": PHONES}))
        soundfile.write(made / f"parts/{id}.flac", sound, RATE)
    soundfile.write(made / "chapters/01 The test.mp3", sound, RATE)
    for name in ("report.html", "report.csv", "manifest.jsonl", "files.jsonl"):
        (made / name).write_text("{}\n")
    write_manifests(made, rows)
    return made.rename(tmp_path / "moved")


def decoded(path):
    audio, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    return audio


def check_cut(cut, length):
    """A cut of Lhotse has the samples of its file."""
    audio, path = cut.load_audio(), cut.recording.sources[0].source
    assert audio.shape == (1, length)
    if path.endswith(".opus"):
        return  # Lhotse plays the 6.5 ms of a codec's start that are to be skipped
    np.testing.assert_allclose(audio[0], decoded(path), atol=1e-4)


def test_hugging_face_loads_it(folder, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    pytest.importorskip("torchcodec", reason="datasets[audio] brings it")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    data = {"data_files": str(folder / "metadata.jsonl"), "cache_dir": str(tmp_path / "cache")}
    for streaming in (False, True):
        loaded = datasets.load_dataset("audiofolder", **data, streaming=streaming)
        assert list(loaded) == ["train"]
        kept = loaded["train"].cast_column("audio", datasets.Audio(decode=False))
        rows = list(kept)
        assert [row["id"] for row in rows] == list(ROWS)
        assert [len(decoded(row["audio"]["path"])) for row in rows] == list(LENGTHS)
        for row, length in zip(rows, LENGTHS, strict=True):
            assert Path(row["audio"]["path"]).parent == folder / "audio"
            assert (row["text"], row["normalized_text"]) == (SHOWN, SPOKEN)
            assert (row["duration"], row["sampling_rate"]) == (length / RATE, RATE)
            assert (row["speaker"], row["pace"], row["seed"]) == ("heart", 1.0, 2**63 - 1)


def test_lhotse_loads_it(folder):
    lhotse = pytest.importorskip("lhotse")
    recordings = lhotse.RecordingSet.from_file(folder / "recordings.jsonl")
    recordings = recordings.with_path_prefix(folder)
    supervisions = lhotse.SupervisionSet.from_file(folder / "supervisions.jsonl")
    lhotse.validate_recordings_and_supervisions(recordings, supervisions, read_data=True)
    cuts = list(lhotse.CutSet.from_manifests(recordings=recordings, supervisions=supervisions))
    assert [cut.recording_id for cut in cuts] == list(ROWS)
    for cut, length in zip(cuts, LENGTHS, strict=True):
        lhotse.validate(cut, read_data=True)
        (told,) = cut.supervisions
        assert (told.text, told.normalized_text, told.speaker) == (SHOWN, SPOKEN, "heart")
        assert [(one.symbol, one.start, one.end) for one in told.alignment["word"]] == [
            ("wait", 0.1, 0.4),
            ("i", 0.5, 0.6),
        ]
        assert [one.symbol for one in told.alignment["phone"]] == ["w"]
        check_cut(cut, length)


def test_nemo_loads_it(folder):
    text = pytest.importorskip("nemo.collections.asr.data.audio_to_text")
    from nemo.collections.common.data.lhotse.nemo_adapters import LazyNeMoIterator
    from nemo.collections.common.parts.preprocessing.manifest import item_iter

    manifest = str(folder / "nemo.jsonl")
    items = list(item_iter(manifest))
    assert [Path(item["audio_file"]).parent for item in items] == [folder / "audio"] * 2
    assert [item["duration"] for item in items] == [length / RATE for length in LENGTHS]
    assert {(item["text"], item["speaker"]) for item in items} == {(SHOWN, "heart")}

    labels = [" ", *sorted({*SHOWN.lower()} - {" "})]
    heard = text.AudioToCharDataset(manifest, labels=labels, sample_rate=RATE, parser="en")
    assert len(heard) == 2
    assert sorted(int(heard[place][1]) for place in range(2)) == list(LENGTHS)
    assert all(int(heard[place][3]) > len(SPOKEN) / 2 for place in range(2))

    for cut, length in zip(LazyNeMoIterator(manifest), LENGTHS, strict=True):
        check_cut(cut, length)
        assert cut.custom["normalized_text"] == SPOKEN

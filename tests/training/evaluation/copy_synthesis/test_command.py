import json
import warnings

import numpy as np
import pytest
import soundfile
from PIL import Image
from tts.training.__main__ import app
from tts.training.data.recordings import read_recordings, spread
from tts.training.evaluation.copy_synthesis.report import Copying, CopyJudge, write_report
from tts.training.evaluation.copy_synthesis.systems import CopySystem, systems
from tts.training.evaluation.copy_synthesis.table import page, summarise
from typer.testing import CliRunner

from tts.config import MelConfig
from tts.metrics import Metrics
from tts.torch_checkpoint import save_checkpoint

RATE = MelConfig().sample_rate


@pytest.fixture
def corpus(tmp_path):
    """Four clips of two voices and one of silence in `val`; one held out and one not in `other`."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    val = [clip(folder, f"v{n}", ("heart", "michael")[n % 2], 150 + 10 * n) for n in range(4)]
    val += [clip(folder, "silent", "michael", None)]
    write_manifest(folder / "val.jsonl", val)
    other = [clip(folder, f"o{n}", "kathleen", 200) for n in range(2)]
    splits = [row | {"split": split} for row, split in zip(other, ("train", "val"), strict=True)]
    write_manifest(folder / "other.jsonl", splits)
    return folder


@pytest.fixture
def copying(corpus, tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    vocoder = tmp_path / "vocoder.safetensors"
    return Copying(corpus=corpus, vocoder=vocoder, sets=("val", "other"), mos=False, limit=2)


def test_reads_held_out_clips_voice_by_voice_and_asks_for_no_phones(corpus):
    assert [original.voice for original in read_recordings(corpus, "val")] == (
        ["heart"] * 2 + ["michael"] * 3
    )
    assert [original.id for original in read_recordings(corpus, "other")] == ["o1"]


def test_refuses_a_set_with_nothing_in_it(corpus):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*nobody.jsonl; check the corpus"):
        read_recordings(corpus, "nobody")
    write_manifest(
        corpus / "empty.jsonl",
        [{"id": "a", "voice": "b", "text": "c", "audio": "d", "split": "train"}],
    )
    with pytest.raises(ValueError, match=r"no clips of split 'val' in .*empty.jsonl"):
        read_recordings(corpus, "empty")


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [
        (None, [*range(10)]),
        (0, []),
        (1, [5]),
        (2, [2, 7]),
        (5, [1, 3, 5, 7, 9]),
        (12, [*range(10)]),
    ],
)
def test_a_limit_spreads_over_all_there_is(limit, chosen):
    assert spread(range(10), limit) == chosen


def test_a_recording_is_levelled_whole_frames_and_silence_stays_silence(corpus):
    heard = {clip.id: clip.load_audio(MelConfig()) for clip in read_recordings(corpus, "val")}
    assert {len(audio) for audio in heard.values()} == {2 * RATE // 256 * 256}
    assert np.sqrt(np.square(heard["v0"]).mean()) == pytest.approx(0.07, rel=0.01)
    assert not heard["silent"].any()


def test_copies_are_as_long_as_the_recording_and_always_the_same(corpus, tiny_vocoder):
    recording = read_recordings(corpus, "val")[0].load_audio(MelConfig())
    known = systems(tiny_vocoder, baselines=True)
    assert [system.name for system in known] == ["vocoder", "Griffin-Lim", "recordings"]
    for system in known:
        copy = system.render(recording)
        assert copy.shape == recording.shape
        np.testing.assert_array_equal(copy, system.render(recording))
    np.testing.assert_array_equal(known[2].render(recording), recording)
    assert len(systems(tiny_vocoder, baselines=False)) == 1


def test_a_stopped_evaluation_goes_on_and_judges_nothing_twice(copying, tmp_path, monkeypatch):
    compared = []

    def compare(recording, copy):
        if len(compared) == 3:
            compared.append("stop")
            raise KeyboardInterrupt
        compared.append("clip")
        return {"mel_distance": 0.5}

    monkeypatch.setattr("tts.training.evaluation.copy_synthesis.report.compare", compare)
    with pytest.raises(KeyboardInterrupt):
        write_report(copying, tmp_path / "out")
    for _ in range(2):
        table = write_report(copying, tmp_path / "out")
    # three clips by two systems that copy
    assert compared.count("clip") == 6
    assert table == (tmp_path / "out" / "table.md").read_text()
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["clips"]
    assert len(rows) == 9
    assert all(("mel_distance" in row) == (row["system"] != "recordings") for row in rows)


def test_the_command_judges_draws_and_keeps_without_a_warning(copying, tmp_path):
    flags = ["--sets", "val,other", "--limit", "4", "--no-mos", "--keep-audio", "--pictures", "1"]
    paths = {"corpus": copying.corpus, "vocoder": copying.vocoder, "out": tmp_path / "out"}
    named = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        done = CliRunner().invoke(app, ["copy-synthesis", *named, *flags])
    assert done.exit_code == 0, done.output
    tables = [line for line in done.output.splitlines() if line.startswith(("##", "| vocoder"))]
    names = [line.removeprefix("| ").split(" | ")[:3] for line in tables]
    assert [[part.strip() for part in name] for name in names] == [
        ["## val"],
        ["vocoder", "all", "4"],
        ["vocoder", "heart", "2"],
        ["vocoder", "michael", "2"],
        ["## other"],
        ["vocoder", "kathleen", "1"],
    ]
    assert "nan" not in done.output
    assert "WER needs `--whisper FOLDER`" in done.output
    assert len(list((tmp_path / "out" / "audio").rglob("*.wav"))) == 15
    pictures = list((tmp_path / "out" / "pictures").rglob("*.png"))
    assert {path.parent.parent.name for path in pictures} == {"val", "other"}
    with Image.open(pictures[0]) as picture:
        assert picture.height > 2 * 513
    without = CliRunner().invoke(app, ["copy-synthesis", *named, "--sets", "val", "--no-mos"])
    assert isinstance(without.exception, ValueError)
    assert "another folder" in str(without.exception)


def test_copies_are_heard_by_whoever_judges_and_recordings_compared_with_nothing(corpus):
    pytest.importorskip("jiwer")
    judges = Metrics(
        transcribe=lambda audio: "Oh.", mos_predictors={"distillmos": lambda audio: 4.0}
    )
    hearing = CopyJudge(judges=judges, config=MelConfig())
    silent, clip = (read_recordings(corpus, "val")[place] for place in (-1, 0))
    row = hearing.examine(CopySystem("recordings"), clip)
    assert (row["id"], row["word_errors"], row["distillmos"]) == ("v0", 1, 4.0)
    assert "mel_distance" not in row
    row = hearing.examine(CopySystem("recordings again", lambda audio: audio), silent)
    assert (row["heard"], row["mel_distance"], "distillmos" in row) == ("", 0, False)


def test_the_page_says_what_is_left_out(copying):
    results = {"summary": [], "subject": copying.subject}
    lines = page(results).splitlines()
    assert any(line.startswith("WER needs `--whisper FOLDER`") for line in lines)
    assert any(line.startswith("DistillMOS and DNSMOS were not measured") for line in lines)


def test_rates_are_of_sums_and_means_of_clips_that_have_the_figure():
    rows = [
        judged("a", frames=100, voicing_errors=10, words=1, word_errors=1),
        judged("b", frames=300, voicing_errors=0, words=9, word_errors=0, pitch_error=20.0),
    ]
    (row,) = summarise(rows)
    assert row["voicing_errors"]["value"] == pytest.approx(0.025)
    assert row["word_errors"]["value"] == pytest.approx(0.1)
    assert row["pitch_error"]["value"] == 20
    assert (row["voice"], row["clips"], "pesq" in row) == ("heart", 2, False)


def judged(id, **figures):
    return {"set": "val", "system": "vocoder", "voice": "heart", "id": id, **figures}


def clip(folder, id, voice, hertz):
    """Two seconds of a tone with harmonics that glides up a third; without a pitch, silence."""
    times = np.arange(2 * RATE) / RATE
    phase = np.cumsum((hertz or 0) * 2 ** (times / 6)) / RATE * 2 * np.pi
    sound = sum(np.sin(k * phase) / k for k in range(1, 12))
    soundfile.write(folder / f"{id}.wav", 0.1 * sound, RATE)
    return {"id": id, "voice": voice, "audio": f"{id}.wav", "text": "Ah.", "seconds": 2.0}


def write_manifest(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

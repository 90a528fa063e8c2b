"""Batches with learned voices: named by options and rows, part of the keys, the same anywhere."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.inputs.read import InputOptions, read_input
from tts.app.batch.progress import ProgressReporter
from tts.app.batch.run import BatchJob, run
from tts.app.batch.worker import JobConfig, run_workers
from tts.app.voices import name_cast

from tests.conftest import TINY, awake
from tests.tts.voices import card_for, voice_file
from tts.cli.main import main
from tts.delivery import Delivery
from tts.torch_checkpoint import save_checkpoint
from tts.voice_files import write_voice

NAMES = ("anna", "bea")
LINES = [
    {"id": "first", "text": "One.", "voice": "anna"},
    {"id": "second", "text": "Two.", "voice": "more/bea.voice"},
    {"id": "third", "text": "Three.", "voice": "anna(2)+heart(1)"},
    {"id": "fourth", "text": "Four.", "voice": "heart"},
    {"id": "fifth", "text": "Five."},
]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    import torch

    from tts.acoustic.model import AcousticModel
    from tts.config import VocoderConfig
    from tts.vocoder.model import Vocoder

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    acoustic, vocoder = folder / "acoustic.safetensors", folder / "vocoder.safetensors"
    save_checkpoint(awake(AcousticModel(TINY)).eval(), acoustic, {"family": "tiny"})
    save_checkpoint(
        Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=2)).eval(), vocoder, {}
    )
    return acoustic, vocoder


@pytest.fixture
def write(models, tmp_path):
    """Writes a voice file into the folder of the list."""

    def write(path, seed=0, **entries):
        path = tmp_path / path
        path.parent.mkdir(exist_ok=True)
        name = entries.pop("name", path.stem)
        write_voice(voice_file(TINY, seed, card=card_for(*models, name, **entries)), path)
        return path

    return write


@pytest.fixture
def job(models, write, tmp_path):
    """A list in learned voices, one of an option, one of a row, and in those of the model."""

    def job(lines=LINES, out="out", voice="heart"):
        source = tmp_path / "list.jsonl"
        source.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        config = JobConfig(
            acoustic=models[0],
            vocoder=str(models[1]),
            voices=(tmp_path / "anna.voice",),
            voice_dir=tmp_path / "none",
            rolls=0,
            form=OutputFormat(format="wav"),
        )
        reader = InputOptions(
            delivery=Delivery(voice=voice),
            voices=TINY.voices,
            learned=config.learned_voices(),
            models=config.models(),
        )
        return BatchJob(source=source, out=tmp_path / out, reader=reader, config=config)

    (tmp_path / "none").mkdir()
    write("anna.voice", 0)
    write("more/bea.voice", 1)
    return job


def made(job, workers=1):
    """The ids that a run makes, and its summary."""
    ids = []

    def crew(config, batches):
        for result in run_workers(config, batches, workers):
            ids.append(result.row["id"])
            yield result

    outcome = run(job, crew, ProgressReporter(Console(file=io.StringIO())))
    return ids, outcome


def sounds(outcome, folder):
    return {row["id"]: (folder / row["audio"]).read_bytes() for row in outcome.rows}


def test_options_and_rows_name_learned_voices(job):
    work = job()
    ids, outcome = made(work)
    assert outcome.failed == 0
    assert sorted(ids) == sorted(line["id"] for line in LINES)
    rows = {row["id"]: row for row in outcome.rows}
    voices = {id: row["voice"] for id, row in rows.items()}
    assert voices == {
        "first": "anna",
        "second": "bea",
        "third": "anna(2)+heart(1)",
        "fourth": "heart",
        "fifth": "heart",
    }
    assert {id: sorted(row.get("voice_sha256", ())) for id, row in rows.items()} == {
        "first": ["anna"],
        "second": ["bea"],
        "third": ["anna"],
        "fourth": [],
        "fifth": [],
    }
    page = (work.out / "report.html").read_text("utf-8")
    assert '"bea"' in page
    assert ".voice" not in page, "the report names voices, not their files"


def test_a_changed_file_makes_its_items_again_and_only_these(job, write):
    few = [LINES[0], LINES[3]]
    before = sounds(made(job(few))[1], job(few).out)
    write("anna.voice", 0, minutes=12.0, licence="CC0-1.0")
    assert made(job(few))[0] == [], "what it sounds like is the same"
    write("anna.voice", 5)
    ids, outcome = made(job(few))
    assert ids == ["first"]
    after = sounds(outcome, job(few).out)
    assert {id for id in after if after[id] != before[id]} == {"first"}


def test_items_without_learned_voices_keep_their_keys(job, models):
    lines = [{"id": "only", "text": "Four.", "voice": "heart"}]
    work = job(lines)
    plain = replace(
        work,
        out=work.out.with_name("plain"),
        reader=InputOptions(delivery=Delivery(), voices=TINY.voices),
        config=replace(work.config, voices=(), voice_dir=None),
    )
    (with_voices,), (without,) = made(work)[1].rows, made(plain)[1].rows
    assert with_voices["key"] == without["key"]


@pytest.mark.command
def test_workers_give_the_same_bytes_however_many(job):
    one, two = job(out="one"), job(out="two")
    alone, together = made(one)[1], made(two, workers=2)[1]
    assert sounds(alone, one.out) == sounds(together, two.out)
    assert (one.out / "manifest.jsonl").read_bytes() == (two.out / "manifest.jsonl").read_bytes()


def test_a_worker_adapts_its_runtime_once_a_voice(job, monkeypatch):
    from tts.runtime.torch import TorchRuntime

    adapted, adapt = [], TorchRuntime.adapted

    def count(self, differences, voice: np.ndarray):
        adapted.append(differences)
        return adapt(self, differences, voice)

    monkeypatch.setattr(TorchRuntime, "adapted", count)
    blends = [f"anna({share})+bea.voice" for share in range(1, 7)]
    lines = [
        {"id": f"{line}-{number}", "text": "Go.", "voice": voice.replace("bea", "more/bea")}
        for line in range(2)
        for number, voice in enumerate(blends)
    ]
    work = job(lines)
    work = replace(work, config=replace(work.config, runtime="torch"))
    _, outcome = made(work)
    assert [row["id"] for row in outcome.rows] == [line["id"] for line in lines]
    assert len(adapted) == len(blends)


@pytest.fixture
def wrong(models, write, tmp_path):
    """Voices that cannot be used, with what is said of each."""
    data = write("cut.voice", 3).read_bytes()
    (tmp_path / "cut.voice").write_bytes(data[:-50])
    stray = voice_file(TINY, card=replace(card_for(*models, "far"), family="another"))
    write_voice(stray, tmp_path / "far.voice")
    wide = voice_file(TINY, card=card_for(*models, "wide"), vector=np.zeros(9, np.float32))
    write_voice(wide, tmp_path / "wide.voice")
    write("taken.voice", 9, name="michael")
    (tmp_path / "text.voice").write_text("Hello.")
    return {
        "missing.voice": "no such file",
        "cut.voice": "cut.voice is not a safetensors file",
        "far.voice": "it belongs to the family 'another'",
        "wide.voice": "its vector must have 8 values, got 9",
        "taken.voice": "there is another voice 'michael'",
        "text.voice": "text.voice is not a safetensors file",
        "carla": "unknown voice 'carla'; voices: heart, michael",
    }


def test_a_row_with_a_voice_that_cannot_be_used_is_refused(job, write, wrong):
    write("more/anna.voice", 9)
    wrong["more/anna.voice"] = "has the name 'anna', too; give it another name"
    work = job([{"text": "Go.", "voice": voice} for voice in ("anna", *wrong)])
    listing = read_input(work.source, work.reader)
    assert [item.delivery.voice for item in listing.items] == ["anna"]
    for error, reason in zip(listing.errors, wrong.values(), strict=True):
        assert reason in error.message, error


def test_an_option_with_a_voice_that_cannot_be_used_stops_before_any_work(
    job, models, wrong, capsys, monkeypatch
):
    work = job()
    monkeypatch.chdir(work.source.parent)
    given = ["batch", work.source.name, "out", "--acoustic", str(models[0])]
    given += ["--vocoder", str(models[1]), "--voice-dir", "none"]
    for option in ("--voice", "--voices"):
        for voice, reason in wrong.items():
            with pytest.raises(SystemExit) as ended:
                main([*given, option, voice])
            assert ended.value.code == 2
            assert reason in capsys.readouterr().err
            assert not work.out.exists()


def test_the_command_takes_files_for_all_lines_and_for_each(
    job, models, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    job()
    (tmp_path / "list.txt").write_text("One.\nTwo.\n")
    given = ["batch", "list.txt", "out", "--acoustic", str(models[0]), "--vocoder", str(models[1])]
    given += ["--voice-dir", "more", "--voices", "anna.voice,bea,heart", "--retries", "0"]
    with pytest.raises(SystemExit) as ended:
        main([*given, "--workers", "1"])
    assert not ended.value.code, capsys.readouterr().err
    rows = [json.loads(row) for row in (tmp_path / "out/manifest.jsonl").read_text().splitlines()]
    names = ["anna", "bea", "heart"]
    assert [row["voice"] for row in rows] == names * 2
    assert [row["id"] for row in rows[:3]] == [f"000001_{name}" for name in names]


def test_a_voice_within_a_text_is_part_of_the_key_and_of_the_row(job, write):
    lines = [
        {"id": "mixed", "text": "One. [voice:anna]Two.[/voice]"},
        {"id": "plain", "text": "One. Two."},
        {"id": "wrong", "text": "One. [voice:nobody]Two.[/voice]"},
    ]
    work = job(lines)
    outcome = made(work)[1]
    assert [error.message[:22] for error in outcome.errors] == ["unknown voice 'nobody'"]
    rows = {row["id"]: row for row in outcome.rows}
    assert rows["mixed"]["voices"] == ["heart", "anna"]
    assert list(rows["mixed"]["voice_sha256"]) == ["anna"]
    assert "voices" not in rows["plain"]
    assert b"voices heart, anna, " in (work.out / rows["mixed"]["audio"]).read_bytes()
    write("anna.voice", 5)
    assert made(job(lines))[0] == ["mixed"]


def test_a_cast_gives_lines_their_voices(job, tmp_path):
    work = job()
    (tmp_path / "play").mkdir()
    (tmp_path / "anna.voice").rename(tmp_path / "play" / "anna.voice")
    path = tmp_path / "play" / "cast.toml"
    path.write_text('Anna = {voice = "anna.voice", pace = 0.9}\nOld = "michael"', "utf-8")
    script = name_cast(path)
    assert script.files == (tmp_path / "play" / "anna.voice",)
    config = replace(work.config, voices=script.files)
    reader = InputOptions(
        delivery=Delivery(pace=2),
        voices=TINY.voices,
        learned=config.learned_voices(),
        models=config.models(),
        cast=script.cast,
    )
    source = tmp_path / "script.txt"
    source.write_text("Anna: Hello.\nOLD: Hm.\nBob: Hi.\nIt was late.", "utf-8")
    listing = read_input(source, reader)
    assert [(item.text, item.delivery.voice, item.delivery.pace) for item in listing.items] == [
        ("Hello.", "anna", 1.8),
        ("Hm.", "michael", 2),
        ("Bob: Hi.", "heart", 2),
        ("It was late.", "heart", 2),
    ]
    assert listing.notes == ("not in the cast, and read as text: 'Bob'",)
    with pytest.raises(ValueError, match="'old' in the cast: unknown voice 'michael'"):
        replace(reader, voices=("heart",))

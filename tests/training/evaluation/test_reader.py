import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tts.training.__main__ import app
from tts.training.evaluation.config import Evaluation
from tts.training.evaluation.judge import SpeechJudge
from tts.training.evaluation.reader.command import (
    RESULTS,
    beside_reader,
    on_the_same_lines,
    read_results,
)
from tts.training.evaluation.reader.report import judgements, read_reader_texts, similarities
from tts.training.evaluation.results import ResultStore
from tts.training.evaluation.similarity import Similarity
from tts.training.evaluation.speaker_encoder import SpeakerEncoder
from tts.training.evaluation.summary import READER, summarise
from tts.training.evaluation.systems import play, references
from tts.training.evaluation.table import tables
from tts.training.evaluation.texts import TEXTS as BENCHMARK
from tts.training.evaluation.texts import read_lines
from tts.training.release.fingerprint import fingerprint
from typer.testing import CliRunner

from tts.cli.main import run_command as command
from tts.delivery import Delivery
from tts.metrics import Metrics, to_judge_audio
from tts.torch_checkpoint import save_checkpoint

ROOT = Path(__file__).parents[3]
RATE = 24_000
TEXTS = {"e0": "Hello there.", "e1": "Good morning to you."}


@pytest.fixture
def recorded(tmp_path):
    """Two texts, and a manifest of both by two voices, quieter than speech is judged."""
    rows = [{"id": id, "kind": "short", "text": text} for id, text in TEXTS.items()]
    write_rows(tmp_path / "texts.jsonl", rows)
    rows = []
    for number, voice in enumerate(("heart", "michael"), start=1):
        for id, text in TEXTS.items():
            wave = 0.01 * np.sin(np.arange(RATE) / (10 * number))
            soundfile.write(tmp_path / f"{voice}-{id}.flac", wave, RATE)
            rows.append({"id": id, "voice": voice, "text": text, "audio": f"{voice}-{id}.flac"})
    write_rows(tmp_path / "reader.jsonl", rows)
    return tmp_path


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A reader's results where ours would lie, with the texts and the Whisper model they are of."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts.jsonl").write_text("{}\n")
    (tmp_path / "model.bin").write_bytes(b"weights")
    subject = {name: fingerprint(tmp_path / file) for name, file in FILES.items()}
    path = tmp_path / RESULTS
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"subject": subject, "lines": [judged("reader", "e0", 1)]}))
    return path


FILES = {"texts": "texts.jsonl", "whisper": "model.bin"}


def test_a_recording_is_judged_as_evaluate_judges_recordings(recorded, tiny_synthesizer):
    pytest.importorskip("jiwer")
    lines = read_reader_texts(recorded / "reader.jsonl", recorded / "texts.jsonl")
    panel, heard = toy_panel()
    rows = judgements(lines, panel, ResultStore(recorded / "ledger.jsonl", {}))
    system = next(
        one for one in references(tiny_synthesizer, None, Delivery()) if one.name == "recordings"
    )
    again = [panel.judge(system, line) for line in lines]
    assert rows == [{**row, "system": "reader"} for row in again]
    assert [(row["kind"], row["voice"], row["id"]) for row in rows] == [
        ("short", voice, id) for voice in ("heart", "michael") for id in TEXTS
    ]
    np.testing.assert_array_equal(heard[0], heard[len(lines)])
    assert np.sqrt(np.square(heard[0]).mean()) == pytest.approx(0.07, rel=0.02)


def test_what_was_judged_is_not_heard_again(recorded):
    pytest.importorskip("jiwer")
    lines = read_reader_texts(recorded / "reader.jsonl", recorded / "texts.jsonl")
    panel, heard = toy_panel()
    judgements(lines[:3], panel, ResultStore(recorded / "ledger.jsonl", {}))
    judgements(lines, panel, ResultStore(recorded / "ledger.jsonl", {}))
    assert len(heard) == len(lines)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows[:3], "lacks 1 of 4 recordings, the first of them e1 by michael"),
        (lambda rows: [*rows, {**rows[0], "id": "e9"}], "has e9 by heart, which is not in"),
        (
            lambda rows: [{**rows[0], "text": "Hi."}, *rows[1:]],
            "text of e0 in .* must be that of .*; record it again",
        ),
    ],
)
def test_recordings_of_other_texts_are_refused(recorded, change, sentence):
    path = recorded / "reader.jsonl"
    write_rows(path, change([json.loads(line) for line in path.read_text().splitlines()]))
    with pytest.raises(ValueError, match=sentence):
        read_reader_texts(path, recorded / "texts.jsonl")


def test_a_system_is_compared_with_the_reader_line_by_line():
    rows = [judged("1 step", "e0", 3, 3.5), judged("1 step", "e1", 0, 4.0)]
    rows += [judged("teacher", "e0", 0, 4.0), judged("teacher", "e1", 0, 4.0)]
    rows += [judged("reader", "e0", 1, 4.5), judged("reader", "e1", 0, 4.6)]
    student, teacher, reader = summarise(rows, "teacher")
    assert student["wer_above"]["value"] == pytest.approx(0.15)
    assert student["wer_above_reader"]["value"] == pytest.approx(0.10)
    assert (student["wer_above_reader"]["low"], student["wer_above_reader"]["high"]) == (0, 0.2)
    assert student["distillmos_below_reader"]["value"] == pytest.approx(0.8)
    assert student["distillmos_below_reader"]["low"] == pytest.approx(0.6)
    assert student["distillmos_below_reader"]["high"] == pytest.approx(1.0)
    assert teacher["wer_above_reader"]["value"] == pytest.approx(-0.05)
    assert not [name for name in reader if name.endswith("reader")]
    (table,) = tables({"summary": summarise(rows, "teacher"), "reference": "teacher"})
    assert "WER above reader, points" in table
    assert "| 10.0 (0.0 to 20.0)" in table
    assert "| 0.80 (0.60 to 1.00)" in table
    assert "| reader  | heart | 2 " in table


def test_lines_without_an_opinion_have_no_difference_of_opinions():
    rows = [judged("1 step", "e0", 3), judged("1 step", "e1", 0, 4.0)]
    rows += [judged("reader", "e0", 1, 4.5), judged("reader", "e1", 0, 4.6)]
    student, _ = summarise(rows, "teacher")
    assert student["distillmos_below_reader"]["value"] == pytest.approx(0.6)
    assert student["wer_above_reader"]["value"] == pytest.approx(0.1)


def test_the_readers_figures_are_of_the_very_lines_that_are_judged():
    all_lines = [
        {**judged("reader", f"e{number}", 0), "voice": voice}
        for voice in ("heart", "michael")
        for number in range(5)
    ]
    rows = [judged("1 step", "e3", 0), judged("2 steps", "e3", 0), judged("1 step", "e1", 0)]
    rows.append({**judged("1 step", "e2", 0), "voice": "alloy"})
    rows.append({**judged("1 step", "e4", 0), "kind": "long"})
    chosen = on_the_same_lines(all_lines, rows)
    assert [(row["voice"], row["id"]) for row in chosen] == [("heart", "e1"), ("heart", "e3")]


def test_results_that_fit_are_read_and_ours_are_found(results, tmp_path, capsys):
    evaluation = evaluating(tmp_path)
    assert read_results(results, evaluation.subject) == [judged("reader", "e0", 1)]
    assert beside_reader(evaluation, None).reader == RESULTS
    assert beside_reader(evaluation, results).reader == results
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_a_reader_of_other_texts_is_never_compared_with(name, file, results, tmp_path, capsys):
    """Ours is left out with a sentence; what was asked for is refused before anything is judged."""
    (tmp_path / file).write_text("others")
    evaluation = evaluating(tmp_path)
    assert beside_reader(evaluation, None).reader is None
    said = capsys.readouterr().err
    assert said.startswith("the reader's rows are left out: ")
    assert said.count("\n") == 1
    options = ["--whisper", ".", "--texts", "texts.jsonl", "--out", "out", "--reader", RESULTS]
    error = CliRunner().invoke(app, ["evaluate", *map(str, options)]).exception
    assert isinstance(error, ValueError)
    assert f"was judged with other {name}; run `tts training reader` again" in str(error)
    assert not (tmp_path / "out").exists()


def test_evaluate_has_a_row_of_the_reader(results, tmp_path, tiny_acoustic, tiny_vocoder):
    """All is judged already, so that neither Whisper nor anybody's speech is asked for."""
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    write_rows(
        tmp_path / "texts.jsonl",
        [{"id": id, "kind": "short", "text": text} for id, text in TEXTS.items()],
    )
    lines = [judged("reader", id, errors, 4.5) for id, errors in (("e0", 1), ("e1", 5))]
    known = json.loads(results.read_text())["subject"]
    known["texts"] = fingerprint(tmp_path / "texts.jsonl")
    results.write_text(json.dumps({"subject": known, "lines": lines}))
    evaluation = replace(
        evaluating(tmp_path),
        acoustic=tmp_path / "acoustic.safetensors",
        vocoder=tmp_path / "vocoder.safetensors",
    )
    ledger = ResultStore(tmp_path / "out" / "ledger.jsonl", evaluation.subject)
    ledger.get_or_compute("1 step/heart/e0", lambda: judged("1 step", "e0", 3, 4.0))
    options = {"acoustic": "acoustic.safetensors", "vocoder": "vocoder.safetensors"}
    options |= {"texts": "texts.jsonl", "whisper": ".", "out": "out", "voices": "heart"}
    options |= {"limit": "1", "steps": "1"}
    named = [part for name, value in options.items() for part in (f"--{name}", value)]
    done = CliRunner().invoke(app, ["evaluate", *named, "--no-baselines"])
    assert done.exit_code == 0, done.output
    cells = [line.split("|")[1:-1] for line in done.stdout.splitlines() if "| heart |" in line]
    rows = [[cell.strip() for cell in row] for row in cells]
    assert [row[:4] for row in rows] == [
        ["1 step", "heart", "1", "30.0 (30.0 to 30.0)"],
        ["reader", "heart", "1", "10.0 (10.0 to 10.0)"],
    ]
    assert "20.0 (20.0 to 20.0)" in rows[0]
    assert "0.50 (0.50 to 0.50)" in rows[0]
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [row["system"] for row in found["lines"]] == ["1 step", "reader"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"subject": {}, "lines": []}'])
def test_what_is_no_readers_result_is_refused(text, tmp_path):
    (tmp_path / "reader.json").write_text(text)
    with pytest.raises(ValueError, match="not results of `tts training reader`; give another"):
        read_results(tmp_path / "reader.json", {"texts": "a", "whisper": "b"})


def test_our_reader_is_judged_on_all_of_our_texts():
    texts, path = ROOT / BENCHMARK, ROOT / RESULTS
    subject = json.loads(path.read_text(encoding="utf-8"))["subject"]
    rows = read_results(path, {**subject, "texts": fingerprint(texts)})
    wanted = {(line.voice, line.id) for line in read_lines(texts, None, ("heart", "michael"))}
    assert {(row["voice"], row["id"]) for row in rows} == wanted
    assert all(row["system"] == READER and row["distillmos"] > 1 for row in rows)


def test_the_command_refuses_what_is_not_there(tmp_path):
    assert CliRunner().invoke(app, ["reader", "--help"]).exit_code == 0
    absent = ["reader", str(tmp_path / "none.jsonl"), "--whisper", str(tmp_path)]
    error = CliRunner().invoke(app, absent).exception
    assert isinstance(error, FileNotFoundError)
    assert str(error) == f"no such file: {tmp_path / 'none.jsonl'}"


COMMANDS_WITH_TEXTS = ("evaluate", "voices model --corpus corpus", "reader reader.jsonl")


@pytest.mark.parametrize("asked", COMMANDS_WITH_TEXTS)
def test_texts_that_are_missing_are_named_with_what_to_do(asked, tmp_path, monkeypatch, capsys):
    """The default is in a source tree alone."""
    monkeypatch.chdir(tmp_path)
    given = [*asked.split(), "--whisper", "whisper", "--out", "out"]
    assert command(app, given, "tts training") == 2
    assert command(app, [*given, "--texts", "own.jsonl"], "tts training") == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: no such file: benchmarks/texts.jsonl; run this command in the source tree, "
        "or give --texts",
        "error: no such file: own.jsonl",
    ]


def toy_panel():
    """Judges who hear one sentence in everything, and like what is loud; and what they heard."""
    heard = []
    judges = Metrics(
        transcribe=lambda audio: heard.append(audio) or "Hello there.",
        mos_predictors={"distillmos": lambda audio: float(np.abs(audio).mean())},
    )
    return SpeechJudge(judges=judges, encoder=None, similarity=Similarity({})), heard


def evaluating(folder):
    return Evaluation(
        acoustic=folder / "model.bin",
        vocoder=folder / "model.bin",
        whisper=folder,
        texts=folder / "texts.jsonl",
    )


def judged(system, id, errors, distillmos=None):
    row = {"kind": "short", "system": system, "voice": "heart", "id": id}
    row |= {"words": 10, "word_errors": errors, "characters": 50, "character_errors": errors}
    return row if distillmos is None else {**row, "distillmos": distillmos}


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_reader_is_as_near_to_its_voice_as_its_embeddings_say(recorded, monkeypatch):
    """By the encoder that judges models, here with weights that nobody trained."""
    torch.manual_seed(0)
    encoder, asked = SpeakerEncoder().eval(), []
    monkeypatch.setattr(
        "tts.training.evaluation.reader.report.load_speaker_encoder",
        lambda: asked.append(1) or encoder,
    )
    rows = [
        {"id": id, "voice": "heart", "audio": f"heart-{id}.flac", "text": "Oh.", "phones": "O"}
        | {"ends": [100, 200, RATE], "g2p": "misaki"}
        for id in TEXTS
    ]
    write_rows(recorded / "val.jsonl", rows)
    lines = read_reader_texts(recorded / "reader.jsonl", recorded / "texts.jsonl")
    ledger = ResultStore(recorded / "ledger.jsonl", {})
    found = similarities(lines, recorded, ledger)
    assert similarities(lines, recorded, ledger) == found
    assert asked == [1]
    own, other = (encoder.embed(to_judge_audio(play(line, RATE), RATE)) for line in lines[:2])
    assert found[0]["similarity"] == pytest.approx(float(own @ other), abs=1e-5)
    assert found[0]["similarity_to_recording"] == pytest.approx(1, abs=1e-5)
    assert found[2:] == [{}, {}]  # nobody recorded that voice

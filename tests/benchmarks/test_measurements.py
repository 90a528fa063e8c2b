"""The figures that benchmarks compute from their measurements."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from tts.training.evaluation.config import Evaluation
from tts.training.evaluation.results import ResultStore
from tts.training.evaluation.texts import EvaluationText

from benchmarks import latency, mels, steps
from tts.torch_checkpoint import save_checkpoint

SCRIPTS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    """Imports a script as it runs: with its folder on the path."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return import_module


def test_a_piece_is_needed_when_those_before_it_have_played():
    streams = [[(0.1, 0.5), (0.2, 1.0), (0.9, 2.0)], [(0.3, 0.5), (0.4, 1.0), (0.5, 2.0)]]
    found = latency.pieces(streams)
    assert [row["ready"] for row in found] == [0.2, 0.3, 0.7]
    assert [row["latest"] for row in found] == [0.3, 0.4, 0.9]
    assert [row["needed"] for row in found] == [0.2, 0.7, 1.7]


def test_memory_is_told_by_how_many_sentences_were_ready(script):
    run = script("watched").WatchedRun(rows=[(1.0, 2.0), (2.0, 2.0), (3.0, 2.0)])
    run.memory["parent"] = [(0.5, 100.0), (2.0, 120.0), (9.0, 130.0), (9.5, 0.0)]
    found = script("memory").series(run)["parent"]
    assert [(row["sentences"], row["rss"]) for row in found] == [(0, 100), (2, 120), (3, 130)]


def test_mels_fit_into_bytes():
    floor = mels.MEL.floor
    packed = mels.pack(np.array([floor, floor / 2, 0.0]), 0.0)
    assert packed.tolist() == [0, 128, 255]


def test_the_fastest_round_of_a_sentence_counts(script, monkeypatch):
    peers = script("peers")
    clock = iter([0.0, 5.0, 5.0, 7.0])
    monkeypatch.setattr(peers.time, "process_time", lambda: next(clock))
    audio, taken = peers.fastest(lambda line: np.ones(3), None)
    assert (len(audio), taken) == (3, 2.0)


def test_time_is_of_all_sentences_together(script):
    peers, systems = script("peers"), script("peer_systems")
    about = {"kind": "sentence", "system": "ours", "voice": "heart"}
    heard = {"word_errors": 1, "words": 4, "character_errors": 1, "characters": 9}
    rows = [
        {**about, **heard, "id": "a", "seconds": 1.0, "processor_seconds": 0.5},
        {**about, **heard, "id": "b", "seconds": 3.0, "processor_seconds": 0.5},
    ]
    rows = [row | {"distillmos": 4.0, "dnsmos": 3.0} for row in rows]
    figures = peers.measured([systems.ours("heart")], rows)
    values = {row["what"]: row["value"] for row in figures}
    assert values == {"wer": 0.25, "distillmos": 4.0, "dnsmos": 3.0, "real_time_factor": 0.25}
    assert {row["by"] for row in figures} == {"measured"}
    assert all("2 sentences of texts.jsonl, commit " in row["how"] for row in figures)


def test_only_judgements_of_the_same_models_are_used_again(script):
    peers = script("peers")
    subject = json.loads((SCRIPTS / "results" / "compared.json").read_bytes())["subject"]
    known = peers.judged_before(subject)
    assert {name for name, _, _ in known} == {"ours", "Kokoro-82M"}
    assert known["ours", "heart", "e0000"]["system"] == "1 step"
    assert known["Kokoro-82M", "michael", "e0000"]["system"] == "reader"
    others = peers.judged_before(subject | {"vocoder": "another"})
    assert {name for name, _, _ in others} == {"Kokoro-82M"}
    assert peers.judged_before(subject | {"whisper": "another"}) == {}


def test_claims_say_whose_they_are(script):
    claims = json.loads(script("peers").CLAIMS.read_text(encoding="utf-8"))
    wanted = {"system", "version", "voice", "what", "unit", "value", "how", "source"}
    assert all(row.keys() == wanted for row in claims)


def test_steps_judge_only_what_was_not_judged_of_the_same_models(tmp_path):
    compared = {"subject": dict.fromkeys(steps.SAME, "a"), "lines": []}
    compared["lines"].append({"system": "1 step", "voice": "heart", "id": "e0", "words": 3})
    same = ResultStore(tmp_path / "same.jsonl", compared["subject"])
    steps.reuse(compared, same, compared["subject"])
    assert same.results == {"1 step/heart/e0": compared["lines"][0]}
    other = ResultStore(tmp_path / "other.jsonl", {})
    steps.reuse(compared, other, compared["subject"] | {"acoustic": "b"})
    assert other.results == {}


def test_trials_are_the_models_at_their_numbers_of_steps(tiny_acoustic, tiny_vocoder, tmp_path):
    paths = {name: tmp_path / f"{name}.safetensors" for name in ("acoustic", "vocoder")}
    save_checkpoint(tiny_acoustic, paths["acoustic"], {})
    save_checkpoint(tiny_vocoder, paths["vocoder"], {})
    evaluation = Evaluation(
        **paths, teacher=paths["acoustic"], whisper=tmp_path, texts=tmp_path / "texts.jsonl"
    )
    found = list(steps.trials(evaluation, [1, 32], [2]))
    assert [(trial.model, trial.steps, trial.system.name) for trial in found] == [
        ("teacher, midpoint", 32, "teacher, 32 midpoint steps"),
        ("flow map", 1, "1 step"),
        ("flow map", 32, "32 steps"),
        ("teacher", 2, "teacher, 2 steps by Euler's method"),
    ]
    line = EvaluationText(id="e0", kind="sentence", text="Hi.", voice="heart")
    sounds = [trial.system.speak(line) for trial in found]
    assert all(np.isfinite(sound).all() and len(sound) for sound in sounds)

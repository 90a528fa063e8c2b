"""A whole comparison of tiny models, stopped and continued."""

import json
from dataclasses import replace

import pytest
import torch
from tts.training.acoustic.losses import encode_batch
from tts.training.compare.conditioning import FrozenConditioning
from tts.training.compare.plan import OBJECTIVES, Comparison
from tts.training.compare.reduced import reduce_model
from tts.training.compare.runner import ComparisonRunner
from tts.training.compare.table import HEADS, table
from tts.training.compare.timing import fastest_updates
from tts.training.data.dataset import FeatureDataset
from tts.training.data.statistics import Statistics
from tts.training.loop.logger import RunLogger
from tts.training.recipes import RECIPES

from tests.toys import write_toy_features
from tts.config import DecoderConfig
from tts.metrics import Metrics
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import save_checkpoint

SMALL = DecoderConfig(dim=8, depth=1)


@pytest.fixture(autouse=True)
def little_work(monkeypatch):
    """Few solver steps and rounds: how much is done is no part of what is tested."""
    counts = {"measures.SOLUTION_STEPS": 2, "runner.TEACHER_STEPS": 2, "timing.WARM_UP": 0}
    for name, count in (counts | {"timing.ROUNDS": 2}).items():
        monkeypatch.setattr(f"tts.training.compare.{name}", count)
    for name in ("ROUNDS", "ENDPOINT_ROUNDS"):
        monkeypatch.setattr(f"tts.training.acoustic.stage.{name}", 1)


@pytest.fixture
def comparison(tiny_acoustic, tiny_vocoder, tmp_path):
    write_toy_features(tmp_path / "features")
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    save_checkpoint(tiny_vocoder, tmp_path / "vocoder.safetensors", {})
    (tmp_path / "texts.jsonl").write_text('{"id": "a", "kind": "sentence", "text": "Hi."}\n')
    return Comparison(
        features=tmp_path / "features",
        acoustic=tmp_path / "acoustic.safetensors",
        vocoder=tmp_path / "vocoder.safetensors",
        texts=tmp_path / "texts.jsonl",
        objectives=("split_mean_flow", "regression_critics"),
        updates=10,
        base_minutes=0.001,
        decoder=SMALL,
        steps=(1, 2),
        clips=2,
        batch=2,
        crop=16,
    )


def runner(comparison, out, *, lines=None):
    return ComparisonRunner(comparison, out, (lines if lines is not None else []).append)


def test_a_comparison_trains_measures_and_goes_on(comparison, tmp_path, monkeypatch):
    lines, out = [], tmp_path / "out"
    first = runner(replace(comparison, objectives=("split_mean_flow",)), out, lines=lines)
    first.run()
    ledger = (out / "ledger.jsonl").read_text()
    runner(comparison, out, lines=lines).run()
    assert (out / "ledger.jsonl").read_text().startswith(ledger)
    assert [line.split(":")[0] for line in lines] == [
        "base",
        "split_mean_flow/0",
        "regression_critics/0",
    ]
    found = json.loads((out / "results.json").read_text())
    assert_complete(found)
    assert not list(out.rglob("runs/*/*/state.pt"))
    monkeypatch.setattr(ComparisonRunner, "_stage", None)  # nothing is trained again
    assert runner(comparison, out).results() == found
    runner(comparison, out).run()


def assert_complete(found):
    rows = {(row["objective"], row["steps"], row["share"]): row for row in found["rows"]}
    shares = {("split_mean_flow", 1, share) for share in (0.25, 0.5, 1)}
    critics = {("regression_critics", 1, share) for share in (0.25, 0.5, 1)}
    assert rows.keys() == shares | critics | {("split_mean_flow", 2, 1), ("teacher", 2, 1)}
    trained = found["training"]["split_mean_flow"]
    assert trained["forward_passes"] > 3 * 2 * trained["updates"] > 0
    assert rows["regression_critics", 1, 1]["difference"].keys() >= {"energy", "solution"}
    page = table(found).splitlines()
    assert len(page) == 5
    assert page[0].count("|") == len(HEADS) + 1


def test_speech_is_judged_in_each_number_of_steps(comparison, tmp_path, monkeypatch):
    """Of the networks here; the speech recogniser, which has a model of its own, hears one text."""
    pytest.importorskip("jiwer")
    pytest.importorskip("soxr")
    (tmp_path / "model.bin").write_bytes(b"weights")
    heard = []

    def deaf(folder, threads, *, mos):
        assert folder == tmp_path
        return Metrics(
            transcribe=lambda audio: heard.append(len(audio)) or "Hi.",
            mos_predictors={"distillmos": lambda audio: 3.0},
        )

    monkeypatch.setattr("tts.training.compare.speech.judges", deaf)
    names = ("split_mean_flow", "regression")
    made = runner(replace(comparison, whisper=tmp_path, objectives=names), tmp_path / "out")
    made.run()
    rows = [row for row in made.results()["rows"] if "speech" in row]
    assert [(row["objective"], row["steps"]) for row in rows] == [
        ("teacher", 2),
        ("split_mean_flow", 1),
        ("regression", 1),
        ("split_mean_flow", 2),
    ]
    assert {row["speech"]["distillmos"]["value"] for row in rows} == {3.0}
    assert len(set(heard)) == 1  # the same durations in every system
    assert len(heard) == len(rows)


def test_conditioning_is_that_of_the_encoder(comparison, tiny_acoustic):
    corpus = clips(comparison, tiny_acoustic)
    frozen = FrozenConditioning(tiny_acoustic, corpus)
    batch = corpus.batch(4, 40, torch.Generator().manual_seed(0))
    with torch.no_grad():
        exact = encode_batch(tiny_acoustic, batch)
    found = frozen(tiny_acoustic, batch)
    torch.testing.assert_close(found.conditioning, exact.conditioning, atol=2e-3, rtol=2e-3)
    torch.testing.assert_close(found.voice, exact.voice)


def clips(comparison, model):
    symbols = PhonemeTokenizer(inventory=model.config.symbols)
    folders = [comparison.features / "heart"]
    return FeatureDataset(folders, symbols, model.config.voices, Statistics.of(model))


def test_a_reduced_model_differs_in_its_decoder_alone(tiny_acoustic):
    reduced = reduce_model(tiny_acoustic, SMALL)
    whole, small = tiny_acoustic.state_dict(), reduced.state_dict()
    for name, weight in whole.items():
        if not name.startswith("decoder."):
            torch.testing.assert_close(small[name], weight)
    assert reduced.config.decoder == SMALL
    torch.testing.assert_close(
        reduce_model(tiny_acoustic, SMALL).decoder.input.weight, reduced.decoder.input.weight
    )


def test_a_run_that_diverges_is_told_and_the_others_go_on(comparison, tmp_path):
    lines = []
    wild = replace(comparison, objectives=("split_mean_flow",), rate=1e30, matrix_rate=1e30)
    made = runner(wild, tmp_path / "out", lines=lines)
    made.run()
    assert "split_mean_flow/0: step" in lines[-1]
    assert "not finite" in lines[-1]
    found = made.results()
    assert found["training"]["split_mean_flow"]["failed"] == 1
    assert [row["objective"] for row in found["rows"]] == ["teacher"]
    assert "not finite" in table(found)


def test_a_cheap_objective_has_more_updates(comparison, tmp_path):
    made = runner(replace(comparison, batch=8, crop=64), tmp_path / "out")
    made.train_base()
    assert made.updates("endpoint") < made.updates("flow_matching")
    stages = [made._stage(made.planned("regression"), {})] * 2
    assert all(0 < seconds < 5 for seconds in fastest_updates(stages))


def test_every_objective_of_the_comparison_has_a_run_of_the_same_size(comparison, tmp_path):
    made = runner(replace(comparison, objectives=OBJECTIVES), tmp_path / "out")
    for name in OBJECTIVES:
        run, recipe = made.planned(name), RECIPES[name]()
        assert run.terms == recipe.terms
        assert (run.batch, run.rate, run.maps, run.average) == (2, 8e-4, ("mel",), 0.995)


def test_runs_of_other_things_are_refused(comparison, tmp_path):
    with pytest.raises(ValueError, match="vocoder does not train a mel map"):
        runner(replace(comparison, objectives=("vocoder",)), tmp_path / "out")
    with pytest.raises(ValueError, match="steps must be from 1 to 64, got 0"):
        replace(comparison, steps=(0,))


def test_a_folder_of_another_comparison_is_refused(comparison, tmp_path):
    runner(comparison, tmp_path / "out")
    with pytest.raises(ValueError, match="other updates"):
        runner(replace(comparison, updates=11), tmp_path / "out")


def test_discriminators_are_trained_beside_the_decoder(comparison, tmp_path):
    made = runner(comparison, tmp_path / "out")
    made.train_base()
    stage = made._stage(made.planned("regression_critics"), {})
    before = {name: weight.clone() for name, weight in stage.state.model.state_dict().items()}
    result = stage.step(0.5, torch.Generator().manual_seed(0))
    after = stage.state.model.state_dict()
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"model", "critics"}
    frozen = [n for n in before if n.startswith("model.") and not n.startswith("model.decoder.")]
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    assert result.losses.keys() == {"mel/regression", "adversarial", "features", "telling"}
    with RunLogger(stage.run, tmp_path / "log", 0) as journal:
        assert "mel/flow_matching" in stage.validate(journal)

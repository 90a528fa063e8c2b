"""A whole comparison of tiny models, stopped and continued."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
from tts.training.__main__ import app
from tts.training.acoustic.losses import encode_batch
from tts.training.compare.conditioning import FrozenConditioning
from tts.training.compare.plan import OBJECTIVES, Comparison
from tts.training.compare.reduced import reduce_model
from tts.training.compare.runner import ComparisonRunner
from tts.training.compare.table import HEADS, table
from tts.training.compare.timing import fastest_updates
from tts.training.data.dataset import FeatureDataset
from tts.training.data.statistics import Statistics
from tts.training.recipes import RECIPES

from tests.toys import write_toy_features
from tts.acoustic.model import AcousticModel
from tts.cli.main import run_command as command
from tts.config import DecoderConfig, VocoderConfig
from tts.metrics import Metrics
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.model import Vocoder

SMALL = DecoderConfig(dim=8, depth=1)
FEW = {
    "compare.measures.SOLUTION_STEPS": 2,
    "compare.runner.TEACHER_STEPS": 2,
    "compare.timing.WARM_UP": 0,
    "compare.timing.ROUNDS": 2,
    "acoustic.stage.ROUNDS": 1,
    "acoustic.stage.ENDPOINT_ROUNDS": 1,
}


@pytest.fixture(scope="module", autouse=True)
def little_work():
    """Few solver steps and rounds: how much is done is no part of what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        for name, count in FEW.items():
            patch.setattr(f"tts.training.{name}", count)
        yield


@pytest.fixture(scope="module")
def comparison(tiny_config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison")
    write_toy_features(folder / "features")
    vocoder = Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=1))
    save_checkpoint(AcousticModel(tiny_config), folder / "acoustic.safetensors", {})
    save_checkpoint(vocoder, folder / "vocoder.safetensors", {})
    (folder / "texts.jsonl").write_text('{"id": "a", "kind": "sentence", "text": "Hi."}\n')
    return Comparison(
        features=folder / "features",
        acoustic=folder / "acoustic.safetensors",
        vocoder=folder / "vocoder.safetensors",
        texts=folder / "texts.jsonl",
        objectives=("split_mean_flow",),
        updates=10,
        base_minutes=0.001,
        decoder=SMALL,
        steps=(1, 2),
        clips=2,
        batch=2,
        crop=16,
    )


@pytest.fixture(scope="module")
def begun(comparison, tmp_path_factory):
    """The folder of a comparison whose base is trained."""
    folder = tmp_path_factory.mktemp("begun")
    runner(comparison, folder).train_base()
    return folder


@pytest.fixture
def out(begun, tmp_path):
    shutil.copytree(begun, tmp_path / "out")
    return tmp_path / "out"


def runner(comparison, out, *, lines=None):
    return ComparisonRunner(comparison, out, (lines if lines is not None else []).append)


@pytest.mark.slow
def test_a_comparison_trains_measures_speaks_and_goes_on(comparison, out, tmp_path, monkeypatch):
    """By the networks here; the speech recogniser, which has a model of its own, hears one text."""
    pytest.importorskip("jiwer")
    pytest.importorskip("soxr")
    (tmp_path / "model.bin").write_bytes(b"weights")
    heard, lines = [], []

    def deaf(folder, threads, *, mos):
        assert folder == tmp_path
        return Metrics(
            transcribe=lambda audio: heard.append(len(audio)) or "Hi.",
            mos_predictors={"distillmos": lambda audio: 3.0},
        )

    monkeypatch.setattr("tts.training.compare.speech.judges", deaf)
    runner(comparison, out, lines=lines).run()
    ledger = (out / "ledger.jsonl").read_text()
    both = replace(
        comparison, objectives=("split_mean_flow", "regression_critics"), whisper=tmp_path
    )
    runner(both, out, lines=lines).run()
    assert (out / "ledger.jsonl").read_text().startswith(ledger)
    assert [line.split(":")[0] for line in lines] == ["split_mean_flow/0", "regression_critics/0"]
    assert not list(out.rglob("runs/*/*/state.pt"))
    found = json.loads((out / "results.json").read_text())
    check_rows(found)
    assert len(set(heard)) == 1  # the same durations in every system
    assert len(heard) == 4
    monkeypatch.setattr(ComparisonRunner, "_stage", None)  # nothing is trained or said again
    runner(both, out).run()
    assert len(heard) == 4
    assert runner(both, out).results() == found


def check_rows(found):
    rows = {(row["objective"], row["steps"], row["share"]): row for row in found["rows"]}
    shares = {("split_mean_flow", 1, share) for share in (0.25, 0.5, 1)}
    critics = {("regression_critics", 1, share) for share in (0.25, 0.5, 1)}
    assert rows.keys() == shares | critics | {("split_mean_flow", 2, 1), ("teacher", 2, 1)}
    trained = found["training"]["split_mean_flow"]
    assert trained["forward_passes"] > 3 * 2 * trained["updates"] > 0
    assert rows["regression_critics", 1, 1]["difference"].keys() >= {"energy", "wer"}
    assert {key for key, row in rows.items() if "speech" in row} == {
        ("teacher", 2, 1),
        ("split_mean_flow", 1, 1),
        ("split_mean_flow", 2, 1),
        ("regression_critics", 1, 1),
    }
    page = table(found).splitlines()
    assert len(page) == 5
    assert page[0].count("|") == len(HEADS) + 1


def test_what_is_done_is_not_done_again(comparison, out, monkeypatch):
    made = runner(replace(comparison, objectives=("regression",)), out)
    assert made.train_one("regression", 0)
    made.measure_one("regression", 0)
    assert not (made.folder("regression", 0) / "state.pt").exists()
    monkeypatch.setattr(ComparisonRunner, "_stage", None)
    again = runner(replace(comparison, objectives=("regression",)), out)
    assert again.train_one("regression", 0)
    again.measure_one("regression", 0)
    rows = again.results()["rows"]
    assert [(row["steps"], row["share"]) for row in rows] == [(1, 1.0), (1, 0.25), (1, 0.5)]
    assert rows == made.results()["rows"]


def test_conditioning_is_that_of_the_encoder(comparison):
    model = load_checkpoint(comparison.acoustic, AcousticModel)
    symbols = PhonemeTokenizer(inventory=model.config.symbols)
    folders = [comparison.features / "heart"]
    corpus = FeatureDataset(folders, symbols, model.config.voices, Statistics.of(model))
    batch = corpus.batch(4, 40, torch.Generator().manual_seed(0))
    with torch.no_grad():
        exact = encode_batch(model, batch)
    found = FrozenConditioning(model, corpus)(model, batch)
    torch.testing.assert_close(found.conditioning, exact.conditioning, atol=2e-3, rtol=2e-3)
    torch.testing.assert_close(found.voice, exact.voice)


def test_a_reduced_model_differs_in_its_decoder_alone(tiny_acoustic):
    reduced, again = (reduce_model(tiny_acoustic, SMALL) for _ in range(2))
    for name, weight in tiny_acoustic.state_dict().items():
        if not name.startswith("decoder."):
            torch.testing.assert_close(reduced.state_dict()[name], weight)
    assert reduced.config.decoder == SMALL
    torch.testing.assert_close(again.decoder.input.weight, reduced.decoder.input.weight)


def test_a_run_that_diverges_is_told(comparison, begun, tmp_path):
    lines, out = [], tmp_path / "out"
    (out / "base").mkdir(parents=True)
    shutil.copy(begun / "base" / "average.safetensors", out / "base")
    wild = replace(comparison, rate=1e30, matrix_rate=1e30)
    made = runner(wild, out, lines=lines)
    assert not made.train_one("split_mean_flow", 0)
    assert "split_mean_flow/0: step" in lines[-1]
    assert "not finite" in lines[-1]
    found = made.results()
    assert found["training"]["split_mean_flow"]["failed"] == 1
    assert found["rows"] == []
    assert "not finite" in table(found)


def test_a_cheap_objective_has_more_updates(comparison, out):
    made = runner(comparison, out)
    assert made.updates("endpoint") < made.updates("flow_matching")
    stages = [made._stage(made.planned("regression"), {})] * 2
    assert all(0 < seconds < 5 for seconds in fastest_updates(stages))


def test_every_objective_of_the_comparison_has_a_run_of_the_same_size(comparison, out):
    made = runner(comparison, out)
    for name in OBJECTIVES:
        run, recipe = made.planned(name), RECIPES[name]()
        assert run.terms == recipe.terms
        assert (run.batch, run.rate, run.maps, run.average) == (2, 8e-4, ("mel",), 0.995)


def test_runs_of_other_things_are_refused(comparison, out):
    with pytest.raises(ValueError, match="vocoder does not train a mel map"):
        runner(replace(comparison, objectives=("vocoder",)), out)
    with pytest.raises(ValueError, match="steps must be from 1 to 64, got 0"):
        replace(comparison, steps=(0,))


def test_a_folder_of_another_comparison_is_refused(comparison, out):
    with pytest.raises(ValueError, match="other updates"):
        runner(replace(comparison, updates=11), out)


def test_discriminators_are_trained_beside_the_decoder(comparison, out):
    made = runner(comparison, out)
    stage = made._stage(made.planned("regression_critics"), {})
    before = {name: weight.clone() for name, weight in stage.state.model.state_dict().items()}
    result = stage.step(0.5, torch.Generator().manual_seed(0))
    after = stage.state.model.state_dict()
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"model", "critics"}
    frozen = [n for n in before if n.startswith("model.") and not n.startswith("model.decoder.")]
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    assert result.losses.keys() == {"mel/regression", "adversarial", "features", "telling"}


def test_a_device_that_is_not_there_is_refused_before_any_work(tmp_path, capsys):
    asked = ["compare", "--features", "none", "--out", str(tmp_path / "out"), "--device", "abacus"]
    assert command(app, asked, "t") == 2
    assert "abacus" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]

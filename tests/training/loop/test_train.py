"""The loop sets the rates and the chance of every step."""

import runpy
import sys
from dataclasses import replace

import pytest
import torch
from tts.training.__main__ import app
from tts.training.acoustic.stage import AcousticStage
from tts.training.data.dataset import FeatureDataset
from tts.training.loop.logger import RunLogger
from tts.training.loop.train import train
from tts.training.recipes import RECIPES

from tests.toys import write_toy_features
from tts.cli.main import run_command as command
from tts.text.pronounce.symbols import PhonemeTokenizer

STEPS = 10


@pytest.fixture
def stage(tiny_config, tmp_path, monkeypatch):
    """A small one, of as many steps as rates are checked."""
    write_toy_features(tmp_path, ("heart",))
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    corpus = FeatureDataset([tmp_path / "heart"], symbols, tiny_config.voices)
    shape = {"batch": 4, "crop": 16, "minutes": None, "steps": STEPS, "precision": "float32"}
    run = replace(RECIPES["flow_matching"](), model=tiny_config, **shape, warmup=4, decay=0.5)
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)
    return AcousticStage(run, corpus, {"val": corpus})


def test_every_optimizer_warms_up_and_falls_to_zero_and_no_step_has_the_chance_of_another(
    stage, tmp_path, monkeypatch
):
    rates, noise, step = [], [], stage.step

    def noted(progress, generator):
        groups = [g for found in stage.state.optimizers for g in found.param_groups]
        rates.append([group["lr"] for group in groups])
        noise.append(torch.randn(4, generator=generator).tolist())
        return step(progress, generator)

    monkeypatch.setattr(stage, "step", noted)
    train(stage.run, stage, tmp_path / "run")
    factors = [0.25, 0.5, 0.75, 1, 1, 1, 0.8, 0.6, 0.4, 0.2]
    for index, full in enumerate((stage.run.rate, stage.run.matrix_rate)):
        found = [group[index] for group in rates]
        assert found == pytest.approx([full * factor for factor in factors])
    assert stage.state.step == len(set(map(tuple, noise))) == STEPS


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("train opera", "unknown recipe 'opera'; recipes: flow_matching, "),
        ("run opera=3", "unknown recipe 'opera'; recipes: flow_matching, "),
        ("train flow_matching --minutes 0", "minutes must be above 0, got 0\n"),
        ("train flow_matching --features none", "no features in none/heart; "),
    ],
)
def test_a_mistake_in_the_arguments_is_reported_without_tensorboard(
    asked, message, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    _without_tensorboard(monkeypatch)
    monkeypatch.delitem(sys.modules, "tts.training.loop.logger")
    runpy.run_module("tts.training.loop.logger")  # what an import runs
    assert command(app, asked.split(), "tts training") == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")


def test_without_tensorboard_nothing_is_trained(stage, monkeypatch, tmp_path):
    _without_tensorboard(monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="tensorboard"):
        train(stage.run, stage, tmp_path / "run")
    assert stage.state.step == 0
    assert not (tmp_path / "run" / "log.jsonl").exists()


def _without_tensorboard(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for name in [name for name in sys.modules if name.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)


def test_a_run_ends_when_its_patience_does_and_resumes_as_ended(stage, tmp_path, monkeypatch):
    run = replace(stage.run, watch="mean", patience=2, save_minutes=0.0)
    stage.run = run
    losses = iter([5.0, 4.0, 4.5, 4.0, *[9.0] * STEPS])
    monkeypatch.setattr(stage, "validate", lambda journal: {"mean": next(losses)})
    train(run, stage, tmp_path / "run")
    assert (stage.state.step, stage.state.stale_saves) == (4, 3)  # the save at the end counts too
    assert stage.state.lowest_loss == 4.0
    train(run, stage, tmp_path / "run")
    assert stage.state.step == 4


def test_progress_is_printed_where_there_is_no_terminal(stage, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(RunLogger, "line_seconds", 0.0)
    train(replace(stage.run, log_every=1), stage, tmp_path / "run")
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("flow_matching: step 10, 100 %, loss ")
    assert lines[-1].endswith(", 0.0 minutes left")


def test_a_run_can_save_at_the_same_updates_on_every_machine(stage, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(
        stage, "validate", lambda journal: saved.append(stage.state.step) or {"mean": 1.0}
    )
    train(replace(stage.run, save_steps=4, save_minutes=60.0), stage, tmp_path / "run")
    assert saved == [4, 8, STEPS]

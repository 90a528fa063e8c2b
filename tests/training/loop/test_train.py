"""The loop sets the rates and the chance of every step."""

from dataclasses import replace

import pytest
import torch
from tts.training.acoustic.stage import AcousticStage
from tts.training.data.dataset import FeatureDataset
from tts.training.loop.train import train
from tts.training.recipes import RECIPES

from tests.toys import write_toy_features
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

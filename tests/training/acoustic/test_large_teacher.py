"""A student of the shipped size learns from a teacher with a larger mel decoder."""

from dataclasses import replace

import pytest
import torch
from tts.training.acoustic.stage import AcousticStage
from tts.training.loop.stages import chain_runs, parse_stages
from tts.training.loop.train import train

from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import load_checkpoint

LINE = "large_flow_matching_gpu=10,small_from_large=6"


@pytest.fixture
def judged_once(monkeypatch):
    for name in ("ROUNDS", "ENDPOINT_ROUNDS"):
        monkeypatch.setattr(f"tts.training.acoustic.stage.{name}", 1)


def test_the_line_of_both_recipes_takes_two_steps(corpus, tiny_config, tmp_path, judged_once):
    larger = replace(tiny_config.decoder, dim=24, depth=3)
    shape = {"minutes": None, "steps": 2, "batch": 4, "crop": 32, "warmup": 1, "compiled": False}
    first, second = (
        replace(run, **shape, model=replace(tiny_config, decoder=decoder))
        for run, decoder in zip(parse_stages(LINE), (larger, tiny_config.decoder), strict=True)
    )
    for run in chain_runs((first, second), tmp_path):
        stage = AcousticStage(run, corpus, {"val": corpus})
        train(run, stage, tmp_path / run.name)
    assert stage.teacher.config.decoder == larger
    assert run.teacher == run.start == str(tmp_path / first.name / "average.safetensors")
    teacher, student = (
        load_checkpoint(tmp_path / name / "average.safetensors", AcousticModel)
        for name in (first.name, second.name)
    )
    assert student.config == tiny_config
    for part in ("encoder", "voices", "mean"):
        kept, own = (getattr(each, part).state_dict() for each in (teacher, student))
        assert all(torch.equal(kept[name], own[name]) for name in kept), part

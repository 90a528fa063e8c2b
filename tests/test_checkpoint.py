import json
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from tts.acoustic import AcousticModel
from tts.checkpoint import load, read_metadata, save
from tts.vocoder import Vocoder

ORIGIN = {"recipe": "tiny", "step": "7"}


def test_a_checkpoint_comes_back_equal(tiny_acoustic, tmp_path):
    path = tmp_path / "model.safetensors"
    save(tiny_acoustic, path, ORIGIN)
    again = load(path, AcousticModel)
    assert again.config == tiny_acoustic.config
    assert not again.training
    for name, value in tiny_acoustic.state_dict().items():
        exact = name in dict(tiny_acoustic.named_buffers())
        expected = value if exact else value.half().float()
        assert torch.equal(again.state_dict()[name], expected), name
    assert read_metadata(path)["recipe"] == "tiny"


def test_loading_leaves_chance_alone(tiny_vocoder, tmp_path):
    save(tiny_vocoder, tmp_path / "model.safetensors", ORIGIN)
    before = torch.get_rng_state()
    load(tmp_path / "model.safetensors", Vocoder)
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_is_left_beside_a_checkpoint(tiny_vocoder, tmp_path):
    save(tiny_vocoder, tmp_path / "model.safetensors", ORIGIN)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_the_wrong_kind_is_refused(tiny_vocoder, tmp_path):
    path = tmp_path / "vocoder.safetensors"
    save(tiny_vocoder, path, ORIGIN)
    with pytest.raises(ValueError, match=r"must hold a model of kind 'acoustic'.*not 'vocoder'"):
        load(path, AcousticModel)


def test_what_is_missing_or_foreign_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a checkpoint"):
        load(tmp_path / "none.safetensors", Vocoder)
    text = tmp_path / "text.safetensors"
    text.write_text("not a checkpoint")
    with pytest.raises(ValueError, match="not a safetensors file"):
        load(text, Vocoder)
    foreign = tmp_path / "foreign.safetensors"
    safetensors.torch.save_file({"weight": torch.zeros(1)}, foreign)
    with pytest.raises(ValueError, match="carries no config"):
        load(foreign, Vocoder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config.update(colour="red"), "has no field colour"),
        (lambda config: config.pop("dim"), "lacks the field dim"),
        (lambda config: config.update(dim=32), "does not fit its own config"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(tiny_vocoder, tmp_path, change, message):
    path = tmp_path / "model.safetensors"
    save(tiny_vocoder, path, ORIGIN)
    metadata = read_metadata(path)
    config = json.loads(metadata["config"])
    change(config)
    weights = safetensors.torch.load_file(path)
    changed = {**metadata, "config": json.dumps(config)}
    safetensors.torch.save_file(weights, path, metadata=changed)
    with pytest.raises(ValueError, match=message):
        load(path, Vocoder)


@torch.no_grad()
def test_a_vocoder_that_says_nothing_of_patches_has_frames_alone(tiny_vocoder, tmp_path):
    path = tmp_path / "model.safetensors"
    save(tiny_vocoder, path, ORIGIN)
    metadata = read_metadata(path)
    config = json.loads(metadata["config"])
    del config["patch"]
    changed = {**metadata, "config": json.dumps(config)}
    mel, known = torch.randn(1, 20, 100), load(path, Vocoder)
    safetensors.torch.save_file(safetensors.torch.load_file(path), path, metadata=changed)
    assert load(path, Vocoder).config == known.config
    assert torch.equal(load(path, Vocoder)(mel), known(mel))


SHIPPED = Path(__file__).parent.parent / "checkpoints"


def test_shipped_checkpoints_are_light():
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 25e6


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
def test_a_checkpoint_can_be_read_by_whoever_can_read_other_files(tiny_acoustic, tmp_path):
    other = tmp_path / "other"
    other.touch()
    path = tmp_path / "a.safetensors"
    save(tiny_acoustic, path, {})
    assert path.stat().st_mode == other.stat().st_mode

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch

from tts import load as load_both
from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.config import MelConfig, VocoderConfig
from tts.torch_checkpoint import load_checkpoint, save_checkpoint
from tts.vocoder.model import Vocoder

ORIGIN = {"recipe": "tiny", "step": "7"}


def test_a_checkpoint_comes_back_equal(tiny_acoustic, tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_acoustic, path, ORIGIN)
    again = load_checkpoint(path, AcousticModel)
    assert again.config == tiny_acoustic.config
    assert not again.training
    for name, value in tiny_acoustic.state_dict().items():
        exact = name in dict(tiny_acoustic.named_buffers())
        expected = value if exact else value.half().float()
        assert torch.equal(again.state_dict()[name], expected), name
    assert read_metadata(path)["recipe"] == "tiny"


def test_loading_leaves_chance_alone(tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "model.safetensors", ORIGIN)
    before = torch.get_rng_state()
    load_checkpoint(tmp_path / "model.safetensors", Vocoder)
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_is_left_beside_a_checkpoint(tiny_vocoder, tmp_path):
    save_checkpoint(tiny_vocoder, tmp_path / "model.safetensors", ORIGIN)
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_the_wrong_kind_is_refused(tiny_vocoder, tmp_path):
    path = tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_vocoder, path, ORIGIN)
    with pytest.raises(ValueError, match=r"is not an acoustic model; its kind is 'vocoder'"):
        load_checkpoint(path, AcousticModel)


def test_another_format_is_refused(tiny_vocoder, tmp_path):
    path = tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_vocoder, path, ORIGIN)
    metadata = {**read_metadata(path), "format": "2"}
    safetensors.torch.save_file(safetensors.torch.load_file(path), path, metadata=metadata)
    with pytest.raises(ValueError, match=r"^cannot read .*: expected format '1', got '2'$"):
        load_checkpoint(path, Vocoder)


def test_what_is_missing_or_foreign_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*none\.safetensors"):
        load_checkpoint(tmp_path / "none.safetensors", Vocoder)
    with pytest.raises(FileNotFoundError, match=f"^not a file: {re.escape(str(tmp_path))}$"):
        load_checkpoint(tmp_path, Vocoder)
    text = tmp_path / "text.safetensors"
    text.write_text("not a checkpoint")
    with pytest.raises(ValueError, match="not a safetensors file"):
        load_checkpoint(text, Vocoder)
    foreign = tmp_path / "foreign.safetensors"
    safetensors.torch.save_file({"weight": torch.zeros(1)}, foreign)
    with pytest.raises(
        ValueError, match="is not a checkpoint of this system; its metadata has no config"
    ):
        load_checkpoint(foreign, Vocoder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config.update(colour="red"), "has no field colour"),
        (lambda config: config.pop("dim"), "needs the field dim"),
        (lambda config: config.update(dim=32), "do not match its config"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(tiny_vocoder, tmp_path, change, message):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_vocoder, path, ORIGIN)
    metadata = read_metadata(path)
    config = json.loads(metadata["config"])
    change(config)
    weights = safetensors.torch.load_file(path)
    changed = {**metadata, "config": json.dumps(config)}
    safetensors.torch.save_file(weights, path, metadata=changed)
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path, Vocoder)


@torch.no_grad()
def test_a_vocoder_that_says_nothing_of_patches_has_frames_alone(tiny_vocoder, tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_vocoder, path, ORIGIN)
    metadata = read_metadata(path)
    config = json.loads(metadata["config"])
    del config["patch"]
    changed = {**metadata, "config": json.dumps(config)}
    mel, known = torch.randn(1, 20, 100), load_checkpoint(path, Vocoder)
    safetensors.torch.save_file(safetensors.torch.load_file(path), path, metadata=changed)
    assert load_checkpoint(path, Vocoder).config == known.config
    assert torch.equal(load_checkpoint(path, Vocoder)(mel), known(mel))


SHIPPED = Path(__file__).parents[2] / "checkpoints"


def test_shipped_checkpoints_are_light():
    sizes = {path: path.stat().st_size for path in SHIPPED.iterdir()}
    assert sum(sizes.values()) < 32e6
    assert all(size < 3e6 for path, size in sizes.items() if path.suffix == ".voice")


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
def test_a_checkpoint_can_be_read_by_whoever_can_read_other_files(tiny_acoustic, tmp_path):
    other = tmp_path / "other"
    other.touch()
    path = tmp_path / "a.safetensors"
    save_checkpoint(tiny_acoustic, path, {})
    assert path.stat().st_mode == other.stat().st_mode


def test_models_that_cannot_speak_together_are_refused(tiny_acoustic, tiny_config, tmp_path):
    paths = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, paths[0], {})
    mel = MelConfig(hop=128)
    save_checkpoint(
        Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=1, mel=mel)), paths[1], {}
    )
    with pytest.raises(ValueError, match=r"acoustic.* must have the same mel-spectrogram, got"):
        load_both(*paths)
    lacking = replace(tiny_config, symbols=tiny_config.symbols.replace("ɑ", "%"))
    save_checkpoint(AcousticModel(lacking), paths[0], {})
    with pytest.raises(ValueError, match=r"acoustic.* lacks the symbols 'ɑ', .*; use another"):
        load_both(*paths)


def test_a_deviation_of_nothing_is_refused(tiny_acoustic, tmp_path):
    tiny_acoustic.prosody_deviation[2] = 0
    save_checkpoint(tiny_acoustic, tmp_path / "a.safetensors", {})
    with pytest.raises(ValueError, match="deviation that is not above 0; download it or make"):
        load_checkpoint(tmp_path / "a.safetensors", AcousticModel)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("prosody_mean", 6e4, "predicts more than 1000 frames a symbol; its checkpoint is"),
        ("mel_mean", float("nan"), "samples that are not finite; download or make their checkp"),
    ],
)
def test_what_no_model_should_say_is_no_sound(tiny_synthesizer, name, value, sentence):
    getattr(tiny_synthesizer.runtime.acoustic, name).fill_(value)
    with pytest.raises(ValueError, match=sentence):
        tiny_synthesizer.speak("Hello.")


def test_the_pitch_network_keeps_all_its_digits_and_the_backbone_half(tiny_harmonic, tmp_path):
    """An F0 of half precision loses the phase of high harmonics within a second."""
    path = tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_harmonic, path, ORIGIN)
    again, kept = load_checkpoint(path, Vocoder).source.pitch, tiny_harmonic.source.pitch
    for name, weight in kept.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name
    types = {name: weight.dtype for name, weight in safetensors.torch.load_file(path).items()}
    assert types["source.pitch.net.0.weight"] == torch.float32
    assert types["backbone.embed.weight"] == torch.float16

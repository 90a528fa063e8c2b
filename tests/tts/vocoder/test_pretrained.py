import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import soundfile
import torch
import yaml
from tts.training.release.fingerprint import fingerprint
from vocos.feature_extractors import MelSpectrogramFeatures
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone
from vocos.pretrained import Vocos

from tts import load
from tts.checkpoint import read_metadata
from tts.cli.main import main
from tts.config import MelConfig, VocoderConfig
from tts.torch_checkpoint import load_checkpoint as load_checkpoint
from tts.torch_checkpoint import load_vocoder
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder
from tts.vocoder.pretrained import resolve_vocoder, vocoder_files

CONFIG = """
feature_extractor:
  class_path: vocos.feature_extractors.MelSpectrogramFeatures
  init_args:
    sample_rate: 24000
    n_fft: 1024
    hop_length: 256
    n_mels: 100
    padding: center

backbone:
  class_path: vocos.models.VocosBackbone
  init_args:
    input_channels: 100
    dim: 16
    intermediate_dim: 32
    num_layers: 2

head:
  class_path: vocos.heads.ISTFTHead
  init_args:
    dim: 16
    n_fft: 1024
    hop_length: 256
    padding: center
"""
EXTRACTOR = "vocos.feature_extractors.MelSpectrogramFeatures"


@pytest.fixture
def public():
    """A tiny vocoder of the vocos package, every weight of it random."""
    head = ISTFTHead(16, n_fft=1024, hop_length=256, padding="center")
    vocos = Vocos(MelSpectrogramFeatures(), VocosBackbone(100, 16, 32, 2), head).eval()
    with torch.no_grad():
        for weight in vocos.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return vocos


@pytest.fixture
def folder(public, tmp_path):
    """The same, as the package publishes it."""
    return publish(public, tmp_path / "vocos")


def publish(vocos, path):
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(CONFIG)
    torch.save(vocos.state_dict(), path / "pytorch_model.bin")
    return path


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Where the hub's client keeps what it fetched: nothing yet."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def asked(monkeypatch):
    """The machines that are looked for, none of which is found."""
    hosts = []

    def getaddrinfo(host, *_, **__):
        hosts.append(host)
        raise OSError("no network")

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    return hosts


@pytest.fixture
def tts(tmp_path, monkeypatch, capfd):
    """The command, as a function of its arguments, giving its exit code and what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as exit:
            main([str(argument) for argument in arguments])
        return exit.value.code or 0, capfd.readouterr().err

    return run


@torch.inference_mode()
def test_it_makes_every_sample_that_the_package_makes_and_one_hop_more(public, folder):
    mel = log_mel(0.1 * torch.randn(2, 256 * 30), MelConfig())
    theirs, ours = public.decode(mel.mT), load_vocoder(folder)(mel)
    assert (ours.shape, theirs.shape) == ((2, 30 * 256), (2, 29 * 256))
    torch.testing.assert_close(ours[:, : 29 * 256], theirs, atol=1e-6, rtol=1e-4)
    assert theirs.std() > 1e-2


def test_its_sizes_are_those_of_its_config(folder):
    vocoder = load_vocoder(str(folder))
    assert vocoder.config == VocoderConfig(dim=16, intermediate_dim=32, depth=2)
    assert not vocoder.training


def test_loading_leaves_chance_alone(folder):
    before = torch.get_rng_state()
    load_vocoder(folder)
    assert torch.equal(torch.get_rng_state(), before)


@torch.inference_mode()
def test_safetensors_are_read_rather_than_a_pickle(public, folder):
    safetensors.torch.save_file(public.state_dict(), folder / "model.safetensors")
    before = load_vocoder(folder).state_dict()
    (folder / "pytorch_model.bin").unlink()
    after = load_vocoder(folder).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ValueError, match="expected named weights and nothing else"):
        load_vocoder(folder)


@torch.inference_mode()
def test_converted_it_speaks_the_same_within_half_precision(folder, tts, tmp_path):
    assert tts("vocoder", "convert", folder, "mine.safetensors") == (0, "")
    assert read_metadata(tmp_path / "mine.safetensors")["converted_from"] == "vocos"
    mel = log_mel(0.1 * torch.randn(1, 256 * 30), MelConfig())
    exact = load_vocoder(folder)
    halved = load_checkpoint(tmp_path / "mine.safetensors", Vocoder)
    assert halved.config == exact.config
    error = (halved(mel) - exact(mel)).std() / exact(mel).std()
    assert 0 < error < 1e-2


def test_the_command_and_the_library_speak_with_it(folder, synthesizer, tts, tmp_path):
    code, said = tts("say", "Hello there.", "-o", "speech.wav", "--vocoder", folder)
    assert code == 0, said
    heard, _ = soundfile.read(tmp_path / "speech.wav", dtype="float32")
    speech = load(vocoder=folder).speak("Hello there.")
    np.testing.assert_allclose(heard, speech.audio, atol=1e-3)
    assert not np.allclose(speech.audio, synthesizer.speak("Hello there.").audio, atol=1e-3)


@pytest.mark.parametrize(
    ("part", "change", "sentence"),
    [
        (
            "feature_extractor",
            {"class_path": "vocos.feature_extractors.EncodecFeatures"},
            f"the feature_extractor must be {EXTRACTOR}, got vocos.*EncodecFeatures; use",
        ),
        (
            "head",
            {"class_path": "vocos.heads.IMDCTCosHead"},
            "the head must be vocos.heads.ISTFTHead, got vocos",
        ),
        ("backbone", {"class_path": "os.system"}, "the backbone must be .*, got os.system; use"),
        ("backbone", {"class_path": None}, "the backbone must be .*, got None; use"),
        ("feature_extractor", {"sample_rate": 44100}, "sample_rate .* must be 24000, got 44100;"),
        (
            "feature_extractor",
            {"n_mels": 80},
            "n_mels of the feature_extractor must be 100, got 80",
        ),
        ("feature_extractor", {"padding": "same"}, "padding of .* must be center, got same; use"),
        ("feature_extractor", {"f_min": 20}, f"invalid arguments of {EXTRACTOR}: .*'f_min'"),
        ("backbone", {"input_channels": 80}, "input_channels of the backbone must be 100, got 80"),
        (
            "backbone",
            {"adanorm_num_embeddings": 4},
            "adanorm_num_embeddings of the backbone must be None, got 4",
        ),
        ("backbone", {"dim": "wide"}, r"sizes of the backbone .*, got \['wide', 32, 2\]"),
        ("backbone", {"num_layers": 0}, r"sizes of the backbone .*, got \[16, 32, 0\]"),
        ("backbone", {"num_layers": 3}, "do not match its config"),
        ("head", {"padding": "same"}, "padding of the head must be center, got same"),
        ("head", {"n_fft": 2048}, "n_fft of the head must be 1024, got 2048"),
    ],
)
def test_another_vocoder_is_refused(folder, part, change, sentence):
    config = yaml.safe_load(CONFIG)
    for name, value in change.items():
        (config[part] if name == "class_path" else config[part]["init_args"])[name] = value
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(ValueError, match=sentence):
        load_vocoder(folder)


def test_what_a_config_does_not_say_is_as_the_package_has_it(folder):
    config = yaml.safe_load(CONFIG)
    config["backbone"]["init_args"]["layer_scale_init_value"] = 0.1
    del config["feature_extractor"]["init_args"]
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, "sample_rate": 24000}))
    assert load_vocoder(folder).config.dim == 16
    del config["head"]["init_args"]["padding"]
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(ValueError, match=r"padding of the head must be center, got same"):
        load_vocoder(folder)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("{", r"cannot read .*config\.yaml: not a YAML file"),
        ("\x00", r"cannot read .*config\.yaml: not a YAML file"),
        ("", "the feature_extractor must be .*, got None"),
        ("- 1", "the feature_extractor must be .*, got None"),
        ("a: !!python/object/apply:os.getpid []", r"cannot read .*config\.yaml: not a YAML file"),
        (f"feature_extractor: {{class_path: {EXTRACTOR}, init_args: [1]}}", "must be a mapping"),
    ],
)
def test_a_config_that_is_none_is_refused(folder, config, sentence):
    (folder / "config.yaml").write_text(config)
    with pytest.raises(ValueError, match=sentence):
        load_vocoder(folder)


class Harm:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("harmed",)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "arguments", ["say Hi. -o - --vocoder vocos", "vocoder convert vocos a.safetensors"]
)
def test_a_pickle_that_would_run_code_is_refused(arguments, zipped, folder, tts, tmp_path):
    harm = {"backbone.embed.weight": Harm()}
    path = folder / "pytorch_model.bin"
    torch.save(harm, path) if zipped else path.write_bytes(pickle.dumps(harm))
    code, said = tts(*arguments.split())
    assert code == 2
    assert said.startswith("error: cannot read vocos/pytorch_model.bin: expected named weights")
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["vocos"]


@pytest.mark.parametrize("content", [b"", b"damaged", b"PK\x03\x04", b"\x80\x02}."])
def test_a_damaged_pickle_is_refused(folder, content):
    (folder / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(ValueError, match=r"expected named weights and|do not match its config"):
        load_vocoder(folder)


@pytest.mark.parametrize("content", [[1, 2], {"state_dict": {}}, {"step": 7}])
def test_weights_are_named_tensors(folder, content):
    torch.save(content, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match="expected named weights and nothing else"):
        load_vocoder(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda weights: weights.pop("head.out.bias"), "do not match its config"),
        (lambda weights: weights.pop("head.istft.window"), "do not match its config"),
        (lambda weights: weights.update({"head.more": torch.ones(1)}), "do not match its config"),
        (
            lambda weights: weights.update({"feature_extractor.more": torch.ones(1)}),
            "do not match its config",
        ),
        (
            lambda weights: weights["feature_extractor.mel_spec.mel_scale.fb"].mul_(2),
            "its mel_spec.mel_scale.fb is not that of the mel-spectrogram; use",
        ),
    ],
)
def test_every_weight_must_find_its_place(public, folder, change, sentence):
    weights = public.state_dict()
    change(weights)
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=sentence):
        load_vocoder(folder)


@pytest.mark.parametrize("name", ["config.yaml", "pytorch_model.bin"])
def test_a_folder_that_is_not_whole_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"no {name} in .*; a vocoder has config.yaml"):
        load_vocoder(folder)


def test_a_name_is_what_was_fetched_by_it_once(public, hub, asked, tts, tmp_path):
    fetched = hub / "models--somebody--vocos-24khz"
    publish(public, fetched / "snapshots" / "c0ffee")
    (fetched / "refs").mkdir()
    (fetched / "refs" / "main").write_text("c0ffee")
    assert load_vocoder("somebody/vocos-24khz").config.dim == 16
    assert tts("vocoder", "convert", "somebody/vocos-24khz", "mine.safetensors") == (0, "")
    origin = read_metadata(tmp_path / "mine.safetensors")["converted_from"]
    assert origin == "somebody/vocos-24khz"
    assert asked == []


def test_without_a_network_a_name_is_refused_in_a_sentence(hub, tts, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    code, said = tts("say", "Hi.", "-o", "hi.wav", "--vocoder", "somebody/vocos-24khz")
    assert code == 2
    assert said == (
        "error: cannot download the vocoder somebody/vocos-24khz from Hugging Face: "
        "LocalEntryNotFoundError; give the path of a folder with its config.yaml and "
        "pytorch_model.bin\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        Path("somebody/vocos"),
        "./somebody/vocos",
        "somebody/vocos.safetensors",
        "vocos/nothing",
        "a/b/c",
        "nothing",
    ],
)
def test_a_path_is_never_fetched(source, folder, asked, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert resolve_vocoder(source) == Path(source)
    with pytest.raises(FileNotFoundError, match=f"no such file: {Path(source)}$"):
        load_vocoder(source)
    assert asked == []


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("mine.bin", "a checkpoint's name must end in .safetensors, got 'mine.bin'"),
        ("nowhere/mine.safetensors", "cannot write nowhere/mine.safetensors: no such folder"),
    ],
)
def test_where_it_is_converted_to_is_checked_first(file, sentence, tts, tmp_path):
    code, said = tts("vocoder", "convert", "nothing", file)
    assert code == 2
    assert said.startswith(f"error: {sentence}")
    assert not list(tmp_path.iterdir())


def test_an_evaluation_knows_it_by_its_config_and_its_weights(public, folder):
    first = fingerprint(*vocoder_files(folder))
    (folder / "README.md").write_text("Hello.")
    assert fingerprint(*vocoder_files(folder)) == first
    torch.save({**public.state_dict(), "more": torch.ones(1)}, folder / "pytorch_model.bin")
    assert fingerprint(*vocoder_files(folder)) != first
    single = folder / "config.yaml"
    assert vocoder_files(single) == (single,)


def test_without_the_package_a_public_vocoder_says_what_it_needs(folder, monkeypatch, tts):
    monkeypatch.setitem(sys.modules, "vocos.models", None)
    code, said = tts("say", "Hi.", "-o", "hi.wav", "--vocoder", folder)
    assert code == 2
    assert said == "error: a public vocoder needs vocos; install it with pip install vocos\n"


def test_of_two_files_that_differ_the_safetensors_are_read(public, folder):
    weights = {name: weight.clone() for name, weight in public.state_dict().items()}
    weights["head.out.bias"] += 1
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    loaded = load_vocoder(folder).state_dict()
    torch.testing.assert_close(loaded["head.out.bias"], weights["head.out.bias"])
    assert vocoder_files(folder) == (folder / "config.yaml", folder / "model.safetensors")

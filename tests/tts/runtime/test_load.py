"""Which runtime and precision are taken for models and options, and what is refused."""

import re
from inspect import unwrap

import pytest

from tts import load
from tts.checkpoint import shipped_checkpoint
from tts.processor import Int8Support
from tts.runtime.load import RuntimeOptions, choose_runtime

ACOUSTIC, VOCODER = map(shipped_checkpoint, ("acoustic", "vocoder"))
PUBLIC = "owner/name"


@pytest.fixture
def installed(monkeypatch):
    """Sets which packages are found, and that int8 is fast."""
    monkeypatch.setattr("tts.runtime.load.int8_support", lambda: Int8Support(True, ""))

    def choose(*packages):
        for module in ("tts.runtime.load", "tts.runtime.graph_files", "tts.devices"):
            monkeypatch.setattr(f"{module}.find_spec", lambda name: name in packages)

    choose("onnx", "torch")
    return choose


@pytest.fixture
def other_sizes(tiny_vocoder, tmp_path):
    from tts.torch_checkpoint import save_checkpoint

    save_checkpoint(tiny_vocoder, tmp_path / "tiny.safetensors", {})
    return tmp_path / "tiny.safetensors"


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({}, ("onnx", "int8")),
        ({"precision": "float32"}, ("onnx", "float32")),
        ({"runtime": "onnx"}, ("onnx", "int8")),
        ({"runtime": "torch"}, ("torch", "float32")),
        ({"device": "cuda"}, ("torch", "float32")),
    ],
)
def test_the_shipped_models_run_as_options_say(installed, given, chosen):
    assert choose_runtime(ACOUSTIC, VOCODER, RuntimeOptions(**given)) == chosen


def test_float32_is_chosen_where_int8_is_slow(installed, monkeypatch):
    monkeypatch.setattr("tts.runtime.load.int8_support", lambda: Int8Support(False, ""))
    assert choose_runtime(ACOUSTIC, VOCODER, RuntimeOptions())[1] == "float32"


def test_public_vocoders_run_with_torch(installed):
    assert choose_runtime(ACOUSTIC, PUBLIC, RuntimeOptions()) == ("torch", "float32")


@pytest.mark.parametrize(
    ("packages", "options", "runtime"),
    [
        (("onnx", "torch"), {}, "onnx"),
        (("torch",), {}, "torch"),
        (("torch",), {"precision": "float32"}, "torch"),
        (("torch",), {"precision": "int8"}, "onnx"),
        (("torch",), {"runtime": "onnx"}, "onnx"),
        ((), {}, "onnx"),
    ],
)
def test_other_sizes_run_with_what_is_installed(installed, other_sizes, packages, options, runtime):
    installed(*packages)
    assert choose_runtime(ACOUSTIC, other_sizes, RuntimeOptions(**options))[0] == runtime


def test_other_sizes_are_spoken_with_torch_alone(installed, other_sizes):
    installed("torch")
    synthesizer = load(vocoder=other_sizes)
    assert (synthesizer.runtime.name, synthesizer.runtime.precision) == ("torch", "float32")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "ONNX"}, "runtime must be one of onnx, torch; got 'ONNX'"),
        ({"threads": 0}, "threads must be from 1 to 1024, got 0"),
        ({"runtime": "torch", "precision": "int8"}, "'int8' needs the runtime 'onnx', got 'torch'"),
        ({"runtime": "onnx", "device": "cuda"}, "'onnx' needs the device 'cpu', got 'cuda'"),
        ({"precision": "int8", "device": "cuda"}, "'int8' needs the device 'cpu', got 'cuda'"),
        ({"vocoder": PUBLIC, "runtime": "onnx"}, "needs the runtime 'torch', got 'onnx'"),
        ({"vocoder": PUBLIC, "precision": "int8"}, "needs the precision 'float32', got 'int8'"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        load(**options)


@pytest.mark.parametrize(("name", "path"), [("acoustic", 3), ("vocoder", b"v")])
def test_models_are_given_by_paths(name, path):
    untyped = unwrap(load)  # without the checks of types that tests add
    with pytest.raises(ValueError, match=f"{name} must be a path, got {path}"):
        untyped(**{name: path})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "torch"}, "the runtime 'torch' needs PyTorch"),
        ({"device": "cuda"}, "the device 'cuda' needs PyTorch"),
        ({"vocoder": PUBLIC}, "a public vocoder needs PyTorch"),
    ],
)
def test_without_torch_the_extra_is_named(installed, options, message):
    installed()
    with pytest.raises(ModuleNotFoundError, match=f"{message}; install it with .*torch"):
        load(**options)

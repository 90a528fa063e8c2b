"""Shapes are checked on every call; models are tiny, random and always the same."""

import os
import ssl
import sys
import threading
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from beartype import BeartypeConf, BeartypeDecorPlace
from beartype.claw import beartype_package
from jaxtyping import install_import_hook

# each client of httpx would read all certificates, for 20 ms; no test uses TLS
ssl.create_default_context = cache(ssl.create_default_context)
os.environ["XDG_DATA_HOME"] = os.devnull  # voices of the user's data folder change no test
os.environ["TTS_CONFIG"] = os.devnull  # nor do settings
CONF = "beartype.BeartypeConf(is_pep484_tower=True)"
ROOMS = (Path(__file__).parent.parent / "tts").glob("[a-z]*")
SHAPED = [f"tts.{path.stem}" for path in ROOMS if path.stem != "text"]
# threads that import at once make the hook write its code to the files of plain bytecode
sys.dont_write_bytecode = True
install_import_hook([*SHAPED, "tts.training", "tts.app"], f"beartype.beartype(conf={CONF})")
# text has no shapes, and what checks them is slow where a function is called a million times
beartype_package(
    "tts.text",
    conf=BeartypeConf(is_pep484_tower=True, claw_decor_place_func=BeartypeDecorPlace.FIRST),
)

import pytest  # noqa: E402

from tests.torchless import needs_torch  # noqa: E402
from tts.config import (  # noqa: E402
    DecoderConfig,
    EncoderConfig,
    ModelConfig,
    ProsodyConfig,
    VocoderConfig,
)
from tts.text.pronounce.symbols import END, INVENTORY, START  # noqa: E402

TORCH = find_spec("torch") is not None
if TORCH:
    import torch


def pytest_xdist_auto_num_workers(config):
    """Files that are named run at once and here; of a folder every core takes its part."""
    named = [Path(argument.partition("::")[0]).is_file() for argument in config.args]
    return 0 if all(named) else None


def pytest_ignore_collect(collection_path):
    """Without PyTorch, the modules of tests that need it are left out."""
    left_out = not TORCH and collection_path.suffix == ".py" and needs_torch(collection_path)
    return left_out or None


def pytest_collection_modifyitems(items):
    """A test that hangs fails; a slow one has an hour."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


def pytest_runtest_setup():
    """Tests share the cores, so each has one thread, whatever the one before it asked for."""
    if TORCH:
        torch.set_num_threads(1)


SLOW_SECONDS = 3600
TINY = ModelConfig(
    symbols=START + END + INVENTORY,
    voices=("heart", "michael"),
    voice_dim=8,
    encoder=EncoderConfig(dim=16, depth=2, heads=2, kernel=5, dropout=0.1),
    prosody=ProsodyConfig(dim=16, depth=2, heads=2, kernel=5),
    decoder=DecoderConfig(dim=16, depth=2, kernel=7, patch=2),
)


@pytest.fixture(autouse=True)
def seed():
    if TORCH:
        torch.manual_seed(0)


@pytest.fixture(scope="session")
def tiny_config():
    return TINY


@pytest.fixture(scope="session")
def synthesizer():
    """The shipped voices, which change for nobody."""
    from tts import load

    return load()


@pytest.fixture(scope="session")
def torch_synthesizer():
    """The shipped voices by PyTorch, whose modules tests may read."""
    pytest.importorskip("torch")
    from tts import load

    return load(runtime="torch")


@pytest.fixture
def tiny_acoustic():
    """Random weights everywhere, so that nothing is silent at zero."""
    pytest.importorskip("torch")
    from tts.acoustic.model import AcousticModel

    torch.manual_seed(0)
    return awake(AcousticModel(TINY)).eval()


@pytest.fixture
def tiny_vocoder():
    pytest.importorskip("torch")
    from tts.vocoder.model import Vocoder

    torch.manual_seed(0)
    return Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=2)).eval()


@pytest.fixture
def tiny_harmonic():
    """A vocoder with a source, whose every weight has some life."""
    pytest.importorskip("torch")
    from tts.vocoder.model import Vocoder

    torch.manual_seed(0)
    vocoder = Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=1, pitch_dim=8))
    with torch.no_grad():
        vocoder.head.out.weight.add_(0.1 * torch.randn_like(vocoder.head.out.weight))
    return vocoder.eval()


@pytest.fixture
def tiny_synthesizer(tiny_acoustic, tiny_vocoder):
    from tts.runtime.torch import TorchRuntime
    from tts.synthesis import Synthesizer

    return Synthesizer(TorchRuntime(tiny_acoustic, tiny_vocoder))


@pytest.fixture
def small_files():
    """No file may grow beyond so many bytes meanwhile, as if the disk were full then."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limit(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


@pytest.fixture
def slow_reading(monkeypatch):
    """What lets texts be read that begin with "Slow", and those whose reading has begun."""
    from tts.text.frontend import prepare_utterances

    may, begun = threading.Event(), []

    def wait(text, *options):
        if text.startswith("Slow"):
            begun.append(text)
            assert may.wait(20)
        return prepare_utterances(text, *options)

    monkeypatch.setattr("tts.synthesis.prepare_utterances", wait)
    yield may, begun
    may.set()


def awake(model):
    """Layers that start at zero hide faults; give every weight some life."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
        model.prosody_mean[0] = 1.5
        model.prosody_deviation[0] = 0.5
    return model

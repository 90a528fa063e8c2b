import pytest

from tts.runtime.export import export_networks
from tts.synthesis import load, shipped_checkpoint


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The shipped networks."""
    folder = tmp_path_factory.mktemp("exported")
    export_networks(folder, shipped_checkpoint("acoustic"), shipped_checkpoint("vocoder"))
    return folder


@pytest.fixture(scope="session")
def exact():
    """The synthesizer that examples are compared with."""
    return load(runtime="onnx", precision="float32")

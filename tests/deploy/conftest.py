import pytest
from tts.app.network.hosts import Hosts
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.serving import serving
from tts.serving.engine import Engine


@pytest.fixture(scope="session")
def served(synthesizer):
    """The address of `tts serve --allow-host tts.example.com`, in this process."""
    settings = ServerSettings(hosts=Hosts(more=("tts.example.com",)))
    with Engine(synthesizer) as engine, serving(create_app(engine, settings)) as address:
        yield address

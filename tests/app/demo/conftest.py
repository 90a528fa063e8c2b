"""The page of the demo with the shipped voices, and what its tests say."""

import gc

import pytest
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.network.hosts import Hosts

from tts.serving.engine import Engine

# Gradio leaves loops and the pipes that wake them to the garbage
LEFT = r"ignore:Exception ignored in. <(socket|function BaseEventLoop)"
TEXT = "It was cold. Was it late, or was it early? She had stopped asking."
LONG = "Nobody on the stairs looked up, and the clocks were striking thirteen. " * 60


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer, workers=1) as works:
        yield works


@pytest.fixture(scope="module")
def url(engine):
    with serve_page(engine, Hosts(), 0, DemoLimits(characters=5000)) as blocks:
        yield blocks.local_url.rstrip("/")
    gc.collect()


@pytest.fixture
def studio(engine):
    return DemoHandlers(engine, DemoLimits(characters=5000))

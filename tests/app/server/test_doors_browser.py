"""The demo below `/demo` of the server, in a browser that was given the key as a password."""

import gc

import pytest
from tts.app.demo.limits import DemoLimits
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.app.demo.conftest import LEFT
from tests.app.demo.visit import Visit
from tests.browsing import browsing, needs_chromium
from tests.serving import serving
from tts.serving.engine import Engine

KEY = "sesame"
TEXT = "It was cold. Was it late?"

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def at(synthesizer):
    settings = ServerSettings(key=KEY)
    with Engine(synthesizer) as engine, serving(create_app(engine, settings, DemoLimits())) as at:
        yield at
    gc.collect()


def test_with_the_key_as_password_the_page_speaks(at, tmp_path):
    with browsing(tmp_path) as browser:
        browser.get(f"{at}/demo/")
        assert not browser.find_elements("css selector", "#speak"), "it is not shown without a key"
        # what a visitor types once; a page at an address with a password could fetch nothing
        browser.get(f"{at}/demo/config".replace("//", f"//visitor:{KEY}@"))
        page = Visit(browser, f"{at}/demo/")
        page.hear(TEXT)
        assert {"cold", "late"} <= {word.strip(" .,?") for word in page.tell("lit")}
        status = page.run(
            "return fetch(document.querySelector('a[download]').href).then((got) => got.status)"
        )
        assert status == 200
        messages = [each["message"] for each in page.complaints()]
        # Gradio's page asks for its manifest at the root, wherever it is mounted
        assert [each for each in messages if "manifest.json" not in each] == []

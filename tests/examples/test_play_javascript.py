"""The client in JavaScript, in a browser that calls a running server from another site."""

import shutil
import subprocess
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.browsing import browsing, needs_chromium
from tests.laws.documentation import Page as Documentation
from tests.serving import SPEECH, serving
from tts.serving.engine import Engine

PATH = Path(__file__).parents[2] / "examples" / "play.mjs"
NODE = shutil.which("node")
MAX_LINES = 60
KEY = "a-key"
ODD = 1001  # bytes; a piece of this length ends within a sample
TEXT = "Hello there. It is good to see you."
LONG = "And so it was that they went on, and nobody told them to stop. " * 20
(RECIPE,) = Documentation("docs/recipes/clients.md").code("html")
DEFAULT = "http://127.0.0.1:8000"
# A page that calls the usual address calls another; its sources are counted
ELSEWHERE = """
const usual = window.fetch;
window.fetch = (address, options) => usual(address.replace(arguments[0], arguments[1]), options);
const start = AudioBufferSourceNode.prototype.start;
window.started = 0;
AudioBufferSourceNode.prototype.start = function (...at) {
  window.started++;
  start.apply(this, at);
};
"""
RECORDER = """
class Recorder extends AudioWorkletProcessor {
  process([[heard = new Float32Array(128)]]) {
    this.port.postMessage(heard);
    return true;
  }
}
registerProcessor("recorder", Recorder);
"""
# Cuts the body of every answer into pieces of a length, as networks may
CUT = """
const usual = window.fetch;
window.fetch = async (...request) => {
  const answer = await usual(...request);
  const cut = new TransformStream({
    transform(bytes, out) {
      for (let at = 0; at < bytes.length; at += length) out.enqueue(bytes.slice(at, at + length));
    },
  });
  return new Response(answer.body.pipeThrough(cut), answer);
};
"""
PAGE = """
<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="module">
  import { speak } from "./play.mjs";
  const context = new AudioContext({ sampleRate: 24000 });
  await context.audioWorklet.addModule("recorder.js");
  const output = new AudioWorkletNode(context, "recorder");
  output.connect(context.destination);
  window.heard = [];
  output.port.onmessage = ({ data }) => {
    window.heard.push(...data);
    window.first ??= data.some((sample) => sample) ? performance.now() : undefined;
  };
  window.say = (text, options) => {
    [window.heard, window.first, window.ended] = [[], undefined, undefined];
    speak(text, { output, ...options }).then(
      () => (window.ended = "done"),
      (error) => (window.ended = error.message),
    );
  };
</script>
"""


def test_is_short():
    assert len(PATH.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.skipif(not NODE, reason="needs node")
@pytest.mark.parametrize("path", sorted(PATH.parent.glob("*.mjs")), ids=lambda path: path.name)
def test_examples_are_valid_javascript(path):
    subprocess.run([NODE, "--check", path], check=True, timeout=20)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a page with the client and what records its sound."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(PATH, folder)
    (folder / "recorder.js").write_text(RECORDER, encoding="utf-8")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "recipe.html").write_text(RECIPE, encoding="utf-8")
    with serving(Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])) as site:
        yield site


@pytest.fixture(scope="module")
def server(synthesizer, site):
    settings = ServerSettings(key=KEY, origins=(site,))
    with Engine(synthesizer) as engine, serving(create_app(engine, settings)) as address:
        yield address


@pytest.fixture(scope="module")
def open_server(synthesizer, site):
    with (
        Engine(synthesizer) as engine,
        serving(create_app(engine, ServerSettings(origins=(site,)))) as address,
    ):
        yield address


class Page:
    """The page, which calls a server."""

    def __init__(self, browser, site, server):
        self.browser, self.site, self.server = browser, site, server
        self.open()

    def open(self):
        self.browser.get(self.site)
        self.until("return window.say !== undefined")

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def until(self, script):
        return WebDriverWait(self.browser, 30, 0.05).until(lambda page: page.execute_script(script))

    def say(self, text, **options):
        self.run("say(arguments[0], arguments[1])", text, {"server": self.server, **options})

    def samples(self):
        """What was heard, in 16 bits and without the silence around it."""
        heard = np.rint(np.array(self.run("return heard")) * 32768).astype(int)
        return np.trim_zeros(heard)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser, site, server):
    return Page(browser, site, server)


@pytest.mark.browser
@needs_chromium
def test_plays_each_sample_once_and_in_order(page):
    page.run(f"const length = {ODD};{CUT}")
    page.say(TEXT, key=KEY, seed=7)
    assert page.until("return window.ended") == "done"
    sent = httpx.post(
        page.server + SPEECH,
        json={"input": TEXT, "seed": 7, "response_format": "pcm"},
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=60,
    )
    expected = np.trim_zeros(np.frombuffer(sent.content, "<i2").astype(int))
    np.testing.assert_array_equal(page.samples(), expected)


@pytest.mark.browser
@needs_chromium
def test_sounds_before_the_end_has_arrived_and_stops(page):
    page.run("window.stopper = new AbortController(); performance.clearResourceTimings();")
    page.run(
        "const options = { server: arguments[1], key: arguments[2], signal: stopper.signal };"
        "say(arguments[0], options);",
        *(LONG, page.server, KEY),
    )
    ends = "performance.getEntriesByType('resource').map((entry) => entry.responseEnd).at(-1)"
    arrived = page.until(f"return {ends}")
    assert page.run("return first") < arrived
    page.run("stopper.abort(new Error('enough'))")
    assert page.until("return window.ended") == "enough"
    page.run("window.heard = []")
    page.until("return heard.length > 12000")
    assert not page.samples().size


@pytest.mark.browser
@needs_chromium
def test_tells_why_a_server_refuses(page):
    page.say(TEXT, key="wrong")
    assert "API key" in page.until("return window.ended")
    page.say(TEXT, key=KEY, voice="nobody")
    assert "nobody" in page.until("return window.ended")


@pytest.mark.browser
@needs_chromium
def test_the_page_of_the_recipe_speaks_and_stops(browser, site, open_server):
    browser.get(f"{site}/recipe.html")
    browser.execute_script(ELSEWHERE, DEFAULT, open_server)
    at = partial(browser.find_element, By.ID)
    wait = WebDriverWait(browser, 20, 0.05)
    at("speak").click()
    wait.until(lambda page: page.execute_script("return started > 1"))
    at("stop").click()
    at("text").clear()
    at("speak").click()
    wait.until(lambda _: "no words" in at("problem").text)
    at("text").send_keys("Hello.")
    at("speak").click()
    wait.until(lambda _: at("problem").text == "")

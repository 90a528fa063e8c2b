"""The page in a browser, from a click to sound."""

from contextlib import contextmanager

import numpy as np
import pytest
import soundfile
from fastapi import FastAPI
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.server.routes.models import models_router
from tts.app.server.routes.pages import pages_router
from tts.app.server.routes.websocket import websocket_router
from tts.app.server.settings import ServerSettings

from tests.browsing import browsing, needs_chromium
from tests.serving import serving, wait_for
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.synthetic_tag import synthetic_comment

TEXT = "Hello there, Dr. Smith. 😊 It is good to see you."
SENTENCE = "Hello there, Dr. Smith, it is good to see you."
LONG = "And so it was that they went on, and nobody told them to stop. " * 20

WATCH = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (line) { window.sent = line; send.call(this, line); };
"""

METER = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) {
    const meter = new AnalyserNode(this.context, { fftSize: 32768 });
    connect.call(this, meter);
    window.loudest = () => {
      const samples = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(samples);
      return Math.max(...samples.map(Math.abs));
    };
  }
  return connect.call(this, to, ...more);
};
"""

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer, workers=2) as engine:
        yield engine


@contextmanager
def address_of(engine, **settings):
    app = FastAPI()
    chosen = ServerSettings(**settings)
    app.include_router(websocket_router(engine, chosen))
    app.include_router(models_router(engine, chosen))
    app.include_router(pages_router(engine, chosen))
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def address(engine):
    with address_of(engine) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


class Page:
    """The page as one who sits before it has it."""

    def __init__(self, browser, address):
        self.browser = browser
        browser.get(f"{address}/live")
        self.until(lambda: self.run("return 'ready' in document.documentElement.dataset"))

    def run(self, script):
        return self.browser.execute_script(script)

    def at(self, name):
        return self.browser.find_element(By.ID, name)

    def until(self, condition):
        return WebDriverWait(self.browser, 15, 0.02).until(lambda _: condition())

    def write(self, text):
        """As one pastes: chromedriver types no emoji."""
        self.browser.execute_script(
            "const text = document.getElementById('text'); text.value += arguments[0];"
            "text.dispatchEvent(new Event('input'))",
            text,
        )

    @property
    def lit(self):
        """What is heard now."""
        return self.run("return document.querySelector('#lit mark').textContent")

    @property
    def figures(self):
        return {
            name: self.run(f"return document.getElementById('{name}').textContent")
            for name in ("first", "engine", "network", "browser", "underruns")
        }

    @property
    def why(self):
        return self.at("why").text

    def rests(self):
        return not self.at("stop").is_enabled()


@pytest.fixture
def page(browser, address):
    return Page(browser, address)


def test_a_click_is_heard_and_its_words_are_lit(page, browser):
    page.write(TEXT)
    page.at("speak").click()
    lit = []
    page.until(lambda: lit.append(page.lit) or page.rests())
    seen = [word for word, before in zip(lit, ["", *lit], strict=False) if word not in ("", before)]
    words = ["Hello", "there", "Dr.", "Smith", "It", "is", "good", "to", "see", "you"]
    assert set(seen) <= set(words)
    assert seen == sorted(seen, key=words.index)
    assert len(seen) > len(words) / 2
    figures = page.figures
    assert figures.pop("underruns") == "0"
    first, *parts = (int(figure.removesuffix(" ms")) for figure in figures.values())
    assert 0 < first < 3000
    assert abs(first - sum(parts)) <= 3
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_lists_the_voices_and_speaks_in_the_one_chosen(page, engine):
    voices = list(engine.synthesizer.voices)
    page.until(lambda: page.at("voice").text)
    shown = page.at("voice").text.splitlines()
    assert [line.strip().partition(":")[0] for line in shown] == voices
    page.run(WATCH)
    page.at("voice").send_keys(voices[-1])
    page.write("Hello.")
    page.at("speak").click()
    assert f'"voice":"{voices[-1]}"' in page.until(lambda: page.run("return window.sent"))


def test_stop_stops_the_sound_and_the_model(page, engine):
    before = engine.stats.cancelled + engine.stats.finished
    page.write(LONG)
    page.at("text").send_keys(Keys.CONTROL, Keys.ENTER)
    page.until(lambda: page.lit)
    page.at("stop").click()
    assert page.lit == ""
    assert page.rests()
    wait_for(lambda: engine.stats.running == 0)
    assert engine.stats.cancelled + engine.stats.finished < before + 20


def test_speaks_again_where_it_was_stopped_or_had_ended(page):
    page.write(LONG)
    for _ in range(2):
        page.at("speak").click()
        page.until(lambda: page.lit == "And")
        page.until(lambda: page.lit == "so")


def test_speaks_while_one_types(page):
    page.at("typing").click()
    page.at("text").send_keys("Hello there, ")
    page.at("text").send_keys("everyone. How ")
    page.until(lambda: page.lit == "everyone")
    page.at("text").send_keys("is it?")
    page.until(lambda: page.lit == "it")
    page.at("text").send_keys(" A line\n")
    page.until(lambda: page.lit == "line")
    assert page.figures["underruns"] == "0"


def test_says_again_from_the_word_that_was_changed(page):
    page.at("typing").click()
    page.at("text").send_keys("One came. Two ")
    page.until(lambda: page.lit == "came")
    page.at("text").send_keys(*[Keys.BACKSPACE] * 6, "s. Two\n")
    page.until(lambda: page.lit == "cames")
    page.until(lambda: page.lit == "Two")


def test_says_what_is_wrong_and_then_speaks_again(page):
    page.write("[pace:9]Hello.[/pace]")
    page.at("speak").click()
    page.until(lambda: "pace must be from 0.25 to 4, got 9" in page.why)
    page.until(page.rests)
    page.at("text").clear()
    page.write("Hello.")
    page.at("speak").click()
    page.until(lambda: page.lit == "Hello")
    assert page.why == ""


def test_a_text_without_words_is_told_until_it_is_changed(page):
    page.at("speak").click()
    page.until(lambda: page.why == "Type some text first.")
    page.write("!!!")
    assert page.why == ""
    page.at("speak").click()
    page.until(lambda: page.why == "The text has no words to speak.")
    assert page.rests()


def test_asks_for_the_key(browser, engine):
    with address_of(engine, key="s/cret?") as address:
        page = Page(browser, address)
        page.write("Hello.")
        page.at("speak").click()
        page.until(lambda: page.why.startswith("The API key"))
        page.until(page.rests)
        page.at("key").send_keys("s/cret?", Keys.ENTER)
        page.at("speak").click()
        page.until(lambda: page.lit == "Hello")


def test_what_was_spoken_is_downloaded_with_its_mark(page, engine, tmp_path):
    voice = list(engine.synthesizer.voices)[-1]
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    assert not page.at("save").is_enabled()
    page.until(lambda: voice in page.at("voice").text)
    page.at("voice").send_keys(voice)
    page.write(SENTENCE)
    page.at("speak").click()
    page.until(lambda: page.at("save").is_enabled() and page.rests())
    page.at("save").click()
    page.until((tmp_path / "speech.wav").is_file)
    with soundfile.SoundFile(tmp_path / "speech.wav") as file:
        heard, comment = file.read(dtype="float32"), file.copy_metadata()["comment"]
    spoken = engine.synthesizer.speak(SENTENCE, Delivery(voice=voice)).audio
    np.testing.assert_allclose(heard, spoken.clip(-1, 1), rtol=0, atol=1e-3)
    assert comment == synthetic_comment(voice)
    assert page.at("length").text == f"{len(heard) / 24_000:.1f} s"


@pytest.fixture
def metered(browser, address):
    """The page, with the largest sample of the last second in `loudest()`."""
    add, remove = "addScriptToEvaluateOnNewDocument", "removeScriptToEvaluateOnNewDocument"
    script = browser.execute_cdp_cmd(f"Page.{add}", {"source": METER})
    yield Page(browser, address)
    browser.execute_cdp_cmd(f"Page.{remove}", script)


def test_the_volume_changes_what_is_heard(metered):
    loudest = {}
    for volume in (50, 100):  # the meter still has the softer one when it hears the louder one
        metered.run(
            f"const dial = document.getElementById('loudness'); dial.value = {volume};"
            "dial.dispatchEvent(new Event('input'))"
        )
        assert metered.at("loudness").get_attribute("aria-valuetext") == f"{volume} %"
        metered.at("text").clear()
        metered.write("Hello.")
        metered.at("speak").click()
        metered.until(lambda: metered.lit)
        metered.until(metered.rests)
        loudest[volume] = metered.run("return loudest()")
    assert loudest[100] > 0.05
    assert loudest[50] == pytest.approx(loudest[100] / 4, rel=0.02)


def test_figures_and_settings_are_folded_until_they_are_wanted(page):
    folded = page.browser.find_elements(By.TAG_NAME, "details")
    assert [one.text for one in folded] == ["Settings", "Timing"]
    assert [one.get_attribute("open") for one in folded] == [None, None]
    assert page.at("untimed").text == ""
    folded[1].find_element(By.TAG_NAME, "summary").click()
    assert page.at("untimed").is_displayed()
    page.write("Hello.")
    page.at("speak").click()
    page.until(lambda: page.at("first").text.endswith(" ms"))
    assert not page.at("untimed").is_displayed()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_page(page, width):
    page.browser.set_window_size(width, 844)
    page.write(LONG + "x" * 300)
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")

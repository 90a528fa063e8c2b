"""The player of the page in a browser: what is clicked, heard, highlighted and shown."""

import gc
import re
from itertools import pairwise

import gradio as gr
import pytest
from fastapi import FastAPI
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import build_page, serve_page
from tts.app.demo.player.routes import player_routes
from tts.app.demo.theme import head, theme
from tts.app.network.hosts import Hosts

from tests.app.demo.conftest import LEFT
from tests.app.demo.visit import ENDED, Visit
from tests.browsing import browsing, needs_chromium
from tests.serving import serving
from tts.serving.engine import Engine

TEXT = "It was cold. Was it late?"
LONG = "Nobody on the stairs looked up, and the clocks were striking thirteen. " * 60
# of a buffer, in hexadecimal
HASH = """(buffer) => crypto.subtle.digest('SHA-256', buffer)
  .then((hash) => [...new Uint8Array(hash)].map((byte) => byte.toString(16)).join())"""
# The answer breaks after its first bytes, as when the server is gone.
BREAK = """
const ask = window.fetch;
window.fetch = async (...given) => {
  const answer = await ask(...given);
  if (!String(given[0]).endsWith('/speak')) return answer;
  const reader = answer.body.getReader();
  let asked = 0;
  const pull = async (control) => {
    if (asked++) return control.error(new TypeError('network error'));
    control.enqueue((await reader.read()).value);
  };
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
};
"""
SLOW = {"text": LONG, "voice": "heart", "steps": 32}

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer, workers=1) as works:
        list(works.stream("Warm."))
        yield works


@pytest.fixture(scope="module")
def url(engine):
    with serve_page(engine, Hosts(), 0, DemoLimits(characters=5000)) as blocks:
        yield blocks.local_url
    gc.collect()


@pytest.fixture(scope="module")
def browser(url, tmp_path_factory):
    """Gone before the page is, which would wait for it."""
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser, url):
    page = Visit(browser, url)
    yield page
    assert page.complaints() == []


def test_plays_to_the_end_what_is_made(page, engine):
    page.hear(TEXT)
    speech = engine.synthesizer.speak(TEXT)
    assert page.tell("states") == ["empty", "waiting", "playing", "ended"]
    assert page.tell("player.take.seconds") == pytest.approx(speech.seconds, abs=1e-3)
    page.assert_lit(TEXT)
    assert "ms after the click" in page.shown("#heard")
    assert "real-time factor" in page.shown("#told")
    assert page.shown("#time") == "0:02 / 0:02"


def test_each_word_is_highlighted_at_its_time(page, engine):
    page.hear(TEXT)
    for word in engine.synthesizer.speak(TEXT).words:
        page.run("player.sheet.light(player.take.word(arguments[0]))", (word.start + word.end) / 2)
        start = int(page.tell("document.querySelector('#sheet .lit').dataset.from"))
        assert start == word.span[0]


def test_no_piece_is_lost_or_out_of_order(page, engine):
    text = LONG[:1400]
    page.speak(text)
    page.until("player.take && !player.job")
    heard, kept = (
        page.run(f"return {sound}.then(({HASH}))")
        for sound in (
            "Promise.resolve(player.take.samples(0).buffer)",
            "fetch(document.querySelector('#downloads a').href).then((one) => one.arrayBuffer())"
            ".then((file) => file.slice(-2 * player.take.samples(0).length))",
        )
    )
    assert heard == kept
    assert page.tell("player.take.seconds") == engine.synthesizer.speak(text).seconds


def test_whoever_seeks_and_pauses_while_it_is_made_hears_all_from_there(page):
    page.run("player.speak({ text: arguments[0], voice: 'heart', steps: 12 })", LONG[:1400])
    page.until("player.take?.lines.length > 2")
    page.focus("#position")
    page.press(Keys.END, Keys.ARROW_LEFT, Keys.SPACE)
    assert page.tell("player.job !== null && player.state") == "paused"
    start = page.tell("player.sound.start")
    assert start > 1
    page.press(Keys.SPACE)
    page.until("player.take && !player.job")
    sent, samples = (
        page.tell(expression)
        for expression in ("player.sound.sent", "player.take.samples(player.sound.start).length")
    )
    assert sent == samples
    assert page.tell("player.sound.start") == start
    page.press(Keys.END)
    page.until(ENDED)


def test_a_double_click_speaks(page):
    page.write(TEXT)
    button = page.browser.find_element("css selector", "#speak")
    ActionChains(page.browser, duration=0).double_click(button).perform()
    page.until(ENDED)
    page.assert_lit(TEXT)


def test_the_waveform_is_drawn_while_it_arrives_and_its_played_part_grows(page):
    page.run(
        """
        window.drawn = [];
        const look = () => {
          const canvas = document.querySelector('#position canvas');
          const paper = canvas.getContext('2d');
          const row = paper.getImageData(0, canvas.height / 2, canvas.width, 1).data;
          let green = 0; // pixels of the played part
          for (let at = 0; at < row.length; at += 4) {
            if (row[at + 3] && row[at + 1] - row[at] > 30) green++;
          }
          drawn.push([player.take?.seconds ?? 0, green]);
          requestAnimationFrame(look);
        };
        look();
        """
    )
    page.hear(TEXT)
    drawn = page.tell("drawn")
    assert drawn[0] == [0, 0]
    whole = [green for made, green in drawn if made == drawn[-1][0]]
    assert whole[-1] > 100
    assert len(set(whole)) > 10
    # where the line of the player's place lies between two bars, it is counted, too
    assert all(after >= before - 2 for before, after in pairwise(whole))


def test_speak_is_stop_while_it_speaks(page, engine):
    cancelled = engine.stats.cancelled
    place = page.tell("document.querySelector('#speak').getBoundingClientRect().toJSON()")
    assert page.shown("#speak") == "Speak"
    page.run("player.speak(arguments[0])", SLOW)
    page.until("player.state === 'playing'")
    assert page.shown("#speak") == "Stop"
    assert page.tell("document.querySelector('#speak').getBoundingClientRect().toJSON()") == place
    page.click("#speak")
    WebDriverWait(page.browser, 5, 0.01).until(lambda _: engine.stats.running == 0)
    assert engine.stats.cancelled == cancelled + 1
    assert page.shown("#speak") == "Speak"
    assert page.tell("player.sound.active") is False
    page.until("document.querySelector('#downloads').hidden === false")
    assert page.tell("document.querySelectorAll('#sheet .unmade').length") > 0


def test_keys_speak_and_escape_stops(page, engine):
    page.write(LONG)
    ActionChains(page.browser).key_down(Keys.CONTROL).send_keys(Keys.ENTER).perform()
    ActionChains(page.browser).key_up(Keys.CONTROL).perform()
    page.until("player.state === 'playing'")
    page.press(Keys.ESCAPE)
    assert page.tell("player.busy") is False
    WebDriverWait(page.browser, 5, 0.01).until(lambda _: engine.stats.running == 0)


def test_the_slider_seeks_by_keys_and_by_clicks(page):
    page.hear(TEXT)
    seconds = page.tell("player.take.seconds")
    page.focus("#position")
    page.press(Keys.HOME)
    assert page.tell("player.seconds") == 0
    page.press(Keys.ARROW_RIGHT)
    assert page.tell("player.seconds") == 1
    slider = page.browser.switch_to.active_element
    assert slider.get_attribute("aria-valuenow") == "1.0"
    assert slider.get_attribute("aria-valuetext") == "0:01 of 0:02"
    page.press(Keys.END)
    assert page.tell("player.seconds") == pytest.approx(seconds, abs=0.01)
    page.run("lit.length = 0")
    page.press(Keys.HOME, Keys.SPACE)
    page.until("lit.length > 1")
    ActionChains(page.browser).move_to_element_with_offset(slider, 0, 0).click().perform()
    assert page.tell("player.seconds") >= seconds / 2 - 0.02
    page.until(ENDED)
    assert page.tell("lit.at(-1)") == "late?"


def test_a_kept_take_is_paused_and_played_again_with_its_words(page):
    page.hear(TEXT)
    page.run("lit.length = 0")
    page.click("#play")
    page.until("lit.includes('was')")
    page.click("#play")
    assert page.tell("player.state") == "paused"
    assert page.tell("document.querySelector('#play').getAttribute('aria-label')") == "Play"
    paused = page.tell("player.seconds")
    page.run("return new Promise((over) => setTimeout(over, 150))")
    assert page.tell("player.seconds") == pytest.approx(paused, abs=0.02)
    page.click("#play")
    page.until(ENDED)
    page.assert_lit(TEXT)


def test_volume_is_a_slider_that_is_remembered(page, url):
    page.focus("#volume")
    page.press(Keys.HOME)
    assert page.tell("player.sound.output.gain.value") == 0
    page.browser.get(url)
    page.until("document.documentElement.dataset.player === 'ready'")
    assert page.tell("player.sound.output.gain.value") == 0
    page.focus("#volume")
    page.press(Keys.END)
    assert page.tell("player.sound.output.gain.value") == 1


def test_a_take_is_marked_when_the_text_changes_until_it_is_that_again(page):
    page.hear(TEXT)
    marked = "document.querySelector('#listen').classList.contains('stale')"
    assert not page.tell(marked)
    page.write("It was warm.")
    page.until(marked)
    assert page.shown("#progress") == "Changed since. Press Speak to hear it."
    page.write(TEXT)
    page.until(f"!{marked}")
    assert page.shown("#progress") == ""


def test_a_sentence_is_spoken_again_by_click_and_by_keys(page):
    page.hear(TEXT)
    before = page.tell("player.take.seconds")
    page.run("lit.length = 0")
    page.click("#sheet [data-line='1']")
    page.until("player.take.id && " + ENDED)
    page.assert_lit("Was it late?")
    assert "with seed 1" in page.shown("#told")
    page.focus("#sheet [tabindex='0']")
    page.press(Keys.ARROW_RIGHT)
    said = page.tell("document.activeElement.getAttribute('aria-label')")
    assert said == "Speak this sentence again: Was it late?"
    page.press(Keys.SPACE)
    page.until("document.querySelector('#told').textContent.includes('with seed 2')")
    page.until(ENDED)
    assert page.tell("document.activeElement.getAttribute('aria-label')") == said
    assert "a sentence again" in page.shown("#takes li:first-child")
    assert "a sentence again" not in page.shown("#takes li:last-child")
    page.run("lit.length = 0")
    page.click("#play")
    page.until("lit.length > 1 && " + ENDED)
    page.assert_lit(TEXT)
    assert page.tell("player.take.seconds") == pytest.approx(before, rel=0.5)


def test_a_long_text_shows_what_is_made_and_how_much_is_left(page):
    page.run("player.speak(arguments[0])", SLOW)
    page.until("document.querySelector('#progress').textContent.includes('% made')")
    assert re.fullmatch(r"\d+% made, about \d:\d\d in all", page.shown("#progress"))
    made, unmade = (
        page.tell(f"document.querySelectorAll('#sheet {query}').length")
        for query in ("[data-line]:not(.unmade)", ".unmade")
    )
    assert made > 0
    assert unmade > made
    page.press(Keys.ESCAPE)


def test_an_error_is_a_sentence_and_the_take_stays(page):
    page.hear(TEXT)
    page.speak("...")
    page.until("document.body.innerText.includes('No words to speak in')")
    assert page.shown("#progress") == "", "the error says what to do"
    assert page.tell("player.take.request.text") == TEXT
    page.speak("Now with words.")
    page.until("player.state === 'playing'")
    assert "No words" not in page.tell("document.body.innerText")
    messages = [each for each in page.complaints() if "400" not in each["message"]]
    assert messages == []


def test_a_broken_connection_is_a_sentence_and_what_was_heard_stays(page):
    page.write(LONG)
    page.run(BREAK)
    page.click("#speak")
    page.until("document.querySelector('#player-error').textContent")
    assert page.shown("#player-error").startswith("The connection to the server was lost.")
    assert page.tell("player.take.seconds") > 0
    page.until("!document.querySelector('#downloads').hidden")


def test_a_file_that_is_no_longer_kept_is_told(page):
    page.hear(TEXT)
    page.run("document.querySelector('#downloads a').href = 'player/takes/gone/speech.wav'")
    page.click("#downloads a")
    page.until("document.querySelector('#player-error').textContent")
    assert page.shown("#player-error").startswith("This take is no longer kept; press Speak")
    assert all("404" in each["message"] for each in page.complaints())


def test_a_text_of_the_markup_is_spoken_and_stopped_by_its_button(page):
    page.run(
        "const sample = document.createElement('button'); sample.id = 'sample';"
        "sample.dataset.say = 'Nobody on the stairs looked up.'; sample.dataset.voice = 'michael';"
        "document.querySelector('#title').append(sample)"
    )
    page.run("document.querySelector('#sample').textContent = 'Listen'")
    page.click("#sample")
    page.until("player.state === 'playing'")
    assert page.tell("player.take.request.voice") == "michael"
    page.click("#sample")
    assert page.tell("player.busy") is False


def test_it_plays_where_the_browser_has_no_worklets(browser, url):
    """As it is by plain http from another machine."""
    script = browser.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {"source": "delete BaseAudioContext.prototype.audioWorklet"},
    )
    try:
        page = Visit(browser, url)
        page.hear(TEXT)
        assert page.tell("player.sound.node.constructor.name") == "Sources"
        page.assert_lit(TEXT)
        assert "ms after the click" in page.shown("#heard")
        page.click("#play")
        page.until("player.state === 'playing' && player.seconds > 0.3")
        page.click("#speak")
        assert page.tell("player.seconds") < page.tell("player.take.seconds")
        assert page.complaints() == []
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_the_page_speaks_below_a_path(engine, browser):
    studio = DemoHandlers(engine, DemoLimits())
    app = gr.mount_gradio_app(
        FastAPI(),
        build_page(studio),
        path="/demo",
        app_kwargs={"routes": player_routes(studio)},
        theme=theme(),
        head=head(),
    )
    with serving(app) as address:
        page = Visit(browser, f"{address}/demo")
        page.hear(TEXT)
        page.assert_lit(TEXT)
        assert "/demo/player/takes/" in page.tell("document.querySelector('#downloads a').href")
        assert [each for each in page.complaints() if "player" in each["message"]] == []
        browser.get("about:blank")

"""The web demo in a browser: what is clicked, heard, lit and said."""

import gc

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.network.hosts import Hosts

from tests.app.demo.test_page import LEFT
from tests.browsing import browsing, needs_chromium
from tts.serving.engine import Engine

TEXT = "It was cold. Was it late?"
LONG = "Nobody on the stairs looked up, and the clocks were striking thirteen. " * 60

# What befalls players, and every word that was ever lit.
WATCH = """
window.befell = [];
for (const name of ['playing', 'waiting', 'ended']) {
  document.addEventListener(name, (event) => befell.push(name), true);
}
window.lit = [];
const look = () => {
  const word = document.querySelector('#sheet .lit')?.textContent;
  if (word && word !== window.lit.at(-1)) window.lit.push(word);
  requestAnimationFrame(look);
};
look();
"""
WHOLE = """[...document.querySelectorAll('#whole #waveform *')]
  .map((one) => one.shadowRoot?.querySelector('audio')).find(Boolean)"""

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
    # its figures of calls that failed are made by what pandas no longer likes
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
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
    page = Page(browser, url)
    yield page
    assert page.complaints() == []


class Page:
    """The page as one who sits before it has it."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get(url)
        self.until("document.querySelector('#speak') && document.querySelector('#text textarea')")
        self.run(WATCH)

    def run(self, script, *given):
        return self.browser.execute_script(script, *given)

    def tell(self, expression):
        return self.run(f"return {expression}")

    def until(self, expression):
        return WebDriverWait(self.browser, 20, 0.02).until(lambda _: self.tell(expression))

    def click(self, query):
        self.browser.find_element(By.CSS_SELECTOR, query).click()

    def write(self, text):
        self.run(
            "const text = document.querySelector('#text textarea'); text.value = arguments[0];"
            "text.dispatchEvent(new Event('input', {bubbles: true}))",
            text,
        )

    def speak(self, text=TEXT):
        self.write(text)
        self.click("#speak")

    def complaints(self):
        """What the console holds against the page."""
        return [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_speaks_while_the_rest_is_made_without_a_stall(page, engine):
    page.speak()
    page.until("document.querySelector('#live audio')?.currentTime > 0")
    page.until("befell.includes('ended')")
    played = page.tell("document.querySelector('#live audio').currentTime")
    assert played == pytest.approx(engine.synthesizer.speak(TEXT).seconds, abs=0.1)
    befell = page.tell("befell")
    assert "waiting" not in befell[befell.index("playing") :], befell
    lit = page.tell("lit")
    assert lit[-2:] == ["it", "late?"]
    assert len(lit) >= 5
    assert "ms after the click" in page.tell("document.querySelector('#heard').textContent")
    assert "real-time factor" in page.tell("document.querySelector('#told').textContent")


def test_the_whole_take_lights_words_again_and_again(page):
    page.speak("It was cold.")
    page.until(f"{WHOLE}?.duration > 0 && befell.includes('ended')")
    for _ in range(2):
        page.run("lit.length = 0")
        page.click("#whole .play-pause-button")
        page.until("lit.at(-1) === 'cold.'")
        page.until(f"{WHOLE}.paused")
    assert page.tell("document.querySelector('#mel img').naturalHeight") == 200
    widths = (f"document.querySelector('{one}').clientWidth" for one in ("#mel", "#mel img"))
    assert page.tell(next(widths)) == page.tell(next(widths)) > 300
    assert "mel-spectrogram" in page.tell("document.querySelector('#mel img').alt")


def test_another_text_lights_up_as_the_first_did(page):
    page.speak("It was cold.")
    page.until("befell.includes('ended')")
    page.run("befell.length = 0; lit.length = 0")
    page.speak("Nobody on the stairs looked up.")
    page.until("befell.includes('ended')")
    assert page.tell("lit") == ["Nobody", "on", "the", "stairs", "looked", "up."]
    page.run("befell.length = 0; lit.length = 0")
    page.speak("Nobody on the stairs looked up.")
    page.until("befell.includes('ended')")
    assert page.tell("lit[0]") == "Nobody", "the same text needs no other sheet"


def test_a_click_on_a_sentence_says_it_another_way(page, engine):
    page.speak()
    page.until(f"{WHOLE}?.duration > 0 && befell.includes('ended')")
    page.run("befell.length = 0; lit.length = 0")
    page.click("#sheet [data-line='1']")
    page.until("befell.includes('ended')")
    assert page.tell("lit") == ["Was", "it", "late?"]
    assert "with seed 1" in page.tell("document.querySelector('#told').textContent")
    page.until(f"{WHOLE}?.duration > 1")


def test_keys_say_a_sentence_another_way(page):
    page.speak()
    page.until(f"{WHOLE}?.duration > 0 && befell.includes('ended')")
    page.run("""document.querySelector("#sheet [tabindex][data-line='1']").focus()""")
    said = page.tell("document.activeElement.getAttribute('aria-label')")
    assert said == "Speak this sentence with another seed: Was it late?"
    ActionChains(page.browser).send_keys(Keys.SPACE).perform()
    page.until("document.querySelector('#told').textContent.includes('with seed 1')")


def test_whoever_speaks_again_hears_the_new_text(page, engine):
    cancelled = engine.stats.cancelled
    page.speak(LONG)
    page.until("document.querySelector('#live audio')?.currentTime > 0")
    page.run("befell.length = 0; lit.length = 0")
    page.speak()
    page.until("befell.includes('ended')")
    assert engine.stats.cancelled == cancelled + 1
    assert page.tell("lit.at(-1)") == "late?"
    assert page.tell("document.querySelector('#sheet').textContent.trim()") == TEXT


def test_a_sentence_clicked_while_it_speaks_is_all_that_is_heard(page, engine):
    cancelled = engine.stats.cancelled
    page.speak(LONG)
    page.until("document.querySelector('#live audio')?.currentTime > 0")
    page.until("""document.querySelector("#sheet [data-line='0']")""")
    page.run("befell.length = 0")
    page.click("#sheet [data-line='0']")
    page.until("document.querySelector('#told').textContent.includes('with seed 1')")
    page.until("befell.includes('ended')")
    assert engine.stats.cancelled == cancelled + 1
    assert page.tell("document.querySelector('#live audio').currentTime") < 10


def test_a_file_over_the_page_finds_its_box(page):
    page.run(
        "window.files = new DataTransfer(); files.items.add(new File(['One.'], 'tale.txt'));"
        "window.carry = (name) => !document.querySelector('#title').dispatchEvent(new DragEvent("
        "name, {bubbles: true, cancelable: true, dataTransfer: files}))"
    )
    page.run("carry('dragenter')")
    page.until("document.querySelector('#file')?.getBoundingClientRect().height > 0")
    assert page.tell("carry('dragover') && carry('drop')"), "the browser would open it"


def test_keys_speak_and_stop_stops_the_model(page, engine):
    cancelled = engine.stats.cancelled
    page.write(LONG)
    ActionChains(page.browser).key_down(Keys.CONTROL).send_keys(Keys.ENTER).perform()
    ActionChains(page.browser).key_up(Keys.CONTROL).perform()
    page.until("document.querySelector('#live audio')?.currentTime > 0")
    page.click("#stop")
    WebDriverWait(page.browser, 5, 0.01).until(lambda _: engine.stats.running == 0)
    assert engine.stats.cancelled == cancelled + 1
    page.until("document.querySelector('#live audio').paused")


def test_an_error_is_a_sentence_on_the_page(page):
    page.speak(" ")
    page.until("document.body.innerText.includes('No words to speak in')")
    page.speak("Now with words.")
    page.until("document.querySelector('#live audio')?.currentTime > 0")


def test_a_phone_needs_not_scroll_sideways(page):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        page.speak("On 3/4/2025 Dr. Lee of 12 St. James St. had $5.2M.")
        page.until("document.querySelector('#reading table')")
        assert page.tell("document.documentElement.scrollWidth") <= 390
        assert page.tell("innerWidth") == 390
        speak, sheet = (
            page.tell(f"document.querySelector('{query}').getBoundingClientRect().top")
            for query in ("#speak", "#sheet")
        )
        assert 0 < sheet - speak < 100, "what is heard is beside the button"
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

"""The first page and that of the routes in a browser: what they show works."""

import shutil
import subprocess
import sys

import httpx
import pytest
import soundfile
from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.accessibility import SIZES, screen
from tests.browsing import browsing, needs_chromium
from tests.serving import serving
from tts.serving.engine import Engine

KEY = "s/cret?"
READY = "return 'ready' in document.documentElement.dataset"
BOXES = """
const targets = [...document.querySelectorAll("a, button, select, textarea, audio, input")];
return Object.fromEntries(targets.filter((one) => one.checkVisibility()).map((one) => {
  const { width, height, bottom } = one.getBoundingClientRect();
  return [one.id || one.ariaLabel || one.textContent, [width, height, bottom]];
}));
"""
PLAYED = """
const [run, finish] = arguments, play = Audio.prototype.play;
HTMLMediaElement.prototype.play = async function () {
  await play.call(this);
  this.ontimeupdate = () => this.currentTime > 0 && finish("heard");
};
new (async () => {}).constructor(run)().catch((error) => finish(String(error)));
"""

needs_curl = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("sh")), reason="needs curl and sh"
)
pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def engine(synthesizer):
    with Engine(synthesizer, workers=2) as engine:
        yield engine


@pytest.fixture(scope="module")
def address(engine):
    with serving(create_app(engine, ServerSettings(key=KEY))) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser, address):
    """The first page, with the key typed."""
    page = Page(browser)
    page.open(address)
    browser.execute_script("sessionStorage.clear()")
    page.open(address)
    page.at("key").send_keys(KEY, Keys.TAB)
    page.until(lambda: page.at("voice").is_displayed())
    return page


class Page:
    """A page as one who sits before it has it."""

    def __init__(self, browser):
        self.browser = browser

    def open(self, address):
        self.browser.get(address)
        self.until(lambda: self.browser.execute_script(READY))

    def at(self, name):
        return self.browser.find_element(By.ID, name)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def until(self, condition):
        wait = WebDriverWait(self.browser, 15, 0.02, [NoSuchElementException])
        return wait.until(lambda _: condition())

    def copied(self, name):
        """What the button with this name copies."""
        clipboard = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        self.browser.execute_cdp_cmd("Browser.grantPermissions", clipboard)
        button = self.find(f"button[aria-label='Copy {name}']")
        button.click()
        self.until(lambda: button.text == "Copied")
        assert self.at("copied").get_attribute("textContent") == f"Copied {name}"
        return self.browser.execute_script("return navigator.clipboard.readText()")


def test_what_is_typed_is_heard_and_can_be_downloaded(page, tmp_path):
    downloads = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.browser.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    assert not page.at("player").is_displayed()
    page.at("speak").click()
    page.until(lambda: page.at("player").get_property("currentTime") > 0)
    page.at("save").click()
    page.until((tmp_path / "speech.mp3").is_file)
    seconds = soundfile.info(tmp_path / "speech.mp3").duration
    assert page.at("player").get_property("duration") == pytest.approx(seconds, abs=0.1)
    assert page.at("why").text == ""


def test_an_error_stands_at_the_text_until_it_is_mended(page):
    page.at("text").clear()
    page.at("speak").click()
    page.until(lambda: page.at("why").text == "Type some text first.")
    page.at("text").send_keys("[pace:9]Hello.[/pace]")
    page.at("speak").click()
    page.until(lambda: "pace must be from 0.25 to 4, got 9" in page.at("why").text)
    page.at("text").clear()
    page.at("text").send_keys("Hello.", Keys.CONTROL + Keys.ENTER)
    page.until(lambda: page.at("player").is_displayed())
    assert page.at("why").text == ""


def test_the_voices_are_listed_with_the_usual_one_chosen(page, engine):
    voices = list(engine.synthesizer.voices)
    options = page.at("voice").find_elements(By.TAG_NAME, "option")
    assert [option.get_attribute("value") for option in options] == voices
    assert page.at("voice").get_attribute("value") == voices[0]
    assert page.copied("SillyTavern: Available Voices") == ",".join(voices)


@needs_curl
def test_curl_as_it_is_copied_writes_a_file(page, tmp_path):
    command = page.copied("curl").replace("YOUR_KEY", KEY)
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    assert soundfile.info(tmp_path / "hello.mp3").duration > 0.5


def test_python_as_it_is_copied_writes_a_file(page, tmp_path):
    code = page.copied("Python").replace("YOUR_KEY", KEY)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    assert soundfile.info(tmp_path / "hello.mp3").duration > 0.5


def test_javascript_as_it_is_copied_is_heard(page):
    code = page.copied("JavaScript").replace("YOUR_KEY", KEY)
    page.browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    try:
        page.browser.refresh()
        assert page.browser.execute_async_script(PLAYED, code) == "heard"
    finally:
        page.browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_phone_needs_not_scroll_sideways(page, address, path):
    with screen(page.browser, (390, 844)):
        page.open(address + path)
        assert page.browser.execute_script("return document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("size", SIZES)
def test_what_is_needed_to_try_it_is_seen_at_once_and_large_enough(page, size):
    with screen(page.browser, size):
        page.at("speak").click()
        page.until(lambda: page.at("player").is_displayed())
        boxes = page.browser.execute_script(BOXES)
    assert {"text", "speak", "voice", "player", "save"} <= boxes.keys()
    for name, (width, height, bottom) in boxes.items():
        assert min(width, height) >= 44, name
        assert bottom <= size[1] or name not in ("text", "speak", "voice", "player"), name


def test_other_programs_get_the_address_by_which_the_page_was_opened(page, address):
    asked_as = address.replace("127.0.0.1", "localhost")
    page.open(asked_as)
    endpoint = page.copied("SillyTavern: Provider Endpoint")
    assert endpoint == f"{asked_as}/v1/audio/speech"
    assert page.copied("Open WebUI: API Base URL") == f"{asked_as}/v1"
    assert page.copied("Home Assistant: Host") == "localhost"
    assert httpx.get(endpoint).status_code == 405, "it is a route for POST"


def test_without_its_key_the_server_is_not_asked(page, address):
    page.browser.execute_script("sessionStorage.clear()")
    page.open(address)
    page.browser.get_log("browser")
    page.at("speak").click()
    page.until(lambda: page.at("why").text == "Type the API key of this server first.")
    assert page.browser.get_log("browser") == []
    page.browser.switch_to.active_element.send_keys("wrong", Keys.ENTER)
    page.until(lambda: page.at("why").text == "This is not the API key of this server.")


@needs_curl
def test_a_server_without_a_key_asks_for_none(browser, engine, tmp_path):
    page = Page(browser)
    with serving(create_app(engine, ServerSettings())) as address:
        page.open(address)
        assert not page.at("locked").is_displayed()
        command = page.copied("curl")
        page.at("speak").click()
        page.until(lambda: page.at("player").is_displayed())
        subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    assert soundfile.info(tmp_path / "hello.mp3").duration > 0.5
    assert "Authorization" not in command


def test_a_route_is_tried_among_all_routes(page, address):
    page.browser.get_log("browser")
    page.open(f"{address}/docs")
    shown = page.browser.find_elements(By.CSS_SELECTOR, ".opblock-summary-path")
    paths = httpx.get(f"{address}/openapi.json").json()["paths"]
    assert {one.get_attribute("data-path") for one in shown} == set(paths)
    page.find(".authorize").click()
    page.until(lambda: page.find(".auth-container input")).send_keys(KEY, Keys.ENTER)
    page.find(".btn-done").click()
    speech = "[id$=speak_v1_audio_speech_post]"
    page.find(f"{speech} .opblock-summary-control").click()
    page.until(lambda: page.find(f"{speech} .try-out__btn")).click()
    page.find(f"{speech} .execute").click()
    sound = page.until(lambda: page.find(f"{speech} audio"))
    page.until(lambda: (sound.get_property("duration") or 0) > 1)
    loaded = page.browser.execute_script(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert len(loaded) > 4
    assert [name for name in loaded if not name.startswith((address, "data:"))] == []
    assert [entry for entry in page.browser.get_log("browser") if entry["level"] == "SEVERE"] == []

import numpy as np
import pytest
import soundfile
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.batch.report import write_report

from tests.app.batch.test_report import HOSTILE, LISTING, ODD, ROWS, row
from tests.browsing import browsing, needs_chromium


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report with a second of sound, in a folder with a name like a fragment's."""
    folder = tmp_path_factory.mktemp("the #1 report")
    (folder / "audio").mkdir()
    sound = np.sin(np.arange(24_000) * 0.06) / 9
    for id in (ODD, "00004"):
        soundfile.write(folder / f"audio/{id}.wav", sound, 24_000)
    write_report(folder, LISTING, ROWS, ())
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser, folder):
    browser.get((folder / "report.html").as_uri())
    page = Page(browser)
    yield page
    assert browser.get_log("browser") == []


class Page:
    """The page as one who sits before it has it."""

    def __init__(self, browser):
        self.browser = browser

    def tell(self, expression):
        return self.browser.execute_script(f"return {expression}")

    def ids(self):
        return self.tell("[...document.querySelectorAll('#items td.name')].map(i => i.innerText)")

    def sort(self, name):
        heads = self.browser.find_elements(By.CSS_SELECTOR, "#items th button")
        next(head for head in heads if head.text == name).click()

    def find(self, words):
        self.browser.execute_script(
            "const box = document.querySelector('#search'); box.value = arguments[0];"
            "box.dispatchEvent(new Event('input'))",
            words,
        )

    def told(self):
        return self.tell("document.querySelector('#told').value")


@pytest.mark.browser
@needs_chromium
def test_a_player_plays_what_lies_beside_the_page_and_stills_the_others(page):
    other, player = (
        f"document.querySelector('audio[src^=\"audio/{start}\"]')" for start in ("00004", "odd")
    )
    until = WebDriverWait(page.browser, 10, 0.02).until
    for one in (other, player):
        page.tell(f"{one}.play()")
        until(lambda _, one=one: page.tell(f"{one}.currentTime > 0"))
    assert page.tell(f"[{other}.paused, {other}.ended]") == [True, False]
    assert page.tell(f"{player}.duration") == pytest.approx(1, abs=1e-3)


@pytest.mark.browser
@needs_chromium
def test_pages_hold_all_items_in_order(page):
    made = [one["id"] for one in ROWS if "error" not in one]
    assert page.ids() == made[:50]
    assert page.told() == "1 to 50 of 129"
    page.browser.find_element(By.ID, "on").click()
    assert page.ids() == made[50:100]
    number = page.browser.find_element(By.ID, "page")
    number.clear()
    number.send_keys("9\n")
    assert page.ids() == made[100:]
    assert not page.browser.find_element(By.ID, "on").is_enabled()
    page.browser.find_element(By.ID, "back").click()
    assert page.ids() == made[50:100]


@pytest.mark.browser
@needs_chromium
def test_a_click_on_a_head_sorts_up_then_down_then_not(page):
    made = [one for one in ROWS if "error" not in one]
    before = page.ids()
    for name, key in (
        ("LUFS", lambda one: one["quality"]["loudness"]),
        ("chapter", lambda one: one["chapter"]),
    ):
        page.sort(name)
        assert page.ids() == [one["id"] for one in sorted(made, key=key)][:50]
        page.sort(name)
        assert page.ids() == [one["id"] for one in sorted(made, key=key, reverse=True)][:50]
        page.sort(name)
        assert page.ids() == before
    page.sort("MOS")
    shown = page.tell("[...document.querySelectorAll('#items tbody tr')].map(r => r.innerText)")
    assert all("4.00" in one for one in shown), "what was not judged comes last"
    page.sort("item")
    assert page.ids()[-1] == "00052", "a name with letters comes after numbers"


@pytest.mark.browser
@needs_chromium
def test_words_voices_and_ids_are_found(page):
    page.find("SENTENCE 12")
    assert page.ids() == ["00012", *(f"0012{n}" for n in range(10))]
    page.find("odd #1 100%")
    assert page.ids() == [ODD]
    page.find("michael")
    assert page.told() == "1 to 43 of 43"
    page.find("<b>bold")
    shown = page.tell("document.querySelector('#items td.text').textContent.toWellFormed()")
    assert shown == HOSTILE.replace("\ud800", "\ufffd")
    page.find("nobody")
    assert page.told() == "None found"


@pytest.mark.browser
@needs_chromium
def test_a_phone_needs_not_scroll_sideways(page):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        assert page.tell("document.documentElement.scrollWidth") <= 390
        assert page.tell("document.querySelector('#all .wide').scrollWidth") <= 390
        assert page.tell("innerWidth") == 390
    finally:
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


HASH = "3f9a0c17be2246d58e01c7d4b6f5a982"
LINES_OF_NAMES = """[
  ...document.querySelectorAll("#measures .worst a, #items td.name"),
].map((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell.firstChild);
  return range.getClientRects().length;
})"""


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("width", [390, 1280])
def test_an_id_is_not_broken_in_mid_word(browser, tmp_path, width):
    write_report(tmp_path, LISTING, [row(1, id=HASH), row(2, id=f"{HASH[:-1]}3")])
    screen = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    try:
        browser.get((tmp_path / "report.html").as_uri())
        page = Page(browser)
        assert set(page.tell(LINES_OF_NAMES)) == {1}
        assert page.tell("document.documentElement.scrollWidth") <= width
        assert page.tell("document.querySelector('#all .wide').scrollWidth") <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.browser
@needs_chromium
def test_without_scripts_the_lists_are_there(page):
    page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.browser.refresh()
        text = page.browser.find_element(By.TAG_NAME, "main").text
        assert "it is silent" in text
        assert "report.csv has all items" in text
        assert not page.browser.find_element(By.ID, "search").is_displayed()
    finally:
        page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

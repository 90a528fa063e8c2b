"""The form, the examples and the history of the demo page in a browser, and where they stand."""

import gc

import pytest
from PIL import Image
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.network.hosts import Hosts

from benchmarks import screenshots
from tests.accessibility import SCHEMES, SIZES, needs_axe, screen, serious_faults
from tests.app.demo.conftest import LEFT
from tests.app.demo.visit import ENDED, Visit
from tests.browsing import browsing, needs_chromium
from tts.serving.engine import Engine

TEXT = "It was cold."
LONG = "Nobody on the stairs looked up, and the clocks were striking thirteen. " * 20
UNFOLD = """
document.querySelectorAll('.gr-accordion > button:not(.open)').forEach((one) => one.click());
document.querySelectorAll('details').forEach((one) => { one.open = true; });
"""
# Controls that are too small to be hit: the words of a sentence are text, and a radio button is as
# large as its label.
SMALL = """
const small = (box) => box.width > 0 && (box.width < 44 || box.height < 44);
return [...document.querySelectorAll('button, a[href], select, summary, input, [role=slider]')]
  .map((one) => (one.type === 'radio' ? one.closest('label') : one))
  .filter((one) => small(one.getBoundingClientRect()))
  .map((one) => one.outerHTML.slice(0, 200));
"""
UNLABELLED = """
return [...document.querySelectorAll('button, a[href], select, textarea, input, [role=slider]')]
  .filter((one) => one.getClientRects().length)
  .filter((one) => !(one.ariaLabel || one.labels?.length || one.textContent.trim()))
  .map((one) => one.outerHTML.slice(0, 200));
"""
# Parts of Gradio, each with the rules of axe-core that it breaks.
FOREIGN = {
    "#file": ["label-content-name-mismatch"],
    "#one, #many": ["label-content-name-mismatch"],
}

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.filterwarnings(f"{LEFT}:pytest.PytestUnraisableExceptionWarning"),
    # its figures of calls that failed are made by what pandas no longer likes
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]


@pytest.fixture(scope="module")
def url(synthesizer):
    with Engine(synthesizer, workers=1) as engine:
        list(engine.stream("Warm."))
        with serve_page(engine, Hosts(), 0, DemoLimits(characters=5000)) as blocks:
            yield blocks.local_url
    gc.collect()


@pytest.fixture(scope="module")
def browser(url, tmp_path_factory):
    """Gone before the page is, which would wait for it."""
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        browser.set_script_timeout(60)
        yield browser


@pytest.fixture
def page(browser, url):
    page = Visit(browser, url)
    yield page
    # the browser logs the status of each request that is refused
    assert [one for one in page.complaints() if "player/speak" not in one["message"]] == []


def box(page, query):
    """Left, top, right and bottom of an element, in the window."""
    script = "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
    return page.run(f"{script} return [box.left, box.top, box.right, box.bottom]", query)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", [TEXT, LONG], ids=["short", "long"])
def test_the_text_speak_and_the_player_are_seen_without_scrolling(browser, url, size, text):
    with screen(browser, size):
        page = Visit(browser, url)
        page.speak(text)
        page.until("player.state === 'playing'")
        for query in ("#title", "#text", "#speak", "#player", "#play", "#position"):
            left, top, right, bottom = box(page, query)
            assert 0 <= left < right <= size[0], query
            assert 0 <= top < bottom <= size[1], query
        assert page.tell("document.documentElement.scrollWidth") <= size[0]
        assert page.tell("scrollY") == 0
        page.click("#speak")


def test_the_first_line_says_what_the_page_is_for_and_in_which_language(page):
    line = page.shown("#title p")
    assert "Type English text" in line
    assert "American English (US)" in line


def test_sections_are_folded_at_first(page):
    titles = page.tell(
        "[...document.querySelectorAll('.gr-accordion > button, summary')]"
        ".filter((one) => one.getClientRects().length).map((one) => one.innerText.trim())"
    )
    assert titles == [
        "15 more voices",
        "Blend with a second voice",
        "Settings",
        "Open a file or a book",
        "How it is read",
        "Compare one step with several",
    ]
    assert page.tell(
        "[...document.querySelectorAll('.gr-accordion > button')]"
        ".every((one) => one.getAttribute('aria-expanded') === 'false')"
    )
    page.click("#settings > button")
    page.until("document.querySelector('#settings > button').ariaExpanded === 'true'")


def test_an_example_is_written_and_spoken(page):
    examples = page.browser.find_elements(By.CSS_SELECTOR, "#sheet .example")
    assert len(examples) == 3
    text = examples[1].get_attribute("data-example")
    examples[1].click()
    page.until("player.state === 'playing'")
    assert page.tell("document.querySelector('#text textarea').value") == text
    assert page.tell("player.take.request.text") == text
    assert not page.browser.find_elements(By.CSS_SELECTOR, "#sheet .example")
    assert page.tell("document.activeElement.id") == "speak", "which stops it"


def test_a_voice_is_heard_by_its_card_and_the_text_stays(page):
    page.write("Another text.")
    page.click("[data-voice='michael']")
    page.until(ENDED)
    assert page.tell("player.take.request.voice") == "michael"
    assert page.tell("document.querySelector('#text textarea').value") == "Another text."
    assert page.tell("document.querySelector('#voices input:checked').value") == "heart"
    assert page.shown("#takes") == "", "a sample is no take of the visitor"


def test_keys_choose_a_voice_and_it_speaks(page):
    page.focus("#voices input:checked")
    page.press(Keys.ARROW_DOWN)
    assert page.shown("#voices legend strong") == "michael"
    page.hear(TEXT)
    assert page.tell("player.take.request.voice") == "michael"


def test_a_blend_is_chosen_from_a_list_of_the_browser(page):
    page.click("#blend > button")
    page.until("document.querySelector('#second select')")
    page.focus("#second select")
    page.press("mi")
    page.press(Keys.TAB)
    page.hear(TEXT)
    request = page.tell("player.take.request")
    assert (request["voice"], request["other"], request["share"]) == ("heart", "michael", 50)


def test_an_error_stands_at_its_field_until_it_is_mended(page):
    page.speak("Wait [pause:long] here.")
    page.until("document.querySelector('#problem-text').textContent")
    assert "time must be such as 500ms or 1.5s, got 'long'" in page.shown("#problem-text")
    field = "document.querySelector('#text textarea')"
    page.until(f"{field}.getAttribute('aria-invalid') === 'true'")
    assert page.tell(f"{field}.getAttribute('aria-describedby')") == "problem-text"
    assert 0 <= box(page, "#problem-text")[1] - box(page, "#text")[3] < 40, "it is below the text"
    page.write("Wait [pause:1s] here.")
    page.until("!document.querySelector('#problem-text').textContent")
    page.until(f"!{field}.hasAttribute('aria-invalid')")


def test_an_emptied_setting_is_the_usual_one(page):
    page.click("#settings > button")
    page.until("document.querySelector('#dial-pace input[type=number]')")
    page.run(
        "const pace = document.querySelector('#dial-pace input[type=number]'); pace.value = '';"
        "pace.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    page.hear(TEXT)
    assert "pace" not in page.shown("#takes")


def test_the_page_is_as_wide_whatever_it_holds(browser, url):
    with screen(browser, (1280, 800)):
        page = Visit(browser, url)
        before = box(page, "#desk")
        page.speak(LONG)
        page.until("player.take && !player.job")
        page.click("#speak")
        page.hear("On.")
        assert box(page, "#desk")[0::2] == before[0::2]
    with screen(browser, (320, 640)):
        page = Visit(browser, url)
        page.hear("On 3/4/2025 the wind had cost $5.2M.")
        page.run(UNFOLD)
        page.until("document.querySelector('.reading table')")
        assert page.tell("innerWidth") == page.tell("document.documentElement.scrollWidth") == 320


def test_the_same_take_is_listed_once(page):
    page.hear(TEXT)
    page.click("#speak")
    page.until("states.filter((one) => one === 'ended').length === 2")
    assert page.tell("document.querySelectorAll('#takes button').length") == 1
    page.run("player.speak({text: 'On.'})")
    page.until("document.querySelectorAll('#takes button').length === 2")
    assert "heart" in page.shown("#takes li:first-child"), "what a script leaves out is usual"


def test_marks_before_words_are_not_read_aloud(page):
    page.hear(TEXT)
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    names = [node.get("name", {}).get("value", "") for node in tree]
    assert "Spectrogram" in names
    assert [name for name in names if "+ " in name or "\u25b6" in name] == []


def test_a_file_that_cannot_be_read_is_told_at_its_box(page, tmp_path):
    path = tmp_path / "tale.epub"
    path.write_bytes(b"no book")
    page.click("#book > button")
    page.until("document.querySelector('#file input[type=file]')")
    page.browser.find_element(By.CSS_SELECTOR, "#file input[type=file]").send_keys(str(path))
    page.until("document.querySelector('#file-problem')?.textContent.includes('ot an EPUB file')")
    assert not page.browser.find_elements(By.CSS_SELECTOR, ".toast-body")


def test_a_book_is_opened_and_a_chapter_chosen(page, tmp_path):
    path = tmp_path / "tale.md"
    path.write_text("# One\n\nIt was cold.\n\n# Two\n\nWas it late?\n", encoding="utf-8")
    page.click("#book > button")
    page.until("document.querySelector('#file input[type=file]')")
    page.browser.find_element(By.CSS_SELECTOR, "#file input[type=file]").send_keys(str(path))
    page.until("document.querySelector('#text textarea').value.includes('It was cold.')")
    page.focus("#chapters select")
    page.press("Two")
    page.until("document.querySelector('#text textarea').value.includes('Was it late?')")
    page.click("#file button[aria-label='Clear']")
    page.until("!document.querySelector('#chapters select')?.getClientRects().length")
    assert "Was it late?" in page.tell("document.querySelector('#text textarea').value")


def test_a_take_of_the_visit_is_played_again_with_its_settings(page):
    page.hear(TEXT)
    page.click("#voices input[value='michael']")
    page.click("#settings > button")
    page.until("document.querySelector('#dial-pace input[type=number]')")
    page.until(  # a field that has just appeared may not listen yet
        "(() => { const pace = document.querySelector('#dial-pace input[type=number]');"
        "pace.value = 1.5; pace.dispatchEvent(new Event('input', {bubbles: true}));"
        "return JSON.parse(player.values).pace === 1.5; })()"
    )
    page.hear("Was it late?")
    takes = page.tell("[...document.querySelectorAll('#takes button')].map((one) => one.innerText)")
    assert [take.split("\n")[0] for take in takes] == ["Was it late?", TEXT]
    assert "michael" in takes[0]
    assert "pace 1.5" in takes[0]
    assert "pace" not in takes[1]
    page.run("states.length = 0")
    page.click("#takes li:last-child button")
    page.until(ENDED)
    page.until("states.includes('playing')")
    assert page.tell("player.take.request.text") == TEXT
    assert page.tell("document.querySelector('#text textarea').value") == TEXT
    assert page.tell("document.querySelector('#voices input:checked').value") == "heart"
    assert page.tell("document.querySelector('#dial-pace input[type=number]').value") == "1"
    page.until("!player.stale")


def test_how_it_is_read_is_shown_in_whole_words_of_ipa(page):
    page.hear("It cost $5.")
    page.until("document.querySelector('#reading table')")
    page.click("#reading summary")
    words = page.tell(
        "[...document.querySelectorAll('#reading p.ipa span')].map((w) => w.innerText)"
    )
    assert words[-2:] == ["fˈaɪv", "dˈɑləɹz"]
    assert "International Phonetic Alphabet" in page.shown("#reading .note")
    assert page.tell(
        "[...document.querySelectorAll('#reading .ipa span')]"
        ".every((word) => word.getClientRects().length === 1)"
    )


def test_all_text_is_set_in_one_family(page):
    page.hear(TEXT)
    families = page.tell(
        "[...new Set([...document.querySelectorAll('#desk *')]"
        ".filter((one) => one.getClientRects().length && one.innerText?.trim())"
        ".map((one) => getComputedStyle(one).fontFamily.split(',')[0]))]"
    )
    assert families == ['"IBM Plex Sans"']


@pytest.mark.parametrize("size", SIZES)
def test_controls_are_large_enough_and_labelled(browser, url, size):
    with screen(browser, size):
        page = Visit(browser, url)
        page.run(UNFOLD)
        page.until("document.querySelector('#compare') && document.querySelector('#dial-seed')")
        page.hear(TEXT)
        page.until("document.querySelector('#takes button')")
        assert page.run(SMALL) == []
        assert page.run(UNLABELLED) == []
        assert page.tell("document.documentElement.scrollWidth") <= size[0]


FOCUS = """
const one = document.activeElement;
if (one === document.body) return { name: '', visible: true };
const seen = one.type === 'radio' ? one.closest('.card') : one;
const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(seen);
const box = one.closest('.form') ?? one;
return {
  name: one.id || one.dataset.voice || one.dataset.example || one.value || one.innerText,
  visible: (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
    || getComputedStyle(box).outlineStyle !== 'none',
};
"""


def test_tab_reaches_everything_and_the_focus_is_seen(page):
    page.run("document.body.tabIndex = -1; document.body.focus()")
    met = {}
    for _ in range(30):
        page.press(Keys.TAB)
        focus = page.run(FOCUS)
        met[focus["name"].strip()] = focus["visible"]
    sections = ("Blend with a second voice", "Settings", "Open a file or a book")
    later = ("How it is read", "Compare one step with several", "volume")
    wanted = ("speak", "heart", "michael", "15 more voices", *sections, *later)
    assert [name for name in wanted if name not in met] == []
    assert [name for name, visible in met.items() if name and not visible] == []


def test_pictures_are_taken_of_what_is_seen_and_of_the_whole(browser, url, tmp_path, monkeypatch):
    states = {name: screenshots.STATES[name] for name in ("empty", "error")}
    monkeypatch.setattr(screenshots, "STATES", states)
    with screen(browser, SIZES[1], "dark"):
        screenshots.take_all(browser, url, tmp_path / "phone-dark")
    sizes = {}
    for path in tmp_path.iterdir():
        with Image.open(path) as picture:
            sizes[path.stem] = picture.size
    assert sizes.pop("phone-dark-empty-whole")[1] > 2 * 844
    assert sizes == {"phone-dark-empty": (390, 844), "phone-dark-error": (390, 844)}


@needs_axe
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_page_has_no_serious_fault_of_accessibility(browser, url, size, scheme):
    with screen(browser, size, scheme):
        page = Visit(browser, url)
        assert serious_faults(browser, FOREIGN) == [], "empty"
        page.run(UNFOLD)
        page.until("document.querySelector('#compare')")
        page.hear("It cost $5.")
        page.click("#compare")
        page.until("document.querySelector('#many #waveform')")
        page.until("document.querySelector('#reading table')")
        assert serious_faults(browser, FOREIGN) == [], "with a take"
        page.speak(" ")
        page.until("document.querySelector('#problem-text').textContent")
        assert serious_faults(browser, FOREIGN) == [], "with an error"

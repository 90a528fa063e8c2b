"""No page of ours has a fault of accessibility that axe-core calls serious or critical."""

from itertools import product

import pytest

from tests.accessibility import SCHEMES, SIZES, needs_axe, screen, serious_faults
from tests.browsing import browsing, needs_chromium

VIEWS = list(product(SIZES, SCHEMES))
FAULTY = """<!doctype html><html lang="en"><title>Faults</title><main><h1>Faults</h1>
<p style="color: #bbb; background: #fff">Faint words.</p>
<div class="foreign"><input><p style="color: #ccc; background: #fff">Faint too.</p></div></main>"""

pytestmark = [pytest.mark.browser, needs_chromium, needs_axe]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def faulty_rules(browser, foreign=None):
    return sorted(fault.split()[0] for fault in serious_faults(browser, foreign))


def test_planted_faults_are_found_and_those_of_foreign_parts_are_left_out_by_rule(
    browser, tmp_path
):
    (tmp_path / "faulty.html").write_text(FAULTY)
    browser.get((tmp_path / "faulty.html").as_uri())
    assert faulty_rules(browser) == ["color-contrast", "color-contrast", "label"]
    assert faulty_rules(browser, {".foreign": ["color-contrast"]}) == ["color-contrast", "label"]
    assert faulty_rules(browser, {".foreign": ["color-contrast", "label"]}) == ["color-contrast"]


def test_a_screen_has_the_size_and_the_color_scheme_that_are_asked_for(browser):
    shown = "return [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches]"
    for size, scheme in VIEWS:
        with screen(browser, size, scheme):
            browser.get("data:text/html,<meta name=viewport content='width=device-width'>")
            assert browser.execute_script(shown) == [*size, scheme == "dark"]

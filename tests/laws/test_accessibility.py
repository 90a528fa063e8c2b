"""No page of ours has a fault of accessibility that axe-core calls serious or critical."""

from itertools import product

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.batch.report import write_report
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings
from tts.training.voices.check.check import CheckReport
from tts.training.voices.check.coverage import phone_coverage
from tts.training.voices.check.findings import KINDS, SEVERITIES, Finding
from tts.training.voices.check.report import report_page

from tests.accessibility import SCHEMES, SIZES, needs_axe, screen, serious_faults
from tests.app.batch.test_report import LISTING, ROWS
from tests.browsing import browsing, needs_chromium
from tests.serving import serving
from tts.cli.voice_page import Column, write_page
from tts.serving.engine import Engine

VIEWS = list(product(SIZES, SCHEMES))
FAULTY = """<!doctype html><html lang="en"><title>Faults</title><main><h1>Faults</h1>
<p style="color: #bbb; background: #fff">Faint words.</p>
<div class="foreign"><input><p style="color: #ccc; background: #fff">Faint too.</p></div></main>"""
# Swagger UI puts a button that copies a path into the button that shows its route
SWAGGER = {".swagger-ui": ["nested-interactive"]}
READY = "return 'ready' in document.documentElement.dataset"

pytestmark = [pytest.mark.browser, needs_chromium, needs_axe]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(synthesizer):
    settings = ServerSettings(key="sesame")
    with Engine(synthesizer) as engine, serving(create_app(engine, settings)) as address:
        yield address


def open_ready(browser, address):
    browser.get(address)
    WebDriverWait(browser, 15, 0.02).until(lambda browser: browser.execute_script(READY))


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


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
@pytest.mark.parametrize("path", ["/", "/live"])
def test_the_pages_of_the_server(browser, address, path, size, scheme):
    with screen(browser, size, scheme):
        open_ready(browser, address + path)
        browser.execute_script(
            "for (const fold of document.querySelectorAll('details')) fold.open = true"
        )
        browser.find_element(By.ID, "text").send_keys(" Hello.")
        browser.find_element(By.ID, "speak").click()
        alarm = browser.find_element(By.ID, "why")
        WebDriverWait(browser, 15, 0.02).until(lambda _: alarm.text)
        assert serious_faults(browser) == []


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
def test_the_page_of_the_routes(browser, address, size, scheme):
    with screen(browser, size, scheme):
        open_ready(browser, f"{address}/docs")
        browser.find_element(By.CSS_SELECTOR, ".opblock-post .opblock-summary-control").click()
        WebDriverWait(browser, 15, 0.02).until(
            lambda browser: browser.find_elements(By.CSS_SELECTOR, ".responses-table")
        )
        assert serious_faults(browser, SWAGGER) == []


def tone():
    return np.sin(np.arange(2400, dtype=np.float32) / 20)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report of a batch, a check of recordings, and a page to compare voices."""
    folder = tmp_path_factory.mktemp("reports")
    write_report(folder, LISTING, ROWS, ())
    findings = tuple(
        Finding(
            clip=None if kind == "amount" else "one",
            kind=kind,
            severity=SEVERITIES[number % 3],
            message="It is wrong.",
            remedy="Mend it.",
        )
        for number, kind in enumerate(KINDS)
    )
    totals = {"minutes": 1.0, "clips": 1, "minutes_kept": 1.0, "clips_kept": 1}
    report = CheckReport(
        findings=findings,
        totals=totals | {"transcribed": 1, "aligned": 1, "snr": 30.0},
        coverage=phone_coverage(["hɛloʊ"] * 9),
        expectation="Too little.",
        clips=({"id": "one", "audio": "one.wav", "text": "Hello.", "seconds": 1.0, "snr": 30.0},),
    )
    (folder / "check.html").write_text(report_page(report), encoding="utf-8")
    columns = [Column("heart", [tone()]), Column("michael", [tone()])]
    write_page(folder / "voices.html", "Voices", ["Hello."], columns, 24_000, {"pace": "1"})
    return folder


@pytest.mark.parametrize(("size", "scheme"), VIEWS)
@pytest.mark.parametrize("name", ["report.html", "check.html", "voices.html"])
def test_the_pages_that_commands_write(browser, reports, name, size, scheme):
    with screen(browser, size, scheme):
        browser.get((reports / name).as_uri())
        assert serious_faults(browser) == []

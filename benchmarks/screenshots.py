"""python -m benchmarks.screenshots: pictures of the web demo, to be looked at."""

import time
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.network.hosts import Hosts

from benchmarks.browser import browsing
from tts.serving.engine import Engine
from tts.synthesis import load

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")
TEXT = (
    "Dr. Smith paid $5.2M on 3/4/2025. Was it late? The wind had read the book, and nobody on the "
    "stairs looked up while the clocks were striking thirteen."
)
LONG = (
    "The mill had stood by the river since 1887, and Dr. Avery had the key. Nobody had read the "
    "papers in its attic for 60 years. On 3/4/2025 she climbed the stairs, put down her lamp, and "
    "opened the first box. Inside lay maps of the valley, drawn before the dam was built. A road "
    "led through fields that are now 40 ft under water. Where did it go? She followed it with a "
    "finger, past the church and the school, to a house that she knew. It was her own."
)
# The text of each state of the page, and what is true once the page is in it.
STATES: Mapping[str, tuple[str, str]] = {
    "empty": ("", "true"),
    "speaking": (LONG, "player.state === 'playing' && player.seconds > 9"),
    "done": (TEXT, "player.state === 'ended'"),
    "error": ("Wait. [pause:long] It goes on.", "problem()"),
}
READY = "document.querySelector('#speak') && document.documentElement.dataset.player === 'ready'"
WRITE = """
window.problem = () => Boolean(document.querySelector('[data-error]:not(:empty)'));
const field = document.querySelector('#text textarea');
field.value = arguments[0];
field.dispatchEvent(new Event('input', {bubbles: true}));
"""
UNFOLD = """
document.querySelectorAll('.gr-accordion > button:not(.open)').forEach((one) => one.click());
document.querySelectorAll('details').forEach((one) => { one.open = true; });
"""


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the pictures; made if need be.")],
) -> None:
    """Take pictures of the web demo in a browser.

    The sizes are 1280 x 800 and 390 x 844, each light and dark, while the page is empty, speaks,
    has spoken, and shows an error. Pictures named `whole` have all that can be scrolled to, with
    every section unfolded. Needs the demo and dev extras, Chromium and chromedriver. Writes PNG
    files.

    \b
    Example:
      python -m benchmarks.screenshots pictures
    """
    out.mkdir(parents=True, exist_ok=True)
    with Engine(load(), workers=1) as engine:
        list(engine.stream("This sentence loads everything."))
        with serve_page(engine, Hosts(), 0, DemoLimits()) as blocks, browsing() as browser:
            for size in SIZES:
                for scheme in SCHEMES:
                    take_all(browser, f"{blocks.local_url}", out / f"{size}-{scheme}")


def take_all(browser: Chrome, url: str, stem: Path) -> None:
    """Take the pictures of one size and scheme, which are the end of the stem."""
    size, scheme = stem.name.split("-")
    emulate(browser, *SIZES[size], scheme)
    for state, (text, reached) in STATES.items():
        open_page(browser, url)
        if text:
            browser.execute_script(WRITE, text)
            time.sleep(0.3)
            browser.execute_script("document.querySelector('#speak').click()")
        wait(browser, reached)
        time.sleep(0.5)
        take(browser, stem.with_name(f"{stem.name}-{state}.png"))
        if state in ("empty", "done"):
            browser.execute_script(UNFOLD)
            time.sleep(1)
            take(browser, stem.with_name(f"{stem.name}-{state}-whole.png"), whole=True)


def emulate(browser: Chrome, width: int, height: int, scheme: str) -> None:
    """Give the browser a size and a scheme of colours."""
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < height}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def open_page(browser: Chrome, url: str) -> None:
    """Open the page, and wait until it can speak."""
    browser.get(url)
    wait(browser, READY)
    time.sleep(0.5)


def wait(browser: Chrome, expression: str) -> None:
    """Wait until an expression of JavaScript is true."""
    WebDriverWait(browser, 60, 0.05).until(lambda _: browser.execute_script(f"return {expression}"))


def take(browser: Chrome, path: Path, *, whole: bool = False) -> None:
    """Write a picture of what is seen, or of the whole page."""
    options = {"captureBeyondViewport": whole}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", options)
    path.write_bytes(b64decode(shot["data"]))


if __name__ == "__main__":
    typer.run(main)

"""Headless Chromium for benchmarks of pages, their command line and their texts."""

import argparse
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

HERE = Path(__file__).parent
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--autoplay-policy=no-user-gesture-required --window-size=1280,900"
)
WARMING = 2  # first clicks, which do not count


def asked(description: str | None, name: str, *, before: bool = False) -> argparse.Namespace:
    """The options of a benchmark of a page, with the `texts` to click for.

    The first `WARMING` texts are the warm-up.

    Args:
        description: shown by --help.
        name: of the default file of results.
        before: whether another checkout can be measured, too.
    """
    options = parser(description, name, before=before).parse_args()
    lines = (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    options.texts = [json.loads(line)["text"] for line in lines[: WARMING + options.clicks]]
    return options


def parser(description: str | None, name: str, *, before: bool = False) -> argparse.ArgumentParser:
    """The command line of a benchmark of a page; the arguments are those of `asked`."""
    found = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    results = HERE / "results" / name
    found.add_argument(
        "--out",
        type=Path,
        default=results,
        help=f"File of results (JSON) to write; benchmarks/results/{name} by default.",
    )
    found.add_argument(
        "--clicks",
        type=int,
        default=10,
        help="Clicks that count, at least 1; 10 by default. Two more come first, as warm-up.",
    )
    if before:
        found.add_argument(
            "--before",
            type=Path,
            help="Checkout whose page is measured in the same run; none by default.",
        )
    return found


@contextmanager
def browsing() -> Iterator[Chrome]:
    """A browser with a new profile, closed at the end."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    with TemporaryDirectory() as folder:
        for flag in [*FLAGS.split(), f"--user-data-dir={folder}"]:
            options.add_argument(flag)
        browser = Chrome(options, ChromeService(shutil.which("chromedriver")))
        try:
            yield browser
        finally:
            browser.quit()

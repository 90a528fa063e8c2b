"""A headless Chromium that clicks, and the texts that it has spoken."""

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
WARMING = 2  # clicks that are not counted


def asked(description: str | None, name: str) -> tuple[list[str], Path]:
    """The texts to click for, those that only warm it first, and where the results belong."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=HERE / "results" / name)
    parser.add_argument("--clicks", type=int, default=10)
    options = parser.parse_args()
    lines = (HERE / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[: WARMING + options.clicks]], options.out


@contextmanager
def browsing() -> Iterator[Chrome]:
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

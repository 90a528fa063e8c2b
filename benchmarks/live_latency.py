"""Latency of the page at /live: from a click on Speak to the first audible sample.

Needs the serve and dev extras, Chromium and chromedriver. Writes medians of each
share of the latency, in ms.

Example:
  python benchmarks/live_latency.py --clicks 20

The page reports when it sounded, by the clock of its audio and the latency of
its output, and the shares of engine, network and browser.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import numpy as np
import uvicorn
from browser import WARMING, asked, browsing
from fastapi import FastAPI
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.server.routes.models import models_router
from tts.app.server.routes.websocket import websocket_router
from tts.app.server.settings import ServerSettings

from tts.serving.engine import Engine
from tts.synthesis import load

NOTE = "addEventListener('firstsound', ({ detail }) => (window.figures = detail))"
PUT = """
const text = document.getElementById("text");
text.value = arguments[0];
text.dispatchEvent(new Event("input"));
window.figures = null;
"""
LOUD = 0.001  # as in the worklet


def main() -> None:
    options = asked(__doc__, "live.json")
    texts, out = options.texts, options.out
    with Engine(load(), workers=2) as engine:
        with served(engine) as address, browsing() as browser:
            runs = [*clicks(browser, address, texts)][WARMING:]
        for run, text in zip(runs, texts[WARMING:], strict=True):
            run["silence"] = 1000 * silence(engine, text)
    shares = {name: round(median(run[name] for run in runs), 1) for name in runs[0]}
    made = {"unit": "ms", "clicks": len(runs), "median": shares}
    made["slowest"] = round(max(run["first"] for run in runs), 1)
    made["runs"] = [{name: round(value, 1) for name, value in run.items()} for run in runs]
    out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """The address of a server of the page."""
    app = FastAPI()
    app.include_router(websocket_router(engine, ServerSettings()))
    app.include_router(models_router(engine))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws_per_message_deflate=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/live"
    server.should_exit = True
    thread.join()


def clicks(browser: Chrome, address: str, texts: list[str]) -> Iterator[dict[str, float]]:
    """The shares of the latency of each click on Speak, in milliseconds."""
    wait = WebDriverWait(browser, 30, 0.05)
    browser.get(address)
    wait.until(
        lambda _: browser.execute_script("return 'ready' in document.documentElement.dataset")
    )
    browser.execute_script(NOTE)
    for text in texts:
        browser.execute_script(PUT, text)
        browser.find_element(By.ID, "speak").click()
        yield wait.until(lambda _: browser.execute_script("return window.figures"))
        wait.until(lambda _: not browser.find_element(By.ID, "stop").is_enabled())


def silence(engine: Engine, text: str) -> float:
    """Seconds of audio before the first audible sample of a text."""
    with engine.stream(text) as reply:
        audio = next(reply).audio
    return float(np.argmax(np.abs(audio) > LOUD)) / engine.synthesizer.sample_rate


if __name__ == "__main__":
    main()

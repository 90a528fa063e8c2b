"""Latency of the web demo: from a click on Speak to the first audible sample.

Needs the demo and dev extras, Chromium and chromedriver. Writes medians and all
measurements, in ms. With --before, the page of another checkout is measured in
the same run, in turn with this one.

Examples:
  python benchmarks/demo_latency.py --clicks 20
  python benchmarks/demo_latency.py --before ../older

Sound begins when the player's clock, read on every frame of the screen, reaches
the first sample within 40 dB of the loudest. The engine's share is the time of
the first piece alone; the silence is that at the start of the audio; the rest is
the page's and the browser's. Each text is spoken twice on a page just opened,
the second time with an analyser node, which hears the first such sample, too.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from browser import HERE, WARMING, asked, browsing
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

from tts.serving.engine import Engine
from tts.synthesis import load

LOUD = 0.01  # 40 dB below the loudest
PRIMING = 1024 / 24000  # seconds of silence that begin the AAC of Gradio's player
# Of this page's player, and of Gradio's, the time that was played and what an analyser can hear.
WATCH = """
const [priming] = arguments;
const gradio = () => document.querySelector('#live audio');
const playing = () => window.player
  ? (player.sound.report ? player.sound.seconds : 0)
  : seen.playing ? Math.max(0, (gradio()?.currentTime ?? 0) - priming) : 0;
document.addEventListener('playing', () => (seen.playing = true), true);
window.tap = () => {
  if (window.player) return player.sound.output;
  const context = new AudioContext({ sampleRate: 24000 });
  const source = context.createMediaElementSource(gradio());
  source.connect(context.destination);
  return source;
};
window.seen = {};
document.addEventListener('click', (event) => {
  if (event.target.closest('#speak')) {
    window.seen = { click: performance.now(), clock: [], heard: null };
  }
}, true);
const look = () => {
  const at = playing();
  if (seen.clock && at && at !== seen.clock.at(-1)?.[1]) seen.clock.push([performance.now(), at]);
  requestAnimationFrame(look);
};
look();
"""
LISTEN = """
const source = tap();
const analyser = new AnalyserNode(source.context, { fftSize: 4096 });
source.connect(analyser);
const samples = new Float32Array(4096);
setInterval(() => {
  if (seen.heard !== null) return;
  analyser.getFloatTimeDomainData(samples);
  const place = samples.findIndex((one) => Math.abs(one) > arguments[0]);
  if (place >= 0 && seen.clock) seen.heard = performance.now() - (4096 - place) / 24;
}, 4);
"""
READY = """
return document.documentElement.dataset.player === 'ready'
  || (!window.player && !document.querySelector('#position') && !!document.querySelector('#speak'))
"""


def main() -> None:
    options = asked(__doc__, "demo.json", before=True)
    texts, leads = options.texts, [*measured_alone(options.texts)]
    folders = {"now": HERE.parent} | ({"before": options.before} if options.before else {})
    with ExitStack() as stack:
        addresses = {name: stack.enter_context(served(each)) for name, each in folders.items()}
        browser = stack.enter_context(browsing())
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in addresses}
        for text, lead in zip(texts, leads, strict=True):
            for name, address in addresses.items():
                runs[name].append(clicks(browser, address, text, lead))
    made = {name: summary(each[WARMING:]) for name, each in runs.items()}
    options.out.write_text(json.dumps({"unit": "ms", **made}, indent=1) + "\n", encoding="utf-8")


def summary(runs: Sequence[Mapping[str, float]]) -> dict[str, object]:
    """Medians, the slowest first sound, and all measurements."""
    shares = {name: round(median(run[name] for run in runs), 1) for name in runs[0]}
    rows = [{name: round(value, 1) for name, value in run.items()} for run in runs]
    slowest = round(max(run["sound"] for run in runs), 1)
    return {"clicks": len(runs), "median": shares, "slowest": slowest, "runs": rows}


def measured_alone(texts: Sequence[str]) -> Iterator[dict[str, float]]:
    """For each text the time of its first piece, where sound begins, and its loudest sample."""
    with Engine(load(), workers=2) as engine:
        list(engine.stream(texts[0]))
        for text in texts:
            tries = []
            for _ in range(3):
                begun = time.perf_counter()
                with engine.stream(text) as reply:
                    next(reply)
                    tries.append(1000 * (time.perf_counter() - begun))
            audio = np.abs(engine.synthesizer.speak(text).audio)
            silent = int(np.argmax(audio > LOUD * audio.max()))
            silence = 1000 * silent / engine.synthesizer.sample_rate
            yield {"engine": median(tries), "silence": silence, "peak": float(audio.max())}


@contextmanager
def served(checkout: Path) -> Iterator[str]:
    """The address of the page of a checkout."""
    command = [sys.executable, "-m", "tts", "demo", "--port", "0", "--workers", "2"]
    paths = os.environ | {"PYTHONPATH": str(checkout.resolve())}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=checkout, env=paths, **pipes) as run:
        assert run.stdout is not None
        try:
            line = next(one for one in run.stdout if "http" in one)
            yield next(word for word in line.split() if word.startswith("http"))
        finally:
            run.terminate()


def clicks(browser: Chrome, address: str, text: str, lead: Mapping[str, float]) -> dict[str, float]:
    """The first click on Speak on a page, and its second, in milliseconds."""
    wait = WebDriverWait(browser, 60, 0.05)
    browser.get(address)
    wait.until(lambda _: browser.execute_script(READY))
    time.sleep(1.0)
    browser.execute_script(WATCH, PRIMING)
    first = click(browser, text, lead)
    browser.execute_script(LISTEN, LOUD * lead["peak"])
    second = click(browser, text, lead)
    heard = browser.execute_script("return seen.heard - seen.click")
    shares = {name: lead[name] for name in ("engine", "silence")}
    rest = first - sum(shares.values())
    return {"sound": first, **shares, "rest": rest, "second": second, "analyser": heard}


def click(browser: Chrome, text: str, lead: Mapping[str, float]) -> float:
    """From a click on Speak to the first sound; waits until the text is spoken."""
    wait = WebDriverWait(browser, 60, 0.05)
    browser.execute_script(
        "const text = document.querySelector('#text textarea'); text.value = arguments[0];"
        "text.dispatchEvent(new Event('input', {bubbles: true}))",
        text,
    )
    time.sleep(0.2)
    browser.execute_script("document.querySelector('#speak').click()")
    wait.until(lambda _: browser.execute_script("return (seen.clock ?? []).length > 30"))
    last = -1.0
    while last != (last := browser.execute_script("return seen.clock.at(-1)[1]")):
        time.sleep(0.5)
    seen = browser.execute_script("return seen")
    now, at = next(pair for pair in seen["clock"] if pair[1] >= lead["silence"] / 1000)
    return float(now - 1000 * at + lead["silence"] - seen["click"])


if __name__ == "__main__":
    main()

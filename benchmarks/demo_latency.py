"""Latency of the web demo: from a click on Speak to the first audible sample.

Needs the demo and dev extras, Chromium and chromedriver. Writes medians of each
share of the latency, in ms.

Example:
  python benchmarks/demo_latency.py --clicks 20

Sound begins when the player's clock, read on every frame of the screen, reaches
the first sample within 40 dB of the loudest. The engine's share is the time of
the first piece alone; Gradio's, from there until the browser has the playlist;
the browser's, from there until the clock starts; the rest is the silence at the
start of the audio. As many clicks are measured by an analyser node, and as many
are the first on a page.
"""

import json
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
from browser import WARMING, asked, browsing
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.demo.player import FRAME
from tts.app.network.hosts import Hosts

from tts.serving.engine import Engine
from tts.synthesis import load

LOUD = 0.01  # 40 dB below the loudest
WATCH = """
window.seen = {};
document.addEventListener('click', (event) => {
  if (!event.target.closest('#speak')) return;
  performance.clearResourceTimings();
  window.seen = { click: performance.now(), clock: [], stalls: 0, heard: null };
}, true);
document.addEventListener('playing', () => { seen.playing ??= performance.now(); }, true);
document.addEventListener('waiting', () => { seen.stalls += seen.playing ? 1 : 0; }, true);
document.addEventListener('ended', () => { seen.ended = true; }, true);
const look = () => {
  const player = document.querySelector('#live audio');
  const at = player && player.currentTime;
  if (seen.clock && at && seen.playing && at !== seen.clock.at(-1)?.[1]) {
    seen.clock.push([performance.now(), at]);
  }
  requestAnimationFrame(look);
};
look();
"""
LISTEN = """
const [peak] = arguments;
const context = new AudioContext({ sampleRate: 24000 });
const analyser = new AnalyserNode(context, { fftSize: 1024 });
context.createMediaElementSource(document.querySelector('#live audio')).connect(analyser);
analyser.connect(context.destination);
const samples = new Float32Array(1024);
setInterval(() => {
  analyser.getFloatTimeDomainData(samples);
  const place = samples.findIndex((one) => Math.abs(one) > 0.01 * peak);
  if (seen.playing && seen.heard === null && place >= 0) {
    seen.heard = performance.now() - (1024 - place) / 24;
  }
}, 4);
"""
LISTS = "return performance.getEntriesByType('resource').filter((one) => /m3u8/.test(one.name))"


def main() -> None:
    texts, out = asked(__doc__, "demo.json")
    with Engine(load(), workers=2) as engine:
        list(engine.stream(texts[0]))
        leads = {text: lead(engine, text) for text in texts}
        with serve_page(engine, Hosts(), 0, DemoLimits()) as blocks, browsing() as browser:
            page = Page(browser, blocks.local_url or "")
            page.open()
            runs = [page.click(text, leads[text]) for text in texts][WARMING:]
            page.listen(0.5)
            heard = [page.click(text, leads[text]) for text in texts][WARMING:]
            fresh = []
            for text in texts[WARMING:]:
                page.open()
                fresh.append(page.click(text, leads[text]))
    made = {
        "unit": "ms",
        "clicks": summary(runs),
        "first_clicks_on_a_page": summary(fresh),
        "heard_by_an_analyser": {
            "analyser": round(median(run["analyser"] for run in heard if "analyser" in run), 1),
            "clock": round(median(run["sound"] for run in heard), 1),
        },
    }
    out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def summary(runs: Sequence[dict[str, float]]) -> dict[str, object]:
    """Medians of each share, and the slowest click."""
    shares = {name: round(median(run[name] for run in runs), 1) for name in runs[0]}
    sounds = sorted(round(run["sound"], 1) for run in runs)
    return {"median": shares, "slowest": sounds[-1], "sounds": sounds, "count": len(runs)}


def lead(engine: Engine, text: str) -> dict[str, float]:
    """The time of the first piece alone, and where in the stream sound begins, in ms."""
    tries = []
    for _ in range(3):
        begun = time.perf_counter()
        with engine.stream(text) as reply:
            next(reply)
            tries.append(1000 * (time.perf_counter() - begun))
    audio = np.abs(engine.synthesizer.speak(text).audio)
    silent = int(np.argmax(audio > LOUD * audio.max()))
    rate = engine.synthesizer.sample_rate
    return {"engine": median(tries), "coding": 1000 * FRAME / rate, "silence": 1000 * silent / rate}


class Page:
    """The page of the demo in a browser, and measurements of clicks."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser, self.url = browser, url

    def open(self) -> None:
        self.browser.get(self.url)
        self._until("return !!document.querySelector('#speak')")
        time.sleep(1.0)
        self.browser.execute_script(WATCH)

    def listen(self, peak: float) -> None:
        """Measure by an analyser node, too."""
        self.browser.execute_script(LISTEN, peak)

    def click(self, text: str, lead: dict[str, float]) -> dict[str, float]:
        """The shares of the latency of a click on Speak, in milliseconds."""
        self.browser.execute_script(
            "const text = document.querySelector('#text textarea'); text.value = arguments[0];"
            "text.dispatchEvent(new Event('input', {bubbles: true}))",
            text,
        )
        time.sleep(0.2)
        self.browser.execute_script("document.querySelector('#speak').click()")
        self._until("return (seen.clock ?? []).length > 30")
        seen = self.browser.execute_script("return seen")
        listed = self.browser.execute_script(LISTS)[0]["responseEnd"] - seen["click"]
        wanted = (lead["coding"] + lead["silence"]) / 1000
        now, at = next(pair for pair in seen["clock"] if pair[1] >= wanted)
        sound = now - 1000 * (at - wanted) - seen["click"]
        self._until("return seen.ended")
        time.sleep(0.3)
        stalls = self.browser.execute_script("return seen.stalls")
        run = {"sound": sound, **lead, "gradio": listed - lead["engine"], "stalls": stalls}
        run["browser"] = sound - listed - lead["coding"] - lead["silence"]
        if seen["heard"] is not None:
            run["analyser"] = seen["heard"] - seen["click"]
        return run

    def _until(self, script: str) -> None:
        WebDriverWait(self.browser, 60, 0.05).until(lambda _: self.browser.execute_script(script))


if __name__ == "__main__":
    main()

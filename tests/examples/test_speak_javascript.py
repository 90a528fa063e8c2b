"""The example in JavaScript, run by node and in a browser."""

import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile
from selenium.webdriver.support.ui import WebDriverWait

from tests.browsing import browsing, needs_chromium
from tts.delivery import Delivery
from tts.network_constants import NOISE_SEED
from tts.noise import noise
from tts.synthesis import PROSODY

PATH = Path(__file__).parents[2] / "examples" / "speak.mjs"
NODE = shutil.which("node")
PACKAGES = [folder / "node_modules" / "onnxruntime-web" for folder in PATH.parents]
PACKAGE = next((folder for folder in PACKAGES if folder.is_dir()), None)
TEXT = "The first words come soon, and then the others follow."
PAGE = """
<meta charset="utf-8">
<script type="importmap">
{"imports": {"onnxruntime-web": "/package/dist/ort.wasm.bundle.min.mjs"}}
</script>
<script type="module">
    import { Model, gaussian } from "./speak.mjs";
    const model = await Model.load(async (name) => {
        const answer = await fetch(`exported/${name}`);
        return new Uint8Array(await answer.arrayBuffer());
    });
    const random = gaussian(0);
    const plan = await model.plan("PHONEMES", "heart", random, 1);
    const samples = await model.sound(await model.mel(plan, random), random);
    const energy = samples.reduce((total, sample) => total + sample ** 2, 0);
    window.made = { frames: plan.durations, samples: samples.length, energy };
</script>
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (NODE and PACKAGE),
        reason="needs node and, in examples, npm install onnxruntime-web",
    ),
]


def speak(*arguments):
    """The frames of each symbol, which the example prints."""
    command = [NODE, str(PATH), *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    return [int(number) for number in done.stdout.partition(":")[2].split()]


def noise_of(plan, mel):
    """What the synthesizer draws for an utterance, in the order of the example."""
    seed, frames = plan.seed[:-1], plan.frames
    return [
        noise((*seed, PROSODY), 0, len(plan.durations), 3),
        noise(plan.seed, 0, frames, mel.bands),
        noise((NOISE_SEED,), 0, frames, mel.hop),
    ]


def test_with_the_same_noise_it_speaks_as_the_synthesizer_does(exported, exact, tmp_path):
    delivery, mel = Delivery(voice="michael"), exact.runtime.config.mel
    (line,) = exact.lines(TEXT, delivery)
    plan = exact.plan(line, delivery)
    drawn = np.concatenate([each.ravel() for each in noise_of(plan, mel)])
    drawn.astype("<f4").tofile(tmp_path / "noise.bin")
    path = tmp_path / "speech.wav"
    frames = speak(exported, line.phonemes, path, "michael", tmp_path / "noise.bin")
    assert frames == plan.durations.tolist()
    samples, rate = soundfile.read(path)
    assert rate == exact.sample_rate
    audio = exact.speak(TEXT, delivery).audio[: len(samples)]
    assert 10 * np.log10(np.square(audio).sum() / np.square(audio - samples).sum()) > 50


@contextmanager
def serving(folder):
    """The address of a folder's files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@needs_chromium
def test_with_its_own_noise_a_page_speaks_as_node_does(exported, exact, tmp_path):
    (line,) = exact.lines(TEXT, Delivery())
    site, path = tmp_path / "site", tmp_path / "speech.wav"
    site.mkdir()
    shutil.copy(PATH, site)
    (site / "package").symlink_to(PACKAGE)
    (site / "exported").symlink_to(exported)
    (site / "index.html").write_text(PAGE.replace("PHONEMES", line.phonemes), encoding="utf-8")
    frames = speak(exported, line.phonemes, path)
    assert sum(frames) == pytest.approx(exact.plan(line, Delivery()).frames, rel=0.15)
    samples, _ = soundfile.read(path)
    with serving(site) as address, browsing(tmp_path / "chromium") as browser:
        browser.get(f"{address}/index.html")
        wait = WebDriverWait(browser, 40)
        made = wait.until(lambda page: page.execute_script("return window.made"))
    assert made["frames"] == frames
    assert made["samples"] == len(samples)
    assert made["energy"] == pytest.approx(np.square(samples).sum(), rel=1e-3)

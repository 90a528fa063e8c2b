"""The example in JavaScript, run by node, against the synthesizer."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.delivery import Delivery
from tts.noise import noise
from tts.synthesis import PROSODY
from tts.vocoder.noise_spectra import NOISE_SEED

PATH = Path(__file__).parents[2] / "examples" / "speak.mjs"
NODE = shutil.which("node")
PACKAGE = Path("node_modules", "onnxruntime-web")
TEXT = "The first words come soon, and then the others follow."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (NODE and any((folder / PACKAGE).is_dir() for folder in PATH.parents)),
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
    snr = 10 * np.log10(np.square(audio).sum() / np.square(audio - samples).sum())
    assert snr > 50


def test_with_its_own_noise_it_speaks_as_long(exported, exact, tmp_path):
    (line,) = exact.lines(TEXT, Delivery())
    path = tmp_path / "speech.wav"
    frames = speak(exported, line.phonemes, path)
    expected = exact.plan(line, Delivery()).frames
    assert sum(frames) == pytest.approx(expected, rel=0.15)
    assert soundfile.info(path).frames == sum(frames) * exact.runtime.config.mel.hop

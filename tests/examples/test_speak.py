"""The example in Python against the synthesizer."""

import ast
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.delivery import Delivery

PATH = Path(__file__).parents[2] / "examples" / "speak.py"
TEXT = "The first words come soon, and then the others follow."


@pytest.fixture(scope="module")
def example():
    return runpy.run_path(str(PATH))


@pytest.fixture(scope="module")
def model(example, exported):
    return example["Model"](exported)


def decibels(signal, other):
    return 10 * np.log10(np.square(signal).sum() / np.square(signal - other).sum())


@pytest.mark.parametrize(
    ("text", "delivery"),
    [
        (TEXT, Delivery()),
        ("Is it late?", Delivery(voice="michael", steps=2, seed=7, pace=1.3)),
        ("Hi.", Delivery(voice="puck", steps=3, seed=1, pace=0.7)),
    ],
)
def test_it_speaks_as_the_synthesizer_does(text, delivery, model, exact):
    line = next(exact.lines(text, delivery))
    options = delivery.voice, delivery.seed, delivery.steps, delivery.pace
    _, durations = model.plan(line.phonemes, *options)
    assert durations.tolist() == exact.plan(line, delivery).durations.tolist()
    samples = model.speak(line.phonemes, *options)
    assert samples.dtype == np.float32
    assert decibels(exact.speak(text, delivery).audio[: len(samples)], samples) > 50


def test_it_writes_a_wav(example, exported, exact, tmp_path, monkeypatch):
    (line,) = exact.lines(TEXT, Delivery())
    path = tmp_path / "speech.wav"
    words = ["speak.py", str(exported), line.phonemes, "--output", str(path)]
    monkeypatch.setattr(sys, "argv", words)
    example["main"]()
    samples, rate = soundfile.read(path)
    assert rate == exact.sample_rate
    assert decibels(exact.speak(TEXT).audio[: len(samples)], samples) > 50


def test_it_needs_numpy_and_onnxruntime_alone():
    nodes = list(ast.walk(ast.parse(PATH.read_text(encoding="utf-8"))))
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported - sys.stdlib_module_names == {"numpy", "onnxruntime"}

"""Takes with planted faults, and what the ensemble says of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np

from tts.audio import Audio
from tts.best_of.ensemble import judge_by_ensemble
from tts.delivery import Delivery
from tts.rendering import UtterancePlan, utterance_tasks
from tts.synthesis import Synthesizer
from tts.text.frontend import Utterance

SOUNDS: Mapping[str, Callable[[Audio, np.random.Generator], Audio]] = {
    "a burst of noise of 20 ms": lambda audio, draw: _burst(audio, draw),
    "noise throughout": lambda audio, draw: audio + 0.003 * _white(len(audio), draw),
    "cut off": lambda audio, draw: np.concatenate([audio[:-2400], _middle(audio, 2400)]),
    "clipped": lambda audio, draw: (6 * audio).clip(-1, 1),
    "150 ms left out": lambda audio, draw: _skip(audio, 3600),
}


def faulty_scores(
    synthesizer: Synthesizer, line: Utterance, take: Audio, plan: UtterancePlan
) -> dict[str, dict[str, float]]:
    """The parts of the ensemble for each fault in a take of a sentence."""
    draw = np.random.default_rng(crc32(line.phonemes.encode()))
    faulty = {name: plant(take, draw).astype(np.float32) for name, plant in SOUNDS.items()}
    words = [word for word in line.words if word.stop - word.start > 2]
    if words:
        word = words[draw.integers(len(words))]
        place = np.arange(word.start + 1, word.stop + 1)  # a symbol marks the start
        hidden = plan.tokens.hidden
        away = (place + len(hidden) // 2) % len(hidden)
        faulty["another word"] = _said(synthesizer, plan, place, hidden[away])
        faulty["a mumbled word"] = _said(synthesizer, plan, place, hidden.mean(axis=0))
    return {name: dict(judge_by_ensemble(audio, plan)) for name, audio in faulty.items()}


def _said(
    synthesizer: Synthesizer, plan: UtterancePlan, place: np.ndarray, vectors: np.ndarray
) -> Audio:
    """The utterance with other vectors of some symbols."""
    hidden = plan.tokens.hidden.copy()
    hidden[place] = vectors
    other = replace(plan, tokens=replace(plan.tokens, hidden=hidden))
    (task,) = utterance_tasks(other, Delivery(), lambda frames: [(0, frames)])
    synthesizer.render([task])
    assert task.audio is not None
    return task.audio


def _burst(audio: Audio, draw: np.random.Generator) -> Audio:
    start, made = int(draw.integers(len(audio) - 480)), audio.copy()
    made[start : start + 480] += 0.1 * _white(480, draw)
    return made


def _skip(audio: Audio, samples: int) -> Audio:
    third = len(audio) // 3
    rest = audio[third + samples :]
    return np.concatenate([audio[:third], rest, np.zeros(samples, np.float32)])


def _middle(audio: Audio, samples: int) -> Audio:
    return audio[len(audio) // 2 :][:samples]


def _white(samples: int, draw: np.random.Generator) -> Audio:
    return draw.standard_normal(samples).astype(np.float32)

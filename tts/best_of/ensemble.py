"""The judge that every install has: measurements of a candidate against what the model expects.

An acoustic model is also trained to predict the mean of the mel of each frame, given the symbols,
their durations and their prosody. Sound that is far from it says something else, or has noise.
Parts are measured in deviations between takes of the shipped voices, so that they add up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from tts.config import MelConfig
from tts.vocoder.spectrogram import log_mel_spectrogram

if TYPE_CHECKING:
    from tts.rendering import UtterancePlan

FULL_SCALE = 0.999  # from which on a sample counts as clipped
EDGE_SECONDS = 0.01
EDGE_DB = -40.0  # relative to the whole utterance; louder edges may be cut off
HIGH_BANDS = 0.6  # share of the bands that are below the high ones, about 4 kHz


@dataclass(frozen=True)
class Measured:
    """A candidate as the parts of the ensemble see it.

    Args:
        audio: its samples, from -1 to 1.
        mel: its natural log-mel.
        expected: that which the model expects.
        token: index of the symbol that each frame belongs to.
        config: of the mel.
    """

    audio: Float[np.ndarray, " samples"]
    mel: Float[np.ndarray, "frames mels"]
    expected: Float[np.ndarray, "frames mels"]
    token: Int[np.ndarray, " frames"]
    config: MelConfig

    @cached_property
    def distance(self) -> Float[np.ndarray, " frames"]:
        """The mean absolute difference of each frame from the expected mel."""
        return np.abs(self.mel - self.expected).mean(axis=1)


def judge_by_ensemble(
    audio: Float[np.ndarray, " samples"], plan: "UtterancePlan"
) -> Mapping[str, float]:
    """Score a candidate by its parts: 1 more is better by one deviation between takes.

    Only scores of one text in one voice can be compared; others may be 10 apart.

    Args:
        audio: its samples, from -1 to 1.
        plan: its symbols and durations.
    """
    measured = measure(audio, plan)
    return {
        name: (part.usual - part.measure(measured)) / part.deviation for name, part in PARTS.items()
    }


def measure(audio: Float[np.ndarray, " samples"], plan: "UtterancePlan") -> Measured:
    """The log-mel of a candidate beside the expected one, of the same frames."""
    config = plan.runtime.config.mel
    padded = np.pad(audio, (0, max(0, config.n_fft - len(audio))))
    mel = log_mel_spectrogram(padded, config)[: plan.frames]
    expected = plan.runtime.expected_mel(plan.tokens, plan.token, plan.position)[: len(mel)]
    return Measured(audio, mel, expected, plan.token[: len(mel)], config)


def misfit(measured: Measured) -> float:
    """The mean distance from the expected mel, in nats."""
    return float(measured.distance.mean())


def worst_phone(measured: Measured) -> float:
    """The largest mean distance of any symbol from its expected mel, in nats."""
    frames = np.bincount(measured.token)
    sums = np.bincount(measured.token, weights=measured.distance)
    return float((sums / np.maximum(frames, 1)).max())


def bursts(measured: Measured) -> float:
    """The most by which the high bands of a frame are louder than expected, in nats."""
    first = round(HIGH_BANDS * measured.mel.shape[1])
    over = (measured.mel - measured.expected)[:, first:].mean(axis=1)
    return max(0.0, float(over.max()))


def loud_edges(measured: Measured) -> float:
    """The level of the first and last 10 ms above `EDGE_DB`, in dB."""
    size = round(EDGE_SECONDS * measured.config.sample_rate)
    edges = (measured.audio[:size], measured.audio[-size:])
    edge = max(_decibels(part) for part in edges) - _decibels(measured.audio)
    return max(0.0, edge - EDGE_DB)


def clipping(measured: Measured) -> float:
    """The share of samples at full scale, in per cent."""
    return 100 * float((np.abs(measured.audio) >= FULL_SCALE).mean())


def _decibels(audio: Float[np.ndarray, " samples"]) -> float:
    power = float(np.square(audio, dtype=np.float64).mean()) if len(audio) else 0.0
    return 10 * float(np.log10(max(power, 1e-10)))


@dataclass(frozen=True)
class Part:
    """A measurement that is small where speech is good; its usual value, and its deviation."""

    measure: Callable[[Measured], float]
    usual: float
    deviation: float


# Measured on takes of heart: means, and deviations between takes of a sentence. Good takes have no
# loud edges and no clipping, whose deviations are chosen by hand.
PARTS: Mapping[str, Part] = {
    "misfit": Part(misfit, 0.44, 0.004),
    "worst phone": Part(worst_phone, 0.63, 0.04),
    "bursts": Part(bursts, 0.95, 0.16),
    "loud edges": Part(loud_edges, 0.0, 3.0),
    "clipping": Part(clipping, 0.0, 0.01),
}

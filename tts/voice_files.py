"""Voice files (`.voice`): what fine-tuning a model on one speaker has changed.

One safetensors file holds a voice: its vector, its pitch and level, and differences of weights in
half precision. It belongs to the models that it was trained from; other models refuse it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float

SUFFIX = ".voice"


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceCard:
    """What the metadata of a voice file says about the voice.

    Args:
        name: of the voice.
        family: of the models that it belongs to (`family_of`).
        acoustic_hash: SHA-256 of the weights of the acoustic model it was trained from.
        vocoder_hash: SHA-256 of the weights of that model's vocoder.
        sex: `female` or `male`.
        accent: such as `US`.
        minutes: of recordings that it was trained on.
        licence: under which the voice may be used.
        consent: what the speaker agreed to, in the words of whoever made the voice.
        word_errors: word error rate of Whisper base in one step, in percent.
        distillmos: mean DistillMOS in one step, an estimated opinion score from 1 to 5.
        similarity: mean cosine similarity of speaker embeddings with held-out recordings.
        self_similarity: the same of held-out recordings with each other.
        lines: number of sentences measured.
    """

    name: str
    family: str
    acoustic_hash: str
    vocoder_hash: str
    sex: str | None = None
    accent: str | None = None
    minutes: float | None = None
    licence: str | None = None
    consent: str | None = None
    word_errors: float | None = None
    distillmos: float | None = None
    similarity: float | None = None
    self_similarity: float | None = None
    lines: int | None = None


@dataclass(frozen=True, kw_only=True)
class VoiceFile:
    """A voice that was learned from recordings.

    Args:
        card: about the voice.
        vector: of the voice, as a row of the model's `voices.weight`.
        pitch: mean and deviation of its log-F0.
        peak_level: its peak level in dB, which energies are relative to.
        acoustic: what is added to weights of the acoustic model, by their keys in files.
        vocoder: what is added to weights of the vocoder.
    """

    card: VoiceCard
    vector: Float[np.ndarray, " voice"]
    pitch: Float[np.ndarray, "2"]
    peak_level: float
    acoustic: Mapping[str, np.ndarray] = field(default_factory=dict)
    vocoder: Mapping[str, np.ndarray] = field(default_factory=dict)


def read_voice(path: Path) -> VoiceFile:
    """Read a voice file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a voice file, or is damaged.
    """
    raise NotImplementedError


def read_card(path: Path) -> VoiceCard:
    """Read the metadata of a voice file, without its weights; errors as for `read_voice`."""
    raise NotImplementedError


def write_voice(voice: VoiceFile, path: Path) -> None:
    """Write a voice file, whole or not at all; differences are stored in half precision.

    Raises:
        OSError: it cannot be written.
    """
    raise NotImplementedError

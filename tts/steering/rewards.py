"""Rewards: what steered speech should have more of, as differentiable functions of its log-mel.

A reward takes natural log-mels, as the vocoder gets them, and returns a number for each. Greater is
better.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tts.config import MelConfig
from tts.network_constants import HTK_BREAK_HZ
from tts.vocoder.f0_predictor import F0Predictor

LogMel = Float[Tensor, "batch frames mels"]
Rewards = Float[Tensor, " batch"]
Reward = Callable[[LogMel], Rewards]

DB = 20 / math.log(10)  # decibels of one unit of a natural logarithm
SEMITONES_AN_OCTAVE = 12
BRIGHT_HZ = 3000.0  # vowels have their first two formants below; chosen by hand
SPEECH_DB = 40.0  # frames this far below the loudest are no speech; chosen by hand


def brightness(mel: LogMel, config: MelConfig | None = None) -> Rewards:
    """The level of the bands above 3 kHz less that of the bands below, in dB.

    It is linear in the log-mel: the mean of a spectral tilt over all frames.

    Args:
        mel: natural log-mels.
        config: of the mel-spectrogram; by default that of the shipped voices.

    Returns:
        Decibels of each item, about -5 for the shipped voices.

    Example:
        >>> import torch
        >>> low, high = torch.zeros(1, 5, 58), torch.ones(1, 5, 42)
        >>> brightness(torch.cat([low, high], dim=2)).round(decimals=2)
        tensor([8.6900])
    """
    bright = band_centres(config or MelConfig()).to(mel.device) > BRIGHT_HZ
    level = DB * mel.mean(dim=1)
    return level[:, bright].mean(dim=1) - level[:, ~bright].mean(dim=1)


def band_centres(config: MelConfig) -> Float[Tensor, " mels"]:
    """The centre of each mel band in Hz, on HTK's scale."""
    top = math.log1p(config.sample_rate / 2 / HTK_BREAK_HZ)
    return HTK_BREAK_HZ * torch.linspace(0, top, config.bands + 2)[1:-1].expm1()


@dataclass(frozen=True)
class MeanPitch:
    """The mean F0 of the voiced frames in semitones above 1 Hz, as the vocoder reads it.

    Which frames are voiced counts as given: no gradient goes there.

    Args:
        predictor: of the vocoder, `synthesizer.runtime.vocoder.source.pitch`.
    """

    predictor: F0Predictor

    def __call__(self, mel: LogMel) -> Rewards:
        """Semitones of each item; an octave is 12."""
        octave, logit = self.predictor(mel)
        voiced = logit.detach().sigmoid()
        return SEMITONES_AN_OCTAVE * (octave * voiced).sum(dim=1) / voiced.sum(dim=1).clamp(min=1)


@dataclass(frozen=True)
class SpectrumNearness:
    """How near speech is to a speaker by its mean spectrum: minus the RMS distance in dB.

    The long-term average spectrum is a plain embedding of a speaker: it has the timbre of a voice,
    and neither its melody nor its pace.

    Args:
        target: the speaker's embedding, from `average_spectrum`.
    """

    target: Float[Tensor, " mels"]

    def __call__(self, mel: LogMel) -> Rewards:
        """Decibels of each item, at most 0."""
        return -(average_spectrum(mel) - self.target).square().mean(dim=1).sqrt()


def average_spectrum(mel: LogMel) -> Float[Tensor, "batch mels"]:
    """The long-term average spectrum of the frames with speech, in dB, less its mean.

    Args:
        mel: natural log-mels, of recordings or of synthesized speech.

    Returns:
        The embedding of each item.
    """
    level = mel.detach().mean(dim=2)
    loud = (level > level.amax(dim=1, keepdim=True) - SPEECH_DB / DB).to(mel)[..., None]
    spectrum = DB * (mel * loud).sum(dim=1) / loud.sum(dim=1)
    return spectrum - spectrum.mean(dim=1, keepdim=True)

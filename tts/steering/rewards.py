"""Rewards: what steered speech should have more of, as functions of its log-mel.

A reward takes natural log-mels, as the vocoder gets them, and returns a number for each. It is
differentiable, and larger is better. Its unit is the nat: speech is steered towards the model's
distribution times exp(reward). So its factor says how much it counts against the model's own
preference, and is chosen with the reward.
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

NEPER_DB = 20 / math.log(10)  # decibels of one unit of a natural logarithm
SEMITONES_AN_OCTAVE = 12
BRIGHT_HZ = 3000.0  # vowels have their first two formants below; chosen by hand
SPEECH_DB = 40.0  # frames this far below the loudest are no speech; chosen by hand


def brightness(mel: LogMel, config: MelConfig | None = None) -> Rewards:
    """The level of the bands above 3 kHz less that of the bands below, in dB.

    It is a linear function of the log-mel: the mean over frames of a spectral tilt.

    Args:
        mel: natural log-mels.
        config: of the mel-spectrogram; by default that of the shipped voices.

    Returns:
        Decibels of each item; about -13 for speech of the shipped voices.

    Example:
        >>> import torch
        >>> low, high = torch.zeros(1, 5, 50), torch.ones(1, 5, 50)
        >>> brightness(torch.cat([low, high], dim=2)).round(decimals=1)
        tensor([8.0])
    """
    bright = torch.as_tensor(band_centres(config or MelConfig()) > BRIGHT_HZ, device=mel.device)
    level = mel.mean(dim=1) * NEPER_DB
    return level[:, bright].mean(dim=1) - level[:, ~bright].mean(dim=1)


def band_centres(config: MelConfig) -> Float[Tensor, " mels"]:
    """The centre of each mel band in Hz, on HTK's scale."""
    top = math.log1p(config.sample_rate / 2 / HTK_BREAK_HZ)
    return HTK_BREAK_HZ * torch.linspace(0, top, config.bands + 2)[1:-1].expm1()


@dataclass(frozen=True)
class MeanPitch:
    """The mean F0 of the voiced frames, in semitones above 1 Hz, as the vocoder reads it.

    Which frames are voiced counts as given, so that a reward of it does not change them.

    Args:
        predictor: the vocoder's, `synthesizer.runtime.vocoder.source.pitch`.
    """

    predictor: F0Predictor

    def __call__(self, mel: LogMel) -> Rewards:
        octave, logit = self.predictor(mel)
        voiced = logit.detach().sigmoid()
        return SEMITONES_AN_OCTAVE * (octave * voiced).sum(dim=1) / voiced.sum(dim=1).clamp(min=1)


@dataclass(frozen=True)
class SpectrumNearness:
    """How near the mean spectrum of speech is to a speaker's: minus the RMS distance in dB.

    The embedding of a speaker is the long-term average spectrum, without its level. It has the
    timbre of a voice, and neither its melody nor its pace.

    Args:
        target: the speaker's embedding, from `average_spectrum`.
    """

    target: Float[Tensor, " mels"]

    def __call__(self, mel: LogMel) -> Rewards:
        return -(average_spectrum(mel) - self.target).square().mean(dim=1).sqrt()


def average_spectrum(mel: LogMel) -> Float[Tensor, "batch mels"]:
    """The long-term average spectrum of the frames with speech, in dB, less its mean.

    Args:
        mel: natural log-mels, of a recording or of a synthesizer.

    Returns:
        The embedding of each item.
    """
    level = mel.detach().mean(dim=2)
    loud = (level > level.amax(dim=1, keepdim=True) - SPEECH_DB / NEPER_DB).to(mel)[..., None]
    spectrum = NEPER_DB * (mel * loud).sum(dim=1) / loud.sum(dim=1)
    return spectrum - spectrum.mean(dim=1, keepdim=True)

"""Pitch as a vocoder's source is to hear it, of whatever colour a recording is."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tts.vocoder.f0_predictor import F0Predictor

TILTS, TILT = 4, 0.5
NOISE = (-12.0, -3.0)


def pitch_losses(
    pitch: F0Predictor,
    mel: Float[Tensor, "batch frames mels"],
    target: Float[Tensor, "batch frames"],
) -> dict[str, Float[Tensor, ""]]:
    """How far F0 is off where there is a voice, in octaves, and whether there is one.

    `target` is the logarithm of F0 to base 2, not a number where unvoiced.
    """
    octave, voiced = pitch(mel)
    known = target.isfinite()
    gap = (octave - target.nan_to_num()).abs() * known
    return {
        "pitch": gap.sum() / known.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(voiced, known.to(voiced)),
    }


def augment_mel(
    mel: Float[Tensor, "batch frames mels"], generator: torch.Generator
) -> Float[Tensor, "batch frames mels"]:
    """Log-mels as other microphones and rooms would give them: tilted, and over some white noise.

    The pitch stays; a network that has seen few voices learns not to lean on their spectra.
    """
    size, bands, device = len(mel), mel.shape[-1], mel.device
    amounts = TILT * torch.randn(size, 1, TILTS, generator=generator, device=device)
    along = torch.arange(bands, device=device) / bands
    turns = torch.arange(1, TILTS + 1, device=device)
    tilt = amounts @ torch.cos(torch.pi * turns[:, None] * along)
    low, high = NOISE
    noise = low + (high - low) * torch.rand(size, 1, 1, generator=generator, device=device)
    return torch.logaddexp(mel + tilt, noise.expand_as(mel))

"""Losses of the vocoder's F0 predictor, and augmentation of the mels it is trained on."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tts.vocoder.f0_predictor import F0Predictor

# Chosen by hand; not tuned. The augmentation as a whole, with crops at other speeds, brought gross
# F0 errors of an unseen voice above 294 Hz from half of the frames to 8 % (docs/log, 2026-11-27).
TILTS, TILT = 4, 0.5  # number of cosines over the bands, deviation of each in log-magnitude
NOISE = (-12.0, -3.0)  # range of the level of added white noise, in log-mel


def pitch_losses(
    pitch: F0Predictor,
    mel: Float[Tensor, "batch frames mels"],
    target: Float[Tensor, "batch frames"],
) -> dict[str, Float[Tensor, ""]]:
    """The losses of the F0 predictor.

    Args:
        pitch: the predictor.
        mel: log-mels.
        target: base-2 logarithm of F0 in Hz; NaN where unvoiced.

    Returns:
        `pitch`, the mean absolute error in octaves over voiced frames, and `voicing`, the
        cross-entropy of voiced against unvoiced frames in nats.
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
    """Log-mels with random tilts over the bands and added white noise, as of other microphones.

    F0 stays the same, so that a predictor trained on few voices does not depend on their spectra.
    """
    size, bands, device = len(mel), mel.shape[-1], mel.device
    amounts = TILT * torch.randn(size, 1, TILTS, generator=generator, device=device)
    along = torch.arange(bands, device=device) / bands
    turns = torch.arange(1, TILTS + 1, device=device)
    tilt = amounts @ torch.cos(torch.pi * turns[:, None] * along)
    low, high = NOISE
    noise = low + (high - low) * torch.rand(size, 1, 1, generator=generator, device=device)
    return torch.logaddexp(mel + tilt, noise.expand_as(mel))

"""Pitch as a vocoder's source is to hear it: pyworld's, of the recordings themselves."""

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from training.prepare import log_pitch
from tts.config import MelConfig
from tts.source import Pitch

CLIPS = 3  # of a batch: pyworld takes 10 ms for a second of sound


def pitch_losses(
    pitch: Pitch,
    mel: Float[Tensor, "batch frames mels"],
    audio: Float[Tensor, "batch samples"],
    config: MelConfig,
) -> dict[str, Float[Tensor, ""]]:
    """How far F0 is off where there is a voice, in octaves, and whether there is one."""
    octave, voiced = pitch(mel[:CLIPS])
    heard = [log_pitch(clip, mel.shape[1], config) for clip in audio[:CLIPS].cpu().numpy()]
    target = torch.from_numpy(np.stack(heard) / np.log(2)).to(octave)
    known = target.isfinite()
    gap = (octave - target.nan_to_num()).abs() * known
    return {
        "pitch": gap.sum() / known.sum().clamp(min=1),
        "voicing": F.binary_cross_entropy_with_logits(voiced, known.to(voiced)),
    }

"""Waveform to log-mel: the Vocos 24 kHz definition, floored, one frame every hop."""

from functools import cache

import torch
import torchaudio
from jaxtyping import Float
from torch import Tensor

from tts.config import MelConfig

MIN_MAGNITUDE = 1e-7


def log_mel(
    audio: Float[Tensor, "batch samples"], config: MelConfig
) -> Float[Tensor, "batch frames mels"]:
    """A clip of L samples has L // hop frames; the extra frame of a centred transform is dropped.

    Magnitudes of audio in [-1, 1], natural logarithm, floored at `config.floor`. A clip must be
    longer than half a window, or its edges have nothing to be mirrored in.
    """
    mel = _transform(config).to(audio.device)(audio)[..., : audio.shape[1] // config.hop]
    return mel.clamp(min=MIN_MAGNITUDE).log().clamp(min=config.floor).mT


@cache
def _transform(config: MelConfig) -> torch.nn.Module:
    return torchaudio.transforms.MelSpectrogram(
        sample_rate=config.sample_rate,
        n_fft=config.n_fft,
        hop_length=config.hop,
        n_mels=config.bands,
        center=True,
        power=1,
    )

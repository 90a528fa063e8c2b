"""Log-mel-spectrograms as the 24 kHz Vocos has them (arXiv 2306.00814), with a floor."""

from functools import cache

import torch
import torchaudio
from jaxtyping import Float
from torch import Tensor

from tts.config import MelConfig
from tts.network_constants import MIN_MAGNITUDE


def log_mel(
    audio: Float[Tensor, "batch samples"], config: MelConfig
) -> Float[Tensor, "batch frames mels"]:
    """The log-mel-spectrogram of clips.

    Args:
        audio: samples from -1 to 1, at `config.sample_rate`; more than half a window (`n_fft / 2`),
            since the edges are mirrored.
        config: of the mel-spectrogram.

    Returns:
        Natural logarithms of the magnitudes of `config.bands` bands, at least `config.floor`. L
        samples have L // hop frames: the extra frame of a centred transform is dropped.
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

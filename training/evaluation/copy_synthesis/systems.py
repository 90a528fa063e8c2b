"""Systems that copy a recording: to its mel, and back to audio."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torchaudio
from jaxtyping import Float
from torch import Tensor

from tts.audio import Audio
from tts.config import MelConfig
from tts.vocoder.mel import log_mel
from tts.vocoder.model import Vocoder

ITERATIONS = 32  # of Griffin-Lim


@dataclass(frozen=True)
class CopySystem:
    """A named copy function; without one, the recordings themselves."""

    name: str
    copy: Callable[[Audio], Audio] | None = None

    def render(self, recording: Audio) -> Audio:
        """The recording or its copy, of the same length, clipped to [-1, 1]."""
        return (self.copy(recording) if self.copy else recording).clip(-1, 1)


def systems(vocoder: Vocoder, *, baselines: bool) -> list[CopySystem]:
    """The vocoder; with baselines also Griffin-Lim, a lower bound, and the recordings."""
    mel = vocoder.config.mel
    inverse = partial(griffin_lim, config=mel)
    bounds = [CopySystem("Griffin-Lim", partial(copy, inverse, mel)), CopySystem("recordings")]
    return [CopySystem("vocoder", partial(copy, vocoder, mel)), *(bounds if baselines else [])]


@torch.inference_mode()
def copy(invert: Callable[[Tensor], Tensor], config: MelConfig, recording: Audio) -> Audio:
    """Audio from a recording's mel alone."""
    mel = log_mel(torch.from_numpy(recording)[None], config)
    audio: Audio = invert(mel)[0].numpy()
    return audio


def griffin_lim(
    mel: Float[Tensor, "batch frames mels"], config: MelConfig
) -> Float[Tensor, "batch samples"]:
    """T frames make exactly T * hop samples, by no other knowledge than the mel's filters."""
    # the transform of T * hop samples has a frame more than their mel
    magnitudes = torch.cat([mel, mel[:, -1:]], dim=1).exp().mT
    bins = config.n_fft // 2 + 1
    spread = torchaudio.transforms.InverseMelScale(bins, config.bands, config.sample_rate)
    invert = torchaudio.transforms.GriffinLim(
        config.n_fft, ITERATIONS, hop_length=config.hop, power=1, rand_init=False
    )
    sound: Tensor = invert(spread(magnitudes))
    return sound

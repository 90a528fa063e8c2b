"""Speech whose durations are those of a duration model; all else is the synthesizer's own."""

from zlib import crc32

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Generator

from tts.acoustic.layers import Conditioning
from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import LENGTH
from tts.runtime.base import Tokens
from tts.runtime.torch import TorchRuntime
from tts.vocoder.model import Vocoder

from .evaluation import Sampler


class DurationRuntime(TorchRuntime):
    """A runtime whose prosody has the lengths of a sampler, and pitch and energy of the model.

    Deliveries must have one step. The noise of the lengths has temperature 1, whatever that of the
    prosody is, and is seeded by the noise of the prosody map.

    Args:
        acoustic: on the CPU, in `eval` mode.
        vocoder: likewise.
        sampler: gives log lengths from the encoder's vectors.
    """

    def __init__(self, acoustic: AcousticModel, vocoder: Vocoder, sampler: Sampler) -> None:
        super().__init__(acoustic, vocoder)
        self.sampler = sampler

    @torch.inference_mode()
    def prosody_jump(
        self, tokens: Tokens, has_duration: Bool[np.ndarray, " text"], s: float, t: float
    ) -> Float[np.ndarray, "text 3"]:
        """The prosody at time 1, from noise at time 0."""
        assert (s, t) == (0, 1), "durations are drawn in one step"
        prosody = super().prosody_jump(tokens, has_duration, s, t)
        lasts = has_duration[:, None].astype(tokens.hidden.dtype)
        given = Conditioning(
            self._tensor(np.concatenate([tokens.hidden, lasts], axis=1)),
            self._tensor(tokens.voice),
            self._real(has_duration),
        )
        generator = Generator().manual_seed(crc32(tokens.prosody.tobytes()))
        lengths = self.sampler(given, generator)[0].numpy()
        statistics = self.statistics
        mean, deviation = statistics.prosody_mean[LENGTH], statistics.prosody_deviation[LENGTH]
        prosody[:, LENGTH] = (lengths - mean) / deviation
        return prosody

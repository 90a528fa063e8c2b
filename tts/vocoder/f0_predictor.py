"""F0 of a mel-spectrogram, frame by frame, by a small convolutional network.

It is trained on the F0 that pyworld finds in recordings. Its constants were chosen by hand and not
tuned, but for the precision (docs/log/2026-11-27-first-voices.md).
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.network_constants import (
    F0_KERNEL,
    F0_LAYERS,
    GAP,
    MAX_F0_HZ,
    MEAN_LOG2_F0,
    MEL_SCALE,
    MEL_SHIFT,
    MIN_F0_HZ,
)


class F0Predictor(nn.Module):
    """F0 of each frame of a log-mel, and whether a voice is there.

    Unvoiced frames have an F0, too, which means nothing. `context` is how many frames to either
    side can change a frame's. `exact` keeps the weights in single precision in checkpoints.

    Args:
        bands: of the mel-spectrogram.
        dim: channels of the hidden layers.
    """

    context = F0_LAYERS * (F0_KERNEL // 2) + GAP // 2
    exact = True  # in half precision, phases drift by whole turns of a high harmonic

    def __init__(self, bands: int, dim: int) -> None:
        super().__init__()
        sizes = [bands, *[dim] * (F0_LAYERS - 1)]
        layers: list[nn.Module] = []
        for inner in sizes[:-1]:
            layers += nn.Conv1d(inner, dim, F0_KERNEL, padding=F0_KERNEL // 2), nn.GELU()
        self.net = nn.Sequential(
            *layers, nn.Conv1d(sizes[-1], 2, F0_KERNEL, padding=F0_KERNEL // 2)
        )

    def forward(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> tuple[Float[Tensor, "batch frames"], Float[Tensor, "batch frames"]]:
        """The logarithm of F0 in Hz to base 2, and the logit that a frame is voiced."""
        octave, voiced = self.net((mel.mT + MEL_SHIFT) / MEL_SCALE).unbind(dim=1)
        return MEAN_LOG2_F0 + octave, voiced

    @torch.no_grad()
    def read(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> tuple[Float[Tensor, "batch frames"], Bool[Tensor, "batch frames"]]:
        """F0 in Hz, within `MIN_F0_HZ` and `MAX_F0_HZ`, and which frames are voiced.

        In double precision: after a second, an error in the seventh digit of F0 turns the phase of
        the highest harmonics. Gaps of up to `GAP` frames count as voiced.
        """
        octave, logit = self.in_double(mel)
        near = nn.functional.max_pool1d(logit[:, None], GAP + 1, 1, GAP // 2)[:, 0]
        return torch.exp2(MEAN_LOG2_F0 + octave).clamp(MIN_F0_HZ, MAX_F0_HZ), near > 0

    @torch.no_grad()
    def in_double(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> tuple[Float[Tensor, "batch frames"], Float[Tensor, "batch frames"]]:
        """Octaves from `MEAN_LOG2_F0`, and the logit of a voice, in double precision."""
        x = (mel.mT.double() + MEL_SHIFT) / MEL_SCALE
        for layer in self.net:
            if isinstance(layer, nn.Conv1d):
                weight, bias = layer.weight.double(), layer.bias
                assert bias is not None, "every layer of the net has one"
                x = nn.functional.conv1d(x, weight, bias.double(), padding=F0_KERNEL // 2)
            else:
                x = nn.functional.gelu(x)
        octave, logit = x.unbind(dim=1)
        return octave, logit

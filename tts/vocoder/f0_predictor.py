"""F0 of a mel-spectrogram, frame by frame, by a small convolutional network."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

MIN_F0_HZ, MAX_F0_HZ = 55.0, 600.0
KERNEL, LAYERS = 5, 4
GAP = 4  # frames
MEL_SHIFT, MEL_SCALE = 4, 3  # make log-mels about 0, with a deviation of about 1
MEAN_LOG2_F0 = 7.3  # 158 Hz


class F0Predictor(nn.Module):
    """F0 of each frame of a log-mel, also where there is none: there it goes on as it may."""

    context = LAYERS * (KERNEL // 2) + GAP // 2
    exact = True  # in half precision, phases drift by whole turns of a high harmonic

    def __init__(self, bands: int, dim: int) -> None:
        super().__init__()
        sizes = [bands, *[dim] * (LAYERS - 1)]
        layers: list[nn.Module] = []
        for inner in sizes[:-1]:
            layers += nn.Conv1d(inner, dim, KERNEL, padding=KERNEL // 2), nn.GELU()
        self.net = nn.Sequential(*layers, nn.Conv1d(sizes[-1], 2, KERNEL, padding=KERNEL // 2))

    def forward(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> tuple[Float[Tensor, "batch frames"], Float[Tensor, "batch frames"]]:
        """The logarithm of F0 to base 2, and the logit that a frame is voiced."""
        octave, voiced = self.net((mel.mT + MEL_SHIFT) / MEL_SCALE).unbind(dim=1)
        return MEAN_LOG2_F0 + octave, voiced

    @torch.no_grad()
    def read(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> tuple[Float[Tensor, "batch frames"], Bool[Tensor, "batch frames"]]:
        """F0 in Hz within the range of voices, and which frames a voice holds.

        In double precision: over a second of speech, a high harmonic has its phase from the
        seventh digit. A gap of up to `GAP` frames is bridged.
        """
        x = (mel.mT.double() + MEL_SHIFT) / MEL_SCALE
        for layer in self.net:
            if isinstance(layer, nn.Conv1d):
                weight, bias = layer.weight.double(), layer.bias
                assert bias is not None, "every layer of the net has one"
                x = nn.functional.conv1d(x, weight, bias.double(), padding=KERNEL // 2)
            else:
                x = nn.functional.gelu(x)
        octave, logit = x.unbind(dim=1)
        near = nn.functional.max_pool1d(logit[:, None], GAP + 1, 1, GAP // 2)[:, 0]
        return torch.exp2(MEAN_LOG2_F0 + octave).clamp(MIN_F0_HZ, MAX_F0_HZ), near > 0

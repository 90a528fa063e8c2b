"""Slim discriminators of recordings against copies, on spectrograms and on periods.

Each takes audio of (batch, samples) and returns scores, high for recordings, and the outputs of all
its layers for feature matching. Which are worth their time was measured at equal minutes (docs/log,
2026-11-27, "The vocoder").
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from tts.validation import check_ranges, check_types

SLOPE = 0.1  # of leaky ReLUs, as in HiFi-GAN (arXiv 2010.05646)
LEVEL = 0.07  # RMS of active speech (data.manifest), by which audio is divided
FAINT = 1e-5  # in power, 50 dB below that of speech in a bin; chosen by hand
DiscriminatorOutput = tuple[Tensor, list[Tensor]]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscriminatorConfig:
    """One discriminator.

    Args:
        kind: `spectrogram` or `period`.
        size: window of the transform in samples, or the period in samples; 2 to 65,536.
        channels: of its first layer, 1 to 4096; later layers have multiples of it.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    kind: str
    size: int
    channels: int

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"size": (2, 65_536), "channels": (1, 4096)})
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {self.kind!r}")


class SpectrogramDiscriminator(nn.Module):
    """Convolutions on magnitudes at one resolution, strided over the bins (UnivNet, 2106.07889).

    Magnitudes are compressed by a square root, so that weak high bands count. Discriminators of
    complex spectrograms lost against these (docs/log, 2026-11-27).
    """

    window: Tensor

    def __init__(self, window: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(window), persistent=False)
        sizes = [1, channels, 2 * channels, 4 * channels, 4 * channels]
        halving = [
            convolution(inner, outer, (3, 9), (1, stride), padding=(1, 4))
            for (inner, outer), stride in zip(pairwise(sizes), (4, 2, 2, 2), strict=True)
        ]
        widest = sizes[-1]
        self.layers = nn.Sequential(*halving, convolution(widest, widest, 3, padding=1))
        self.last = convolution(widest, 1, 3, padding=1)

    def forward(self, audio: Float[Tensor, "batch samples"]) -> DiscriminatorOutput:
        """Scores of (batch, 1, frames, reduced bins), and the output of every layer."""
        size = len(self.window)
        spectrum = torch.stft(
            audio / LEVEL, size, size // 4, window=self.window, normalized=True, return_complex=True
        )
        power = torch.view_as_real(spectrum).square().sum(dim=3)
        magnitude = (power + FAINT).pow(0.25).mT[:, None]
        return _verdict(self, magnitude.contiguous(memory_format=torch.channels_last))


class PeriodDiscriminator(nn.Module):
    """Convolutions on the waveform folded at a period (HiFi-GAN, arXiv 2010.05646)."""

    def __init__(self, period: int, channels: int) -> None:
        super().__init__()
        self.period = period
        sizes = [1, channels, 4 * channels, 16 * channels, 32 * channels]
        narrowing = [
            convolution(inner, outer, (5, 1), (3, 1), padding=(2, 0))
            for inner, outer in pairwise(sizes)
        ]
        widest = sizes[-1]
        self.layers = nn.Sequential(*narrowing, convolution(widest, widest, (5, 1), padding=(2, 0)))
        self.last = convolution(widest, 1, (3, 1), padding=(1, 0))

    def forward(self, audio: Float[Tensor, "batch samples"]) -> DiscriminatorOutput:
        """Scores of (batch, 1, reduced rows, period), and the output of every layer."""
        rows = audio.shape[1] // self.period
        return _verdict(
            self, audio[:, : rows * self.period].reshape(-1, 1, rows, self.period) / LEVEL
        )


def convolution(*sizes: Any, **options: Any) -> nn.Module:
    """A two-dimensional convolution with weight norm, initialised to keep the size of activations.

    With torch's default initial weights, six such layers in a row let little signal through: the
    hinge loss after 95 steps was 0.7 to 1.0, and is 0.4 to 0.6 here (docs/log, 2026-11-27).
    """
    layer = nn.Conv2d(*sizes, **options)
    assert layer.bias is not None, "every convolution here has one"
    nn.init.kaiming_normal_(layer.weight, SLOPE)
    nn.init.zeros_(layer.bias)
    return weight_norm(layer)


def _verdict(
    critic: SpectrogramDiscriminator | PeriodDiscriminator, part: Tensor
) -> DiscriminatorOutput:
    features: list[Tensor] = []
    for layer in critic.layers.children():
        part = F.leaky_relu(layer(part), SLOPE)
        features.append(part)
    return critic.last(part), features


KINDS: dict[str, type[nn.Module]] = {
    "spectrogram": SpectrogramDiscriminator,
    "period": PeriodDiscriminator,
}


class Discriminators(nn.Module):
    """All discriminators of a run."""

    def __init__(self, critics: tuple[DiscriminatorConfig, ...]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(KINDS[c.kind](c.size, c.channels) for c in critics)

    def forward(self, audio: Float[Tensor, "batch samples"]) -> list[DiscriminatorOutput]:
        """Scores and layer outputs of each discriminator, for audio of (batch, samples)."""
        return [critic(audio) for critic in self.critics]

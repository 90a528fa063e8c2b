"""Slim discriminators that tell recordings from copies, by spectrograms and by periods."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from tts.validation import check_ranges, check_types

SLOPE = 0.1
LEVEL = 0.07
FAINT = 1e-5  # in power: 50 dB below what speech has in a bin
DiscriminatorOutput = tuple[Tensor, list[Tensor]]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscriminatorConfig:
    """One discriminator: of kind 'spectrogram' (`size` is its window) or 'period'."""

    kind: str
    size: int
    channels: int

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"size": (2, 65_536), "channels": (1, 4096)})
        if self.kind not in KINDS:
            raise ValueError(f"a discriminator is one of {', '.join(KINDS)}, not {self.kind!r}")


class SpectrogramDiscriminator(nn.Module):
    """Magnitudes at one resolution, through convolutions that halve the bins (UnivNet).

    They are compressed by a square root, so that weak high bands are seen.
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
        """A score for each patch of the spectrogram, and what every layer saw."""
        size = len(self.window)
        spectrum = torch.stft(
            audio / LEVEL, size, size // 4, window=self.window, normalized=True, return_complex=True
        )
        power = torch.view_as_real(spectrum).square().sum(dim=3)
        magnitude = (power + FAINT).pow(0.25).mT[:, None]
        return _verdict(self, magnitude.contiguous(memory_format=torch.channels_last))


class PeriodDiscriminator(nn.Module):
    """The waveform folded at a period, so that its repetitions lie side by side (HiFi-GAN)."""

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
        """A score for each stretch of each phase of the period, and what every layer saw."""
        rows = audio.shape[1] // self.period
        return _verdict(
            self, audio[:, : rows * self.period].reshape(-1, 1, rows, self.period) / LEVEL
        )


def convolution(*sizes: Any, **options: Any) -> nn.Module:
    """A two-dimensional convolution that keeps the size of what goes through it and its slope.

    By torch's own initial weights, six layers in a row leave almost nothing to learn from.
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
    """All critics of a run, asked together."""

    def __init__(self, critics: tuple[DiscriminatorConfig, ...]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(KINDS[c.kind](c.size, c.channels) for c in critics)

    def forward(self, audio: Float[Tensor, "batch samples"]) -> list[DiscriminatorOutput]:
        """One verdict a critic: scores that are high for recordings, and features."""
        return [critic(audio) for critic in self.critics]

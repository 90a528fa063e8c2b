"""Slim discriminators that tell recordings from copies, by spectrograms and by periods."""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

SLOPE = 0.1
BANDS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
LEVEL = 0.07
Verdict = tuple[Tensor, list[Tensor]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Critic:
    """One discriminator: of kind 'spectrogram' (`size` is its window) or 'period'."""

    kind: str
    size: int
    channels: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a discriminator is one of {', '.join(KINDS)}, not {self.kind!r}")


class SpectrogramDiscriminator(nn.Module):
    """Bands of a complex spectrogram, each through convolutions of its own (Descript, Vocos).

    Unlike theirs, magnitudes are compressed by a square root, so that weak high bands are seen,
    and the first convolution strides too, which halves the cost.
    """

    window: Tensor

    def __init__(self, window: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(window), persistent=False)
        edges = [round(share * (window // 2 + 1)) for share in BANDS]
        self.sizes = [high - low for low, high in pairwise(edges)]
        self.bands = nn.ModuleList(_band(channels) for _ in self.sizes)
        self.last = weight_norm(nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, audio: Float[Tensor, "batch samples"]) -> Verdict:
        """A score for each patch of the spectrogram, and what every layer saw."""
        features: list[Tensor] = []
        ends = []
        for part, band in zip(self._spectrogram(audio), self.bands, strict=True):
            for layer in band.children():
                part = F.leaky_relu(layer(part), SLOPE)
                features.append(part)
            ends.append(part)
        return self.last(torch.cat(ends, dim=3)), features

    def _spectrogram(self, audio: Float[Tensor, "batch samples"]) -> tuple[Tensor, ...]:
        """Real and imaginary parts as channels, time before frequency, split into bands."""
        size = len(self.window)
        spectrum = torch.stft(
            audio / LEVEL, size, size // 4, window=self.window, normalized=True, return_complex=True
        )
        parts = torch.view_as_real(spectrum)
        power = parts.square().sum(dim=3, keepdim=True)
        compressed = parts * (power + 1e-6).pow(-0.25)
        return torch.split(compressed.permute(0, 3, 2, 1), self.sizes, dim=3)


def _band(channels: int) -> nn.Sequential:
    wide = [(2, channels), *[(channels, channels)] * 3]
    convs = [nn.Conv2d(a, b, (3, 9), (1, 2), padding=(1, 4)) for a, b in wide]
    return nn.Sequential(*map(weight_norm, [*convs, nn.Conv2d(channels, channels, 3, padding=1)]))


class PeriodDiscriminator(nn.Module):
    """The waveform folded at a period, so that its repetitions lie side by side (HiFi-GAN)."""

    def __init__(self, period: int, channels: int) -> None:
        super().__init__()
        self.period = period
        sizes = [1, channels, 4 * channels, 16 * channels, 32 * channels]
        convs = [nn.Conv2d(a, b, (5, 1), (3, 1), padding=(2, 0)) for a, b in pairwise(sizes)]
        convs.append(nn.Conv2d(sizes[-1], sizes[-1], (5, 1), padding=(2, 0)))
        self.layers = nn.Sequential(*map(weight_norm, convs))
        self.last = weight_norm(nn.Conv2d(sizes[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, audio: Float[Tensor, "batch samples"]) -> Verdict:
        """A score for each stretch of each phase of the period, and what every layer saw."""
        rows = audio.shape[1] // self.period
        part = audio[:, : rows * self.period].reshape(-1, 1, rows, self.period) / LEVEL
        features: list[Tensor] = []
        for layer in self.layers.children():
            part = F.leaky_relu(layer(part), SLOPE)
            features.append(part)
        return self.last(part), features


KINDS: dict[str, type[nn.Module]] = {
    "spectrogram": SpectrogramDiscriminator,
    "period": PeriodDiscriminator,
}


class Discriminators(nn.Module):
    """All critics of a run, asked together."""

    def __init__(self, critics: tuple[Critic, ...]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(KINDS[c.kind](c.size, c.channels) for c in critics)

    def forward(self, audio: Float[Tensor, "batch samples"]) -> list[Verdict]:
        """One verdict a critic: scores that are high for recordings, and features."""
        return [critic(audio) for critic in self.critics]

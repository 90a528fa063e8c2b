"""The heads of the vocoder: hidden frames to complex spectra, alone or with a harmonic source."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from tts.config import MelConfig

MAX_MAGNITUDE = 1e2  # magnitude of a bin: what is above would be a fault
MAX_LOG_MAGNITUDE = 6.0  # of a logarithm: what is above would be a fault


class FourierHead(nn.Module):
    """Hidden frames to spectra, each bin by its log-magnitude and its phase.

    Vocos' checkpoints hold the window of the inverse transform, under the name `istft.window`.
    """

    def __init__(self, config: MelConfig, dim: int) -> None:
        super().__init__()
        self.out = nn.Linear(dim, config.n_fft + 2)
        self.istft = nn.Module()
        self.istft.register_buffer("window", torch.hann_window(config.n_fft))

    def forward(
        self, hidden: Float[Tensor, "batch near dim"]
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectrum of each frame."""
        log_magnitude, phase = self.out(hidden).chunk(2, dim=2)
        return torch.polar(log_magnitude.exp().clamp(max=MAX_MAGNITUDE), phase)


class HarmonicHead(nn.Module):
    """Hidden frames and their source to spectra: pulses shaped and turned, and shaped breath.

    Shapes are what the network adds to the mel itself, spread over the bins; so it begins as a
    vocoder of the old kind, and learns what that lacks.
    """

    spread: Tensor

    def __init__(self, config: MelConfig, dim: int) -> None:
        super().__init__()
        self.bins = config.n_fft // 2 + 1
        self.out = nn.Linear(dim, 3 * self.bins)
        nn.init.normal_(self.out.weight, std=0.01)
        with torch.no_grad():
            self.out.bias.copy_(torch.tensor([-4.0, 0.0, -2.5]).repeat_interleave(self.bins))
        self.register_buffer("spread", mel_to_bins(config), persistent=False)

    def forward(
        self,
        hidden: Float[Tensor, "batch near dim"],
        mel: Float[Tensor, "batch near mels"],
        source: tuple[Complex[Tensor, "batch near bins"], Complex[Tensor, "batch near bins"]],
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectrum of each frame."""
        voice, breath = source
        shape, turn, noisy = self.out(hidden).split(self.bins, dim=2)
        level = mel @ self.spread
        strength = (shape + level).clamp(max=MAX_LOG_MAGNITUDE).exp()
        voiced = torch.complex(strength * turn.cos(), strength * turn.sin()) * voice
        return voiced + (noisy + level).clamp(max=MAX_LOG_MAGNITUDE).exp() * breath


def mel_to_bins(config: MelConfig) -> Float[Tensor, "mels bins"]:
    """The mel's bands on the bins of a spectrum, straight from centre to centre (HTK's scale)."""
    bins = config.n_fft // 2 + 1
    hertz = torch.linspace(0, config.sample_rate / 2, bins)
    mels = torch.log1p(hertz / 700)
    place = (mels / mels[-1] * (config.bands + 1) - 1).clamp(0, config.bands - 1)
    distance = (place[None] - torch.arange(config.bands)[:, None]).abs()
    return (1 - distance).clamp(min=0)

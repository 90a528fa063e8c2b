"""The heads of the vocoder: complex spectra from hidden frames, with or without a harmonic source.

A spectrum has `n_fft / 2 + 1` bins; its inverse transforms are windowed and added by the vocoder.
"""

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from tts.config import MelConfig
from tts.network_constants import HTK_BREAK_HZ, MAX_LOG_MAGNITUDE, MAX_MAGNITUDE

# What follows was chosen by hand and not tuned.
INITIAL_WEIGHT_DEVIATION = 0.01
# Logarithm of the gain of pulses, their phase, and logarithm of the gain of noise, all beside the
# mel: an untrained head makes noise of the mel's shape, and weaker pulses.
INITIAL_BIAS = (-4.0, 0.0, -2.5)


class FourierHead(nn.Module):
    """The head of Vocos: log-magnitude and phase of each bin (arXiv 2306.00814).

    Checkpoints of the package vocos hold the window of the inverse transform as `istft.window`.
    """

    def __init__(self, config: MelConfig, dim: int) -> None:
        super().__init__()
        self.out = nn.Linear(dim, config.n_fft + 2)
        self.istft = nn.Module()
        self.istft.register_buffer("window", torch.hann_window(config.n_fft))

    def forward(
        self, hidden: Float[Tensor, "batch near dim"]
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectrum of each frame, exp(log_magnitude + i phase)."""
        log_magnitude, phase = self.out(hidden).chunk(2, dim=2)
        return torch.polar(log_magnitude.exp().clamp(max=MAX_MAGNITUDE), phase)


class HarmonicHead(nn.Module):
    """Spectra from hidden frames and a harmonic source.

    spectrum = exp(level + shape) exp(i turn) pulses + exp(level + noisy) noise

    Shape, turn and noisy are predicted for each bin; level is the log-mel, interpolated over the
    bins. So the head starts as a source-filter vocoder and learns corrections to it.
    """

    spread: Tensor

    def __init__(self, config: MelConfig, dim: int) -> None:
        super().__init__()
        self.bins = config.n_fft // 2 + 1
        self.out = nn.Linear(dim, 3 * self.bins)
        nn.init.normal_(self.out.weight, std=INITIAL_WEIGHT_DEVIATION)
        with torch.no_grad():
            self.out.bias.copy_(torch.tensor(INITIAL_BIAS).repeat_interleave(self.bins))
        self.register_buffer("spread", mel_to_bins(config), persistent=False)

    def forward(
        self,
        hidden: Float[Tensor, "batch near dim"],
        mel: Float[Tensor, "batch near mels"],
        source: tuple[Complex[Tensor, "batch near bins"], Complex[Tensor, "batch near bins"]],
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectrum of each frame; `source` has the spectra of pulses and of noise."""
        pulses, noise = source
        gain, noise_gain = self.gains(hidden, mel)
        return gain * pulses + noise_gain * noise

    def gains(
        self, hidden: Float[Tensor, "batch near dim"], mel: Float[Tensor, "batch near mels"]
    ) -> tuple[Complex[Tensor, "batch near bins"], Float[Tensor, "batch near bins"]]:
        """The complex gain of the pulses, and the gain of the noise."""
        shape, turn, noisy = self.out(hidden).split(self.bins, dim=2)
        level = mel @ self.spread
        strength = (shape + level).clamp(max=MAX_LOG_MAGNITUDE).exp()
        gain = torch.complex(strength * turn.cos(), strength * turn.sin())
        return gain, (noisy + level).clamp(max=MAX_LOG_MAGNITUDE).exp()


def mel_to_bins(config: MelConfig) -> Float[Tensor, "mels bins"]:
    """Weights that interpolate the bands of a mel over the bins of a spectrum.

    Linear between the centres of bands on HTK's mel scale; constant outside the outermost ones.
    """
    bins = config.n_fft // 2 + 1
    hertz = torch.linspace(0, config.sample_rate / 2, bins)
    mels = torch.log1p(hertz / HTK_BREAK_HZ)
    place = (mels / mels[-1] * (config.bands + 1) - 1).clamp(0, config.bands - 1)
    distance = (place[None] - torch.arange(config.bands)[:, None]).abs()
    return (1 - distance).clamp(min=0)

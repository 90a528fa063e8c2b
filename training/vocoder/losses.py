"""The losses of vocoder and discriminators, by name; weights are in `config`.

The mel loss at several resolutions is that of DAC (arXiv 2306.06546); spectral convergence and
log-magnitude distance are those of Parallel WaveGAN (arXiv 1910.11480); the
hinge and feature-matching losses are those of Vocos (arXiv 2306.00814). Audio is (batch, samples).
"""

from functools import cache
from math import exp

import torch
import torch.nn.functional as F
import torchaudio
from jaxtyping import Float
from torch import Tensor

from .discriminators import DiscriminatorOutput

Waveform = Float[Tensor, "batch samples"]
Losses = dict[str, Float[Tensor, ""]]

# bands of the mel for each window in samples; chosen by hand. Hops are a quarter of the window.
WINDOWS = {2048: 160, 1024: 100, 512: 50, 256: 25}
# floor of magnitudes, per sample of window: that of our mel, which is inaudible. Below it the slope
# of the logarithm is so steep that silence would dominate the gradient.
FAINT = exp(-8) / 1024


def spectral_losses(
    copy: Waveform, recording: Waveform, sample_rate: int, size: Waveform | None = None
) -> Losses:
    """Log-mel distance, spectral convergence and log-magnitude distance, means over `WINDOWS`.

    With C and R the magnitudes of copy and recording: `mel` is the mean of |ln mel(C) - ln mel(R)|,
    `magnitude` that of |ln C - ln R|, and `convergence` is |R - C| / |R| in Frobenius norms.

    Args:
        copy: generated audio.
        recording: its target.
        sample_rate: of both, in Hz.
        size: audio in place of the recording in the denominator of the convergence.

    Returns:
        `mel`, `convergence` and `magnitude`, scalars.
    """
    size = recording if size is None else size
    rows = [_distances(copy, recording, size, window, sample_rate) for window in WINDOWS]
    names = ("mel", "convergence", "magnitude")
    return {
        name: torch.stack(values).mean()
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }


def _distances(
    copy: Waveform, recording: Waveform, size: Waveform, window: int, rate: int
) -> tuple[Tensor, ...]:
    made, real = _magnitude(copy, window), _magnitude(recording, window)
    filters, faint = _filters(window, rate).to(made.device), FAINT * window
    mel = F.l1_loss(_log(made.mT @ filters, faint), _log(real.mT @ filters, faint))
    gap = torch.linalg.vector_norm(real - made, dim=(1, 2))
    whole = real if size is recording else _magnitude(size, window)
    # the floor is for silent crops
    unit = torch.linalg.vector_norm(whole, dim=(1, 2)).clamp(min=1e-2)
    return mel, (gap / unit).mean(), F.l1_loss(_log(made, faint), _log(real, faint))


def _magnitude(audio: Waveform, window: int) -> Float[Tensor, "batch bins frames"]:
    shape = torch.hann_window(window, device=audio.device)
    spectrum = torch.stft(audio, window, window // 4, window=shape, return_complex=True)
    power = torch.view_as_real(spectrum).square().sum(dim=3)
    return power.clamp(min=1e-12).sqrt()  # the slope of a root is infinite at zero


def _log(magnitude: Tensor, faint: float) -> Tensor:
    return magnitude.clamp(min=faint).log()


@cache
def _filters(window: int, rate: int) -> Float[Tensor, "bins mels"]:
    return torchaudio.functional.melscale_fbanks(
        window // 2 + 1, 0.0, rate / 2, WINDOWS[window], rate
    )


def generator_losses(made: list[DiscriminatorOutput], real: list[DiscriminatorOutput]) -> Losses:
    """The adversarial losses of the vocoder, means over the discriminators.

    Args:
        made: outputs of the discriminators for copies.
        real: their outputs for the recordings.

    Returns:
        `adversarial`, the hinge loss max(0, 1 - score), and `features`, the mean over layers of the
        relative L1 distance of their outputs.
    """
    scores = torch.stack([F.relu(1 - score.float()).mean() for score, _ in made])
    gaps = [
        _relative(ours, theirs)
        for (_, features), (_, targets) in zip(made, real, strict=True)
        for ours, theirs in zip(features, targets, strict=True)
    ]
    return {"adversarial": scores.mean(), "features": torch.stack(gaps).mean()}


def _relative(ours: Tensor, theirs: Tensor) -> Tensor:
    """L1 distance over the mean size of the recordings' features: all layers count alike."""
    theirs = theirs.float()
    return F.l1_loss(ours.float(), theirs) / theirs.abs().mean().clamp(min=1e-3)


def discriminator_loss(
    made: list[DiscriminatorOutput], real: list[DiscriminatorOutput]
) -> Float[Tensor, ""]:
    """The discriminators' hinge loss, a mean over them: max(0, 1 - real) + max(0, 1 + made)."""
    parts = [
        F.relu(1 - theirs.float()).mean() + F.relu(1 + ours.float()).mean()
        for (ours, _), (theirs, _) in zip(made, real, strict=True)
    ]
    return torch.stack(parts).mean()

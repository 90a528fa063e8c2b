"""The harmonic source of the vocoder: pulses at the F0 of a mel-spectrogram, and noise.

A mel of 100 bands does not resolve harmonics above the first few. A plain Vocos of this size made
noise of them above 2 kHz after 7,000 steps, as it had to guess their phases from frame to frame
(docs/log/2026-11-27-first-voices.md). Pulses at the predicted F0 have each harmonic in its place,
as in neural source-filter models (arXiv 1904.12088).
"""

import torch
from jaxtyping import Bool, Complex, Float
from torch import Tensor, nn

from tts.config import MelConfig
from tts.network_constants import MAX_HARMONIC_HZ, MIN_ANGLE, NOISE_SEED, REFERENCE_F0_HZ
from tts.noise import noise
from tts.vocoder.f0_predictor import F0Predictor


def integrate_f0(
    pitch: Float[Tensor, "batch frames"],
    held: Bool[Tensor, "batch frames"],
    hop: int,
    sample_rate: int,
) -> tuple[Float[Tensor, "batch samples"], Float[Tensor, "batch samples"]]:
    """F0 of each sample, and its phase.

    Args:
        pitch: F0 of each frame in Hz.
        held: true where a frame is voiced.
        hop: samples of a frame.
        sample_rate: samples a second.

    Returns:
        F0 in Hz, interpolated linearly between frames; and the phase in turns, from -0.5 to 0.5,
        which is 0 where a stretch of voiced frames begins.
    """
    following = torch.cat([pitch[:, 1:], pitch[:, -1:]], dim=1)
    along = torch.arange(hop, device=pitch.device) / hop
    hertz = (pitch[..., None] + (following - pitch)[..., None] * along).flatten(1)
    turns = (hertz / sample_rate).cumsum(dim=1)
    before = torch.cat([torch.zeros_like(held[:, :1]), held[:, :-1]], dim=1)
    frames = torch.arange(pitch.shape[1], device=pitch.device)
    began = torch.where(held & ~before, frames, 0).cummax(dim=1).values * hop
    since = turns - turns.gather(1, began).repeat_interleave(hop, dim=1)
    return hertz.float(), (since - since.round()).float()


def pulse_train(
    hertz: Float[Tensor, "batch samples"], turns: Float[Tensor, "batch samples"]
) -> Float[Tensor, "batch samples"]:
    """Equally strong cosines at all harmonics up to `MAX_HARMONIC_HZ`.

    The sum of cos(k a) for k from 1 to n is (sin((n + 1/2) a) / sin(a / 2) - 1) / 2. The factor
    sqrt(f / 200 Hz) makes the power independent of F0, as a high F0 has fewer harmonics.

    Args:
        hertz: F0 of each sample.
        turns: its phase, 1 for a period.
    """
    harmonics = (MAX_HARMONIC_HZ / hertz).floor()
    angle = (2 * torch.pi * turns).abs().clamp(min=MIN_ANGLE)  # cosines are even
    ratio = torch.sin((harmonics + 0.5) * angle) / torch.sin(angle / 2)
    return (ratio - 1) / 2 * (hertz / REFERENCE_F0_HZ).sqrt()


class HarmonicSource(nn.Module):
    """The spectra of pulses and of noise, frame by frame; outside an utterance there is silence.

    Phase accumulates while frames are voiced, so any frame needs the utterance from its start on.
    `context` is how many frames to either side can change a frame's, phases apart.

    Args:
        config: of the mel-spectrogram.
        dim: channels of the F0 predictor.
    """

    window: Tensor

    def __init__(self, config: MelConfig, dim: int) -> None:
        super().__init__()
        self.config, self.pitch = config, F0Predictor(config.bands, dim)
        self.reach = config.n_fft // (2 * config.hop)
        self.context = self.reach + 1 + self.pitch.context
        self.register_buffer("window", torch.hann_window(config.n_fft), persistent=False)

    @torch.no_grad()
    def forward(
        self,
        mel: Float[Tensor, "batch frames mels"],
        start: int,
        stop: int,
        octave: Float[Tensor, "batch frames"] | None = None,
    ) -> tuple[Complex[Tensor, "batch near bins"], Complex[Tensor, "batch near bins"]]:
        """The spectra of frames `start` to `stop`.

        Args:
            mel: log-mel of the utterance from its first frame on.
            start: first frame.
            stop: the frame after the last one.
            octave: logarithm of F0 in Hz to base 2, not a number where it is to be predicted; a
                frame that has one is voiced.

        Returns:
            The spectra of the pulses, where a cosine of amplitude 1 has a magnitude of 2, and of
            the noise, whose bins have a mean square of 1. There are `n_fft / 2 + 1` bins.
        """
        hop = self.config.hop
        first, last = max(0, start - self.reach), min(stop + self.reach, mel.shape[1])
        pitch, held = self.pitch.read(mel)
        if octave is not None:
            given = octave.isfinite()
            pitch, held = torch.where(given, octave.double().exp2(), pitch), held | given
        hertz, turns = integrate_f0(pitch, held, hop, self.config.sample_rate)
        near = slice(first * hop, last * hop)
        voice = pulse_train(hertz[:, near], turns[:, near])
        noise_signal = self._noise(mel, first, last)
        before, frames = start - first, stop - start
        return (
            self._spectrum(voice, before, frames) / (self.window.sum() / 4),
            self._spectrum(noise_signal, before, frames) / self.window.square().sum().sqrt(),
        )

    def _noise(
        self, mel: Float[Tensor, "batch frames mels"], first: int, last: int
    ) -> Float[Tensor, "batch samples"]:
        """White noise, the same in each call; in training it differs, so as not to be learned."""
        hop = self.config.hop
        if self.training:
            return torch.randn(len(mel), (last - first) * hop, device=mel.device)
        drawn = torch.from_numpy(noise((NOISE_SEED,), first, last, hop)).to(mel)
        return drawn.flatten().expand(len(mel), -1)

    def _spectrum(
        self, signal: Float[Tensor, "batch samples"], before: int, frames: int
    ) -> Complex[Tensor, "batch near bins"]:
        """Spectra of windows centred on frames, the first of them `before` hops into the signal."""
        hop, reach = self.config.hop, self.reach
        signal = nn.functional.pad(signal, ((reach - before) * hop, 0))
        size = (frames - 1 + 2 * reach) * hop
        signal = nn.functional.pad(signal, (0, max(0, size - signal.shape[1])))[:, :size]
        return torch.fft.rfft(signal.unfold(1, self.config.n_fft, hop) * self.window)

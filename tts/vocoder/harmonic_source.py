"""The harmonic source of the vocoder: pulses at the F0 of a mel-spectrogram, and noise.

A mel of 100 bands does not resolve harmonics above the first few, and a network that has to place
them and keep them in phase from frame to frame learns little else for a long time. Pulses at the
predicted F0 have every harmonic in its place (after the neural source-filter models, arXiv
1904.12088).
"""

import torch
from jaxtyping import Bool, Complex, Float
from torch import Tensor, nn

from tts.config import MelConfig
from tts.noise import noise
from tts.vocoder.f0_predictor import F0Predictor

MAX_HARMONIC_HZ = 11_500.0
REFERENCE_F0_HZ = 200.0  # Hz, where pulses have the strength of one
NOISE_SEED = 0  # the one seed of all breath: nobody hears that it repeats


def integrate_f0(
    pitch: Float[Tensor, "batch frames"],
    held: Bool[Tensor, "batch frames"],
    hop: int,
    sample_rate: int,
) -> tuple[Float[Tensor, "batch samples"], Float[Tensor, "batch samples"]]:
    """F0 of each sample, straight from frame to frame, and its turns since a voice began."""
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
    """All harmonics up to 11.5 kHz, equally strong: the sum of cosines, in closed form."""
    harmonics = (MAX_HARMONIC_HZ / hertz).floor()
    angle = (2 * torch.pi * turns).abs().clamp(min=1e-6)  # cosines are even
    ratio = torch.sin((harmonics + 0.5) * angle) / torch.sin(angle / 2)
    return (ratio - 1) / 2 * (hertz / REFERENCE_F0_HZ).sqrt()


class HarmonicSource(nn.Module):
    """The spectra of pulses and of breath, frame by frame; beyond an utterance there is silence.

    Phase runs on while a voice holds, so whoever asks for the middle of one gives all before it.
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
        """Frames `start` to `stop`; `mel` is the utterance from its first frame on.

        Where the logarithm of F0 to base 2 is known and given as `octave`, it is not read.
        """
        hop = self.config.hop
        first, last = max(0, start - self.reach), min(stop + self.reach, mel.shape[1])
        pitch, held = self.pitch.read(mel)
        if octave is not None:
            known = octave.isfinite()
            pitch, held = torch.where(known, octave.double().exp2(), pitch), held | known
        hertz, turns = integrate_f0(pitch, held, hop, self.config.sample_rate)
        near = slice(first * hop, last * hop)
        voice = pulse_train(hertz[:, near], turns[:, near])
        breath = self._noise(mel, first, last)
        before, frames = start - first, stop - start
        return (
            self._spectrum(voice, before, frames) / (self.window.sum() / 4),
            self._spectrum(breath, before, frames) / self.window.square().sum().sqrt(),
        )

    def _noise(
        self, mel: Float[Tensor, "batch frames mels"], first: int, last: int
    ) -> Float[Tensor, "batch samples"]:
        """Noise that is always the same for a frame, but while learning, lest it be learnt."""
        hop = self.config.hop
        if self.training:
            return torch.randn(len(mel), (last - first) * hop, device=mel.device)
        return noise((NOISE_SEED,), first, last, hop).to(mel).flatten(1).expand(len(mel), -1)

    def _spectrum(
        self, signal: Float[Tensor, "batch samples"], before: int, frames: int
    ) -> Complex[Tensor, "batch near bins"]:
        """Windows centred on frames, the first of them `before` hops into the signal."""
        hop, reach = self.config.hop, self.reach
        signal = nn.functional.pad(signal, ((reach - before) * hop, 0))
        size = (frames - 1 + 2 * reach) * hop
        signal = nn.functional.pad(signal, (0, max(0, size - signal.shape[1])))[:, :size]
        return torch.fft.rfft(signal.unfold(1, self.config.n_fft, hop) * self.window)

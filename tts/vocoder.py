"""Mel to waveform on vocos' modules, whole or in chunks that join without a seam."""

from typing import Any

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone

from tts.config import VocoderConfig
from tts.source import HarmonicHead, Source

KERNEL = 7


class Vocoder(nn.Module):
    """T frames of log-mel make exactly T * hop samples.

    `context` is how many frames to either side can reach a frame's samples. With a source, those
    before move the phase of what comes after as well.
    """

    window: Tensor

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        mel = config.mel
        self.config = config
        self.backbone = VocosBackbone(
            input_channels=mel.bands,
            dim=config.dim,
            intermediate_dim=config.intermediate_dim,
            num_layers=config.depth,
        )
        self.overlap = mel.n_fft // (2 * mel.hop)
        self.source = Source(mel, config.pitch_dim) if config.pitch_dim else None
        self.head: Any = _head(config)
        near = (config.depth + 1) * (KERNEL // 2)
        self.context = max(near, self.source.context if self.source else 0) + self.overlap
        self.register_buffer("window", torch.hann_window(mel.n_fft), persistent=False)

    def forward(
        self,
        mel: Float[Tensor, "batch frames mels"],
        octave: Float[Tensor, "batch frames"] | None = None,
    ) -> Float[Tensor, "batch samples"]:
        """The whole waveform; a source takes F0 from `octave` where it is known."""
        return self.span(mel, 0, mel.shape[1], mel.shape[1], octave)

    def span(
        self,
        mel: Float[Tensor, "batch frames mels"],
        start: int,
        stop: int,
        total: int,
        octave: Float[Tensor, "batch known"] | None = None,
    ) -> Float[Tensor, "batch samples"]:
        """Samples of frames `start` to `stop` of an utterance of `total` frames.

        `mel` holds the utterance up to at least `context` frames past `stop`, or to its end. With
        a source, all before `start` is read for its phase: cut minutes into sentences.
        """
        left, near = max(start - self.context, 0), max(start - self.overlap, 0)
        right, far = min(stop + self.context, total), min(stop + self.overlap, total)
        hidden = self.backbone(mel[:, left:right].mT)[:, near - left : far - left]
        with torch.autocast(mel.device.type, enabled=False):  # a phase needs all its digits
            spectrum = self._spectrum(hidden.float(), mel[:, :right].float(), near, octave)
        return self.overlap_add(spectrum, start - near, stop - start)

    def _spectrum(
        self,
        hidden: Float[Tensor, "batch near dim"],
        mel: Float[Tensor, "batch known mels"],
        start: int,
        octave: Float[Tensor, "batch known"] | None,
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectra of hidden frames, from frame `start` of an utterance on."""
        if self.source is None:  # vocos.heads.ISTFTHead, before its inverse
            log_magnitude, phase = self.head.out(hidden).chunk(2, dim=2)
            return torch.polar(log_magnitude.exp().clamp(max=1e2), phase)
        stop = start + hidden.shape[1]
        shaped: Tensor = self.head(
            hidden, mel[:, start:stop], self.source(mel, start, stop, octave)
        )
        return shaped

    def overlap_add(
        self, spectrum: Complex[Tensor, "batch frames bins"], skip: int, frames: int
    ) -> Float[Tensor, "batch samples"]:
        """Inverse transforms, windowed, added, and divided by what the windows add up to.

        The output begins at the centre of frame `skip` and holds `frames` hops.
        """
        n_fft, hop = self.config.mel.n_fft, self.config.mel.hop
        pieces = torch.fft.irfft(spectrum, n_fft, dim=2) * self.window
        weights = self.window.square().expand(1, pieces.shape[1], n_fft)
        begin = n_fft // 2 + skip * hop
        sound, weight = (
            _fold(part, hop)[:, begin : begin + frames * hop] for part in (pieces, weights)
        )
        return sound / weight


def _head(config: VocoderConfig) -> nn.Module:
    """Vocos' own, unless there is a source to be shaped."""
    mel = config.mel
    if config.pitch_dim:
        return HarmonicHead(mel, config.dim)
    return ISTFTHead(config.dim, n_fft=mel.n_fft, hop_length=mel.hop, padding="center")


def _fold(pieces: Float[Tensor, "batch frames n_fft"], hop: int) -> Float[Tensor, "batch samples"]:
    """Add pieces, each a hop later than the one before."""
    batch, frames, size = pieces.shape
    steps = size // hop
    total = pieces.new_zeros(batch, frames + steps - 1, hop)
    for index, part in enumerate(pieces.reshape(batch, frames, steps, hop).unbind(dim=2)):
        total[:, index : index + frames] += part
    return total.flatten(1)

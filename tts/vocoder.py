"""Mel to waveform on vocos' modules, whole or in chunks that join without a seam."""

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone

from tts.config import VocoderConfig

KERNEL = 7


class Vocoder(nn.Module):
    """T frames of log-mel make exactly T * hop samples.

    `context` is how many frames to either side can reach a frame's samples.
    """

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
        self.head = ISTFTHead(config.dim, n_fft=mel.n_fft, hop_length=mel.hop, padding="center")
        self.overlap = mel.n_fft // (2 * mel.hop)
        self.context = (config.depth + 1) * (KERNEL // 2) + self.overlap

    def forward(self, mel: Float[Tensor, "batch frames mels"]) -> Float[Tensor, "batch samples"]:
        """The whole waveform."""
        return self.span(mel, 0, mel.shape[1], mel.shape[1])

    def span(
        self,
        mel: Float[Tensor, "batch frames mels"],
        start: int,
        stop: int,
        total: int,
    ) -> Float[Tensor, "batch samples"]:
        """Samples of frames `start` to `stop` of an utterance of `total` frames.

        `mel` holds the utterance up to at least `context` frames past `stop`, or to its end.
        """
        left = max(start - self.context, 0)
        right = min(stop + self.context, total)
        spectrum = self._spectrum(mel[:, left:right])
        near = max(start - self.overlap, left)
        far = min(stop + self.overlap, total)
        return self.overlap_add(spectrum[:, near - left : far - left], start - near, stop - start)

    def _spectrum(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> Complex[Tensor, "batch frames bins"]:
        """The complex spectrum of each frame (vocos.heads.ISTFTHead, before its inverse)."""
        hidden = self.backbone(mel.mT)
        with torch.autocast(mel.device.type, enabled=False):  # a phase needs all its digits
            log_magnitude, phase = self.head.out(hidden.float()).chunk(2, dim=2)
        return torch.polar(log_magnitude.exp().clamp(max=1e2), phase)

    def overlap_add(
        self, spectrum: Complex[Tensor, "batch frames bins"], skip: int, frames: int
    ) -> Float[Tensor, "batch samples"]:
        """Inverse transforms, windowed, added, and divided by what the windows add up to.

        The output begins at the centre of frame `skip` and holds `frames` hops.
        """
        n_fft, hop = self.config.mel.n_fft, self.config.mel.hop
        window = self.head.istft.window
        pieces = torch.fft.irfft(spectrum, n_fft, dim=2) * window
        weights = window.square().expand(1, pieces.shape[1], n_fft)
        begin = n_fft // 2 + skip * hop
        sound, weight = (
            _fold(part, hop)[:, begin : begin + frames * hop] for part in (pieces, weights)
        )
        return sound / weight


def _fold(pieces: Float[Tensor, "batch frames n_fft"], hop: int) -> Float[Tensor, "batch samples"]:
    """Add pieces, each a hop later than the one before."""
    batch, frames, size = pieces.shape
    steps = size // hop
    total = pieces.new_zeros(batch, frames + steps - 1, hop)
    for index, part in enumerate(pieces.reshape(batch, frames, steps, hop).unbind(dim=2)):
        total[:, index : index + frames] += part
    return total.flatten(1)

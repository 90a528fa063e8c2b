"""Mel to waveform by Vocos (arXiv 2306.00814), whole or in chunks that join without a seam."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from tts.config import VocoderConfig
from tts.vocoder.backbone import Backbone
from tts.vocoder.harmonic_source import HarmonicSource
from tts.vocoder.heads import FourierHead, HarmonicHead


@dataclass(frozen=True)
class MelSpan:
    """Frames `start` to `stop` of an utterance of `total` frames.

    `mel` holds the utterance up to at least the vocoder's `context` past `stop`, or to its end.
    """

    mel: Float[Tensor, "known mels"]
    start: int
    stop: int
    total: int

    def around(self, frames: int) -> tuple[int, int]:
        """From so many frames before it to as many after it, within the utterance."""
        return max(self.start - frames, 0), min(self.stop + frames, self.total)


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
        self.backbone = Backbone(config)
        self.overlap = mel.n_fft // (2 * mel.hop)
        self.source = HarmonicSource(mel, config.pitch_dim) if config.pitch_dim else None
        self.head: Any = (HarmonicHead if self.source else FourierHead)(mel, config.dim)
        known = max(self.backbone.context, self.source.context if self.source else 0)
        self.context = known + self.overlap
        self.register_buffer("window", torch.hann_window(mel.n_fft), persistent=False)

    def forward(
        self,
        mel: Float[Tensor, "batch frames mels"],
        octave: Float[Tensor, "batch frames"] | None = None,
    ) -> Float[Tensor, "batch samples"]:
        """The whole waveform; a source takes F0 from `octave` where it is known."""
        hidden = self.backbone(mel, torch.ones_like(mel[..., 0], dtype=torch.bool))
        with torch.autocast(mel.device.type, enabled=False):  # a phase needs all its digits
            spectrum = self._spectrum(hidden.float(), mel.float(), 0, octave)
        return self.overlap_add(spectrum, 0, mel.shape[1])

    def spans(self, stretches: Sequence[MelSpan]) -> list[Float[Tensor, " samples"]]:
        """The samples of several stretches, each as it would be alone.

        With a source, all before a stretch is read for its phase: cut minutes into sentences.

        Raises:
            ValueError: they are no numbers, for weights are damaged.
        """
        windows = [one.mel[slice(*self._window(one))] for one in stretches]
        mel = pad_sequence(windows, batch_first=True)
        lengths = torch.tensor([len(window) for window in windows], device=mel.device)
        mask = torch.arange(mel.shape[1], device=mel.device) < lengths[:, None]
        hidden = self.backbone(mel, mask)
        spans = [self._span(*pair) for pair in zip(hidden, stretches, strict=True)]
        if not all(bool(span.isfinite().all()) for span in spans):
            raise ValueError(
                "the models make samples that are not finite; download or make their checkpoints "
                "again"
            )
        return spans

    def _window(self, stretch: MelSpan) -> tuple[int, int]:
        """The frames that can reach a stretch, from the first of a patch on."""
        start, stop = stretch.around(self.context)
        return start // self.config.patch * self.config.patch, stop

    def _span(
        self, hidden: Float[Tensor, "window dim"], stretch: MelSpan
    ) -> Float[Tensor, " samples"]:
        """The samples of a stretch, of which the hidden frames are known as far as they reach."""
        left, right = self._window(stretch)
        near, far = stretch.around(self.overlap)
        known = hidden[None, near - left : far - left]
        spectrum = self._spectrum(known, stretch.mel[None, :right], near, None)
        return self.overlap_add(spectrum, stretch.start - near, stretch.stop - stretch.start)[0]

    def _spectrum(
        self,
        hidden: Float[Tensor, "batch near dim"],
        mel: Float[Tensor, "batch known mels"],
        start: int,
        octave: Float[Tensor, "batch known"] | None,
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectra of hidden frames, from frame `start` of an utterance on."""
        if self.source is None:
            plain: Tensor = self.head(hidden)
            return plain
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


def _fold(pieces: Float[Tensor, "batch frames n_fft"], hop: int) -> Float[Tensor, "batch samples"]:
    """Add pieces, each a hop later than the one before."""
    batch, frames, size = pieces.shape
    steps = size // hop
    total = pieces.new_zeros(batch, frames + steps - 1, hop)
    for index, part in enumerate(pieces.reshape(batch, frames, steps, hop).unbind(dim=2)):
        total[:, index : index + frames] += part
    return total.flatten(1)

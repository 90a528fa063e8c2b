"""Waveforms from mel-spectrograms by Vocos (arXiv 2306.00814), whole or in chunks.

Chunks join without a seam: each sample is computed from the same frames in both cases.
"""

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

    `mel` has the frames from 0 to at least `stop` plus the vocoder's `context`, or to the end.
    """

    mel: Float[Tensor, "frames mels"]
    start: int
    stop: int
    total: int

    def around(self, frames: int) -> tuple[int, int]:
        """The span with this many frames more on both sides, within the utterance."""
        return max(self.start - frames, 0), min(self.stop + frames, self.total)


class Vocoder(nn.Module):
    """A waveform from a log-mel-spectrogram: T frames make exactly T * hop samples.

    `context` is how many frames to either side can change a frame's samples. With a harmonic
    source, all earlier frames change the phases of later ones, too. Calls do not change the module,
    so threads may share one in `eval` mode.
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
        reach = max(self.backbone.context, self.source.context if self.source else 0)
        self.context = reach + self.overlap
        self.register_buffer("window", torch.hann_window(mel.n_fft), persistent=False)

    def forward(
        self,
        mel: Float[Tensor, "batch frames mels"],
        octave: Float[Tensor, "batch frames"] | None = None,
    ) -> Float[Tensor, "batch samples"]:
        """The waveform of whole utterances.

        Args:
            mel: natural log-mel, as `tts.vocoder.mel.log_mel` gives it.
            octave: logarithm of F0 in Hz to base 2, for the harmonic source; not a number where
                it is to be predicted.

        Returns:
            `frames * hop` samples, in single precision, about from -1 to 1; not clipped.
        """
        hidden = self.backbone(mel, torch.ones_like(mel[..., 0], dtype=torch.bool))
        with torch.autocast(mel.device.type, enabled=False):  # half precision would round phases
            spectrum = self._spectrum(hidden.float(), mel.float(), 0, octave)
        return self.overlap_add(spectrum, 0, mel.shape[1])

    def spans(self, stretches: Sequence[MelSpan]) -> list[Float[Tensor, " samples"]]:
        """The samples of several spans, computed together; each is as it would be alone.

        With a harmonic source, the time grows with the number of frames before a span.

        Raises:
            ValueError: samples are not finite, because weights are damaged.
        """
        windows = [span.mel[slice(*self._window(span))] for span in stretches]
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

    def _window(self, span: MelSpan) -> tuple[int, int]:
        """The frames that can change a span, from the first frame of a patch on."""
        start, stop = span.around(self.context)
        return start // self.config.patch * self.config.patch, stop

    def _span(
        self, hidden: Float[Tensor, "window dim"], span: MelSpan
    ) -> Float[Tensor, " samples"]:
        """The samples of a span, from the hidden frames of its window."""
        left, right = self._window(span)
        near, far = span.around(self.overlap)
        near_hidden = hidden[None, near - left : far - left]
        spectrum = self._spectrum(near_hidden, span.mel[None, :right], near, None)
        return self.overlap_add(spectrum, span.start - near, span.stop - span.start)[0]

    def _spectrum(
        self,
        hidden: Float[Tensor, "batch near dim"],
        mel: Float[Tensor, "batch frames mels"],
        start: int,
        octave: Float[Tensor, "batch frames"] | None,
    ) -> Complex[Tensor, "batch near bins"]:
        """The complex spectra of hidden frames, the first of which is frame `start`."""
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
        """Samples from spectra by overlap-add, divided by the sum of squared windows.

        Args:
            spectrum: of consecutive frames.
            skip: the frame at whose centre the samples begin.
            frames: hops of samples.
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
    """Add pieces, each of which begins a hop after the one before."""
    batch, frames, size = pieces.shape
    steps = size // hop
    total = pieces.new_zeros(batch, frames + steps - 1, hop)
    for index, part in enumerate(pieces.reshape(batch, frames, steps, hop).unbind(dim=2)):
        total[:, index : index + frames] += part
    return total.flatten(1)

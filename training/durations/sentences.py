"""EncodedSentences: the sentences of a corpus with the vectors that a frozen encoder reads."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor
from torch.nn.utils.rnn import pad_sequence

from tts.acoustic.layers import Conditioning
from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import LENGTH

from ..data.dataset import FeatureDataset

GROUPS = 4  # times as many clips as a batch has are ordered by length; chosen by hand


@dataclass(frozen=True, kw_only=True)
class DurationBatch:
    """Sentences, padded to the longest.

    Args:
        clips: indices of the clips.
        given: the encoder's vectors with a 1 where a symbol lasts, the voice, and the mask.
        durations: frames of each symbol; 0 for symbols without a length.
        lengths: normalised log lengths, dequantised by noise within a frame.
    """

    clips: Int[Tensor, " batch"]
    given: Conditioning
    durations: Int[Tensor, "batch text"]
    lengths: Float[Tensor, "batch text"]

    @property
    def lasting(self) -> Bool[Tensor, "batch text"]:
        """True for symbols that last, which have a duration to learn."""
        return self.durations > 0

    def part(self, items: slice) -> "DurationBatch":
        """Some of the sentences."""
        given = Conditioning(
            self.given.features[items], self.given.voice[items], self.given.mask[items]
        )
        return DurationBatch(
            clips=self.clips[items],
            given=given,
            durations=self.durations[items],
            lengths=self.lengths[items],
        )


class EncodedSentences:
    """Sentences in memory, each encoded once; in half precision 0.4 kB a symbol.

    Args:
        model: the acoustic model, on the device of the corpus; in `eval` mode.
        corpus: clips in the model's convention, with its voices and statistics.
    """

    def __init__(self, model: AcousticModel, corpus: FeatureDataset) -> None:
        self.corpus = corpus
        self.voices = model.voices.weight.detach()
        self.hidden = [self._encode(model, index) for index in range(len(corpus.clips))]

    @torch.no_grad()
    def _encode(self, model: AcousticModel, index: int) -> Float[Tensor, "text dim"]:
        tokens = self.corpus.tokens[index]
        tokens = tokens[tokens > 0][None]
        voice = self.voices[self.corpus.speakers[index]][None]
        return model.encoder(tokens, voice, tokens > 0)[0].half()

    def batch(self, size: int, generator: Generator) -> DurationBatch:
        """Draw clips of about the same length, so that there is little padding.

        Several times as many are drawn, all equally likely, and those of one part of their order by
        length are taken.
        """
        device, clips = self.corpus.tokens.device, len(self.hidden)
        several = torch.randint(clips, (GROUPS, size), generator=generator, device=device)
        flat = several.flatten()
        order = (self.corpus.tokens[flat] > 0).sum(dim=1).argsort()
        group = torch.randint(GROUPS, (), generator=generator, device=device)
        picked = flat[order].reshape(GROUPS, size)[group]
        jitter = torch.rand(size, self.corpus.tokens.shape[1], generator=generator, device=device)
        return self.assemble(picked, jitter)

    def assemble(
        self, picked: Int[Tensor, " batch"], jitter: Float[Tensor, "batch longest"]
    ) -> DurationBatch:
        """A batch of given clips; `jitter`, 0 to 1, dequantises durations, and 0.5 does not."""
        found = self.corpus.assemble(picked, torch.zeros_like(picked), 1, jitter)
        hidden = pad_sequence([self.hidden[i] for i in picked.tolist()], batch_first=True).float()
        hidden = torch.nn.functional.pad(
            hidden, (0, 0, 0, found.tokens.shape[1] - hidden.shape[1])
        )  # on a GPU tokens are padded to the longest of the corpus
        lasts = found.has_duration[..., None].to(hidden)
        given = Conditioning(
            torch.cat([hidden, lasts], dim=2), self.voices[found.voices], found.mask
        )
        return DurationBatch(
            clips=picked,
            given=given,
            durations=found.durations,
            lengths=found.prosody[..., LENGTH],
        )

    def clip(self, index: int) -> DurationBatch:
        """One clip, as it is."""
        middle = torch.full((1, self.corpus.tokens.shape[1]), 0.5)
        return self.assemble(torch.tensor([index]), middle)

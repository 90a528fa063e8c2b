"""One-step mels of recordings, aligned frame by frame, for the last part of a vocoder's run.

The recording's mel is moved part of the way to noise, x_s = (1 - s) noise + s mel with s uniform in
`NEAREST` to 1, and from there to time 1 in one jump, with the recording's durations and prosody. It
keeps the recording's timing and has the acoustic model's errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from rich.progress import track
from torch import Generator, Tensor

from tts.acoustic.model import AcousticModel
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint

from ..acoustic.losses import encode_batch
from ..data.dataset import FeatureDataset, KnownVoices
from ..data.statistics import Statistics

NEAREST = 0.5  # least s; from nearer to noise the timing would be lost. Chosen by hand; not tuned.


@dataclass(frozen=True, kw_only=True)
class OneStepMels:
    """Computes one-step mels of clips.

    Args:
        acoustic: checkpoint of the acoustic model.
        features: folders of features of the clips.
        floor: lowest value of a log-mel.
        clips: most clips, spread evenly over all; chosen by hand.
    """

    acoustic: Path
    features: Sequence[Path]
    floor: float
    clips: int = 400

    @torch.no_grad()
    def compute(self) -> Mapping[str, Float[Tensor, "frames mels"]]:
        """Log-mels by the ids of clips; each is seeded by the clip's index."""
        model = load_checkpoint(self.acoustic, AcousticModel)
        symbols, voices = PhonemeTokenizer(inventory=model.config.symbols), model.config.voices
        known = KnownVoices(voices=voices)
        corpus = FeatureDataset(self.features, symbols, voices, Statistics.of(model), known)
        every = -(-len(corpus.clips) // self.clips)
        places = track(range(0, len(corpus.clips), every), "one-step mels")
        return {corpus.clips[i].id: self._mel(model, corpus, i) for i in places}

    def _mel(self, model: AcousticModel, corpus: FeatureDataset, index: int) -> Tensor:
        generator = Generator().manual_seed(index)
        within = torch.full((1, corpus.tokens.shape[1]), 0.5)
        frames = int(corpus.lengths[index])
        batch = corpus.assemble(torch.tensor([index]), torch.tensor([0]), frames, within)
        given = encode_batch(model, batch)
        start = NEAREST + (1 - NEAREST) * torch.rand(1, generator=generator)
        noise = torch.randn(batch.mel.shape, generator=generator)
        between = (1 - start) * noise + start * batch.mel
        flow = model.mel_map(given.conditioning, given.voice, batch.frame_mask)
        made = flow.jump(between, start, torch.ones(1))
        raw = made * model.mel_deviation + model.mel_mean
        return raw[0].clamp(min=self.floor)

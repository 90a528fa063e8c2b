"""PairedDataset: batches of clips with both features and audio, aligned frame by frame."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .crops import RecordingDataset
from .dataset import FeatureBatch, FeatureDataset


@dataclass(frozen=True, kw_only=True)
class PairedBatch:
    """Crops as features and as audio; `log2_f0` is F0 as in `RecordingBatch`."""

    ids: Sequence[str]
    features: FeatureBatch
    audio: Float[Tensor, "batch samples"]
    log2_f0: Float[Tensor, "batch frames"]

    def repeat(self, times: int) -> "PairedBatch":
        """The batch repeated so many times, one copy after another."""
        values = {name: getattr(self.features, name) for name in FeatureBatch.__dataclass_fields__}
        features = {name: torch.cat([value] * times) for name, value in values.items()}
        return PairedBatch(
            ids=[*self.ids] * times,
            features=FeatureBatch(**features),
            audio=torch.cat([self.audio] * times),
            log2_f0=torch.cat([self.log2_f0] * times),
        )


class PairedDataset:
    """A dataset of features with the recordings of its clips.

    Args:
        corpus: the features.
        recordings: recordings of all its clips, and maybe of others.

    Raises:
        ValueError: a clip has no recording, two, or one of another number of frames.
    """

    def __init__(self, corpus: FeatureDataset, recordings: RecordingDataset) -> None:
        places = {clip.id: index for index, clip in enumerate(recordings.clips)}
        if len(places) < len(recordings.clips):
            ids = Counter(clip.id for clip in recordings.clips)
            twice = ids.most_common(1)[0][0]
            raise ValueError(f"two recordings have the id {twice}; rename one of them")
        if lacking := [clip.id for clip in corpus.clips if clip.id not in places]:
            raise ValueError(f"no recording of clip {lacking[0]}; add its set")
        self.corpus, self.recordings = corpus, recordings
        self.places = torch.tensor([places[clip.id] for clip in corpus.clips])
        for index in (recordings.lengths[self.places] != corpus.lengths).nonzero()[:, 0].tolist():
            clip = corpus.clips[index]
            raise ValueError(f"clip {clip.id} and its features differ; prepare them again")

    def to(self, device: torch.device) -> "PairedDataset":
        """Move the clips to a device."""
        self.places = self.places.to(device)
        self.corpus, self.recordings = self.corpus.to(device), self.recordings.to(device)
        return self

    def batch(
        self, size: int, crop: int, generator: Generator, *, margin: int = 0, grid: int = 1
    ) -> PairedBatch:
        """Draw random crops with a margin at both ends of each.

        Args:
            size: number of crops.
            crop: frames of each between its margins; they lie within the clip.
            generator: source of randomness, on the device of the clips.
            margin: frames of each margin; they may overhang the clip.
            grid: frames; crops with their margins start at a multiple of it within their clip.
        """
        picked, starts, within = self.corpus.draw(size, crop, generator)
        starts = (starts - margin) // grid * grid
        frames = crop + 2 * margin
        audio, octave = self.recordings.at(self.places[picked], starts, frames)
        return PairedBatch(
            ids=[self.corpus.clips[index].id for index in picked.tolist()],
            features=self.corpus.assemble(picked, starts, frames, within),
            audio=audio,
            log2_f0=octave,
        )

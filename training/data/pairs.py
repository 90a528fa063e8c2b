"""Clips of which both the features and the sound are known, frame by frame."""

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
    """Crops as features and as sound; `log2_f0` is F0 as in a `RecordingBatch`."""

    ids: Sequence[str]
    features: FeatureBatch
    audio: Float[Tensor, "batch samples"]
    log2_f0: Float[Tensor, "batch frames"]

    def repeat(self, times: int) -> "PairedBatch":
        """All crops, then all of them again."""
        values = {name: getattr(self.features, name) for name in FeatureBatch.__dataclass_fields__}
        features = {name: torch.cat([value] * times) for name, value in values.items()}
        return PairedBatch(
            ids=[*self.ids] * times,
            features=FeatureBatch(**features),
            audio=torch.cat([self.audio] * times),
            log2_f0=torch.cat([self.log2_f0] * times),
        )


class PairedDataset:
    """A corpus of features, and the recordings that hold its clips, and others perhaps."""

    def __init__(self, corpus: FeatureDataset, recordings: RecordingDataset) -> None:
        places = {clip.id: index for index, clip in enumerate(recordings.clips)}
        if len(places) < len(recordings.clips):
            ids = Counter(clip.id for clip in recordings.clips)
            twice = ids.most_common(1)[0][0]
            raise ValueError(f"two recordings have the id {twice}; give each one of its own")
        if lacking := [clip.id for clip in corpus.clips if clip.id not in places]:
            raise ValueError(f"expected a recording of clip {lacking[0]}, found none; add its set")
        self.corpus, self.recordings = corpus, recordings
        self.places = torch.tensor([places[clip.id] for clip in corpus.clips])
        for index in (recordings.lengths[self.places] != corpus.lengths).nonzero()[:, 0].tolist():
            clip = corpus.clips[index]
            raise ValueError(f"clip {clip.id} and its features differ; prepare them again")

    def to(self, device: torch.device) -> "PairedDataset":
        """The same clips, resident on a device."""
        self.places = self.places.to(device)
        self.corpus, self.recordings = self.corpus.to(device), self.recordings.to(device)
        return self

    def batch(
        self, size: int, crop: int, generator: Generator, *, margin: int = 0, grid: int = 1
    ) -> PairedBatch:
        """Crops of clips, with a margin at both ends of each.

        Args:
            size: how many crops.
            crop: frames of each between its margins; drawn so that they lie within the clip.
            generator: where chance comes from.
            margin: frames, which may overhang a clip.
            grid: a crop with its margins begins at a multiple of so many frames of its clip.
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

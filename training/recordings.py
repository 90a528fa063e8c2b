"""Recordings to batches for the vocoder: crops of sound, and the mels they should be made from."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from training.originals import Original
from tts.config import MelConfig
from tts.mel import log_mel

QUIETEST, LOUDEST = -12.0, 3.0  # dB about the level of speech


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """Crops of recordings; `mel` is what the vocoder is given to make them from."""

    ids: Sequence[str]
    audio: Float[Tensor, "batch samples"]
    mel: Float[Tensor, "batch frames mels"]


class Recordings:
    """Clips wholly in memory (a GPU's, if so told); crops are drawn by chance, at any loudness."""

    def __init__(self, clips: Sequence[Original], config: MelConfig) -> None:
        if not clips:
            raise ValueError("expected at least one recording, found none; check the manifests")
        self.config, self.clips = config, clips
        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(partial(Original.cut, config=config), clips))
        self.lengths = torch.tensor([len(part) // config.hop for part in parts])
        sizes = torch.tensor([len(part) for part in parts])
        self.begins = sizes.cumsum(0) - sizes
        self.audio = torch.from_numpy(np.concatenate(parts))
        self.predicted: dict[int, Tensor] = {}

    def to(self, device: torch.device) -> "Recordings":
        """The same recordings, resident on a device."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        return self

    def predict(self, mels: Mapping[str, Float[Tensor, "frames mels"]]) -> None:
        """Remember what a model makes of some clips, aligned with them frame by frame."""
        for index, clip in enumerate(self.clips):
            if clip.id in mels:
                if len(mels[clip.id]) != self.lengths[index]:
                    raise ValueError(f"clip {clip.id} and its features differ; prepare them again")
                self.predicted[index] = mels[clip.id]

    def batch(self, size: int, frames: int, chance: Generator, share: float = 0.0) -> Excerpt:
        """Crops that may overhang a clip by half their length, where there is silence.

        A `share` of them comes with a predicted mel, where its clip has one.
        """
        device = self.audio.device
        picked = torch.multinomial(self.lengths.float(), size, replacement=True, generator=chance)
        places = torch.rand(size, generator=chance, device=device) * self.lengths[picked]
        starts = (places - frames / 2).round().long()
        given = torch.rand(size, generator=chance, device=device) < share
        near = self.config.n_fft // (2 * self.config.hop)
        audio = self._crop(picked, starts - near, frames + 2 * near)
        audio = audio * torch.where(given, 1.0, self._gains(size, chance))[:, None]
        mel = log_mel(audio, self.config)[:, near : near + frames]
        for row in given.nonzero()[:, 0].tolist():
            self._give(mel[row], int(picked[row]), int(starts[row]))
        inner = slice(near * self.config.hop, (near + frames) * self.config.hop)
        return Excerpt(ids=[self.clips[i].id for i in picked], audio=audio[:, inner], mel=mel)

    def _gains(self, size: int, chance: Generator) -> Float[Tensor, " batch"]:
        """Factors between the quietest and the loudest that speech is to be copied at."""
        decibels = torch.rand(size, generator=chance, device=chance.device)
        return 10 ** ((QUIETEST + (LOUDEST - QUIETEST) * decibels) / 20)

    def _crop(self, picked: Tensor, starts: Tensor, frames: int) -> Float[Tensor, "batch samples"]:
        """Samples of each clip from its start, in frames; zero beyond its ends."""
        hop = self.config.hop
        within = torch.arange(frames * hop, device=starts.device)
        samples = starts[:, None] * hop + within
        inside = (samples >= 0) & (samples < self.lengths[picked, None] * hop)
        places = (self.begins[picked, None] + samples).clamp(0, len(self.audio) - 1)
        return self.audio[places] * inside

    def _give(self, mel: Float[Tensor, "frames mels"], clip: int, start: int) -> None:
        """Put a clip's predicted frames in the place of its own."""
        if clip in self.predicted:
            made = self.predicted[clip]
            first, last = max(start, 0), min(start + len(mel), len(made))
            mel[first - start : last - start] = made[first:last].to(mel)

"""Features to batches: whole sentences at phone rate, crops at frame rate."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from training.prepare import Features
from training.statistics import Statistics, measure
from tts.alignment import real
from tts.config import from_dict
from tts.prosody import LENGTH
from tts.text.symbols import PUNCTUATION, Symbols


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Sentences padded to the longest, and one crop of frames from each."""

    clips: Int[Tensor, " batch"]
    tokens: Int[Tensor, "batch text"]
    durations: Int[Tensor, "batch text"]
    prosody: Float[Tensor, "batch text 3"]
    mask: Bool[Tensor, "batch text"]
    pausing: Bool[Tensor, "batch text"]
    voices: Int[Tensor, " batch"]
    frames: Int[Tensor, "batch frames"]
    mel: Float[Tensor, "batch frames mels"]
    frame_mask: Bool[Tensor, "batch frames"]

    @property
    def lasting(self) -> Bool[Tensor, "batch text"]:
        return self.durations > 0


class Corpus:
    """Folders of features, wholly in memory (a GPU's, if so told); batches are drawn by chance.

    A training set measures its own statistics; a held-out one is given those of the model.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        symbols: Symbols,
        voices: Sequence[str],
        statistics: Statistics | None = None,
    ) -> None:
        self.clips = [clip for folder in folders for clip in read_features(folder)]
        self.mels = torch.from_numpy(np.concatenate([np.load(f / "mels.npy") for f in folders]))
        self.tokens = _table([symbols.encode(clip.symbols) for clip in self.clips])
        self.durations = _table([clip.durations for clip in self.clips])
        self.pausing = _table([[is_pause(s) for s in clip.symbols] for clip in self.clips])
        self.log_pitch = _table([clip.pitch for clip in self.clips])
        self.levels = _table([clip.level for clip in self.clips])
        if unknown := {clip.voice for clip in self.clips} - set(voices):
            known = ", ".join(voices)
            raise ValueError(f"expected voices among {known}, not {', '.join(sorted(unknown))}")
        self.speakers = torch.tensor([voices.index(clip.voice) for clip in self.clips])
        self.lengths = self.durations.sum(dim=1)
        if int(self.lengths.sum()) != len(self.mels):
            raise ValueError(f"mels and clips of {folders[0].parent} differ; prepare them again")
        self.statistics = statistics or measure(self, len(voices))

    def to(self, device: torch.device) -> "Corpus":
        """The same corpus, resident on a device."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        self.statistics = self.statistics.to(device)
        return self

    def batch(self, size: int, crop: int, chance: Generator) -> Batch:
        """Clips drawn in proportion to their length; a crop that would overhang is pushed back in.

        So even the first and last frames of a clip are met half as often as those in its middle.
        """
        device = self.mels.device
        picked = torch.multinomial(self.lengths.float(), size, replacement=True, generator=chance)
        room = (self.lengths[picked] - crop).clamp(min=0)
        places = torch.rand(size, generator=chance, device=device) * (room + crop) - crop / 2
        starts = torch.minimum(places.round().long().clamp(min=0), room)
        within = torch.rand(size, self.tokens.shape[1], generator=chance, device=device)
        return self.assemble(picked, starts, crop, within)

    def assemble(
        self,
        picked: Int[Tensor, " batch"],
        starts: Int[Tensor, " batch"],
        crop: int,
        within: Float[Tensor, "batch longest"],
    ) -> Batch:
        """These clips, `crop` frames of each from its start; `within` dequantises lengths."""
        text = slice(0, int((self.tokens[picked] > 0).sum(dim=1).max()))
        frames = starts[:, None] + torch.arange(crop, device=starts.device)
        frame_mask = real(self.lengths[picked], frames)
        begins = (self.lengths.cumsum(0) - self.lengths)[picked]
        places = (begins[:, None] + frames).clamp(max=len(self.mels) - 1)
        tokens = self.tokens[picked, text]
        return Batch(
            clips=picked,
            tokens=tokens,
            durations=self.durations[picked, text],
            prosody=self._prosody(picked, text, within),
            mask=tokens > 0,
            pausing=self.pausing[picked, text],
            voices=self.speakers[picked],
            frames=frames,
            mel=self.statistics.normal_mel(self.mels[places]) * frame_mask[..., None],
            frame_mask=frame_mask,
        )

    def _prosody(self, picked: Tensor, text: slice, within: Tensor) -> Tensor:
        """Normalised log-length (zero where nothing lasts), pitch and energy."""
        durations = self.durations[picked, text]
        length = (durations + within[:, text] - 0.5).clamp(min=0.5).log()
        raw = torch.stack([length, self.log_pitch[picked, text], self.levels[picked, text]], dim=2)
        state = self.statistics.normal_prosody(raw, self.speakers[picked])
        state[..., LENGTH] *= durations > 0
        return state * (self.tokens[picked, text] > 0)[..., None]


def read_features(folder: Path) -> Iterator[Features]:
    """What `prepare` wrote of each clip, in the order of its mels."""
    path = folder / "clips.jsonl"
    if not path.is_file():
        raise FileNotFoundError(f"expected features in {folder}; run `python -m training prepare`")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from_dict(Features, json.loads(line))


def is_pause(symbol: str) -> bool:
    """Whether a symbol is one that may or may not last: a space or a punctuation mark."""
    return symbol in " " + PUNCTUATION


def _table(rows: Sequence[Sequence[float]]) -> Tensor:
    """Rows of any length as one table, zeros after the end of each."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)

"""FeatureDataset: batches of features, whole sentences at phone rate and crops at frame rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from tts.acoustic.alignment import sequence_mask
from tts.acoustic.prosody import LENGTH
from tts.text.pronounce.conventions import CONVENTIONS, MISAKI
from tts.text.pronounce.symbols import PUNCTUATION, PhonemeTokenizer
from tts.validation import check_types

from .features import ClipFeatures, read_features, read_mels
from .phrases import phrases
from .statistics import Statistics, measure


@dataclass(frozen=True, kw_only=True)
class FeatureBatch:
    """Sentences padded to the longest, with one crop of frames from each.

    Args:
        clips: indices of the clips.
        tokens: symbols; 0 in the padding.
        durations: frames of each symbol; 0 for symbols without a length.
        prosody: normalised log-duration, log-F0 and energy of each symbol.
        mask: true for real symbols.
        may_pause: true for spaces and punctuation marks.
        voices: indices of the voices.
        frames: frame numbers of the crops within their clips.
        mel: normalised mels of the crops; 0 beyond a clip.
        frame_mask: true for frames within a clip.
    """

    clips: Int[Tensor, " batch"]
    tokens: Int[Tensor, "batch text"]
    durations: Int[Tensor, "batch text"]
    prosody: Float[Tensor, "batch text 3"]
    mask: Bool[Tensor, "batch text"]
    may_pause: Bool[Tensor, "batch text"]
    voices: Int[Tensor, " batch"]
    frames: Int[Tensor, "batch frames"]
    mel: Float[Tensor, "batch frames mels"]
    frame_mask: Bool[Tensor, "batch frames"]

    @property
    def has_duration(self) -> Bool[Tensor, "batch text"]:
        return self.durations > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which clips of the features are used.

    Args:
        conventions: phoneme conventions of the clips, of misaki and espeak; any if empty.
        share: share of the clips, above 0 to 1, chosen by a hash of their ids.
        phrases: share of a batch that is phrases, 0 to 1: parts of clips, cut at pauses
            (`tts.training.data.phrases`).

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    conventions: tuple[str, ...] = ()
    share: float = 1.0
    phrases: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        if set(self.conventions) - set(CONVENTIONS):
            known = ", ".join(CONVENTIONS)
            raise ValueError(f"conventions must be some of {known}; got {self.conventions!r}")
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, got {self.share}")
        if not 0 <= self.phrases <= 1:
            raise ValueError(f"phrases must be from 0 to 1, got {self.phrases}")

    def __str__(self) -> str:
        """The selected clips, as a part of a message."""
        whose = f" of {' or '.join(self.conventions)}" if self.conventions else ""
        return f"clips{whose}" + (f", a share of {self.share:g}" if self.share < 1 else "")

    def takes(self, clip: ClipFeatures) -> bool:
        """Whether a clip is selected."""
        known = not self.conventions or clip.convention in self.conventions
        return known and crc32(clip.id.encode()) < self.share * 2**32


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownVoices(Selection):
    """A selection of the clips of some voices only."""

    voices: tuple[str, ...]

    def __str__(self) -> str:
        """The selected clips, as a part of a message."""
        return f"{Selection.__str__(self)} by {', '.join(self.voices)}"

    def takes(self, clip: ClipFeatures) -> bool:
        """Whether a clip is selected."""
        return clip.voice in self.voices and Selection.takes(self, clip)


ALL = Selection()
MISAKI_CLIPS = Selection(conventions=(MISAKI,))


class FeatureDataset:
    """Features in memory, from which random batches are drawn.

    A training set measures its statistics, and adds the voices of its clips to the given ones. A
    validation set has the statistics and the voices of the model.

    Args:
        folders: folders of features of the sets, as `prepare` writes them.
        symbols: tokenizer with the model's inventory.
        voices: names of the voices, in the order of the model's rows.
        statistics: those of the model, for a validation set; measured if None.
        selection: which clips, and which share of phrases.

    Raises:
        FileNotFoundError: a folder has no features.
        ValueError: features are damaged, no clip is selected, or a clip has an unknown voice or
            symbol.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        symbols: PhonemeTokenizer,
        voices: Sequence[str],
        statistics: Statistics | None = None,
        selection: Selection = ALL,
    ) -> None:
        self.clips, self.mels = _read(folders, selection)
        self.clip_count = len(self.clips)  # number of whole clips; phrases come after them
        self.begins, self.weights = self._places(selection.phrases)
        self.tokens = _table([_encode(clip, symbols) for clip in self.clips])
        self.durations = _table([clip.durations for clip in self.clips])
        self.pausing = _table([[is_pause(s) for s in clip.symbols] for clip in self.clips])
        self.log_pitch = _table([clip.pitch for clip in self.clips])
        self.levels = _table([clip.level for clip in self.clips])
        more = sorted({clip.voice for clip in self.clips} - set(voices))
        if more and statistics:
            known = ", ".join(voices)
            raise ValueError(f"unknown voice {more[0]!r}; voices: {known}")
        self.voices = (*voices, *more)
        self.speakers = torch.tensor([self.voices.index(clip.voice) for clip in self.clips])
        self.lengths = self.durations.sum(dim=1)
        self.statistics = statistics or measure(self, len(self.voices))

    def _places(self, share: float) -> tuple[Int[Tensor, " clips"], Float[Tensor, " clips"]]:
        """The first frame of each clip in the mels, and the probability that it is drawn.

        Clips are drawn in proportion to their length. With a share of phrases, phrases are added to
        the clips, and all of them are equally likely.
        """
        lengths = np.array([sum(clip.durations) for clip in self.clips])
        begins, weights = lengths.cumsum() - lengths, (1 - share) * lengths / lengths.sum()
        if share:
            parts = [
                (begin + phrase.offset, phrase.features)
                for index, (clip, begin) in enumerate(zip(self.clips, begins, strict=True))
                for phrase in phrases(clip, np.random.default_rng(index))
            ]
            if not parts:
                raise ValueError(
                    "no clip has a pause to be cut at, so there are no phrases; set phrases=0"
                )
            starts, more = zip(*parts, strict=True)
            self.clips = [*self.clips, *more]
            begins = np.concatenate([begins, starts])
            weights = np.concatenate([weights, np.full(len(more), share / len(more))])
        return torch.from_numpy(begins), torch.from_numpy(weights)

    def to(self, device: torch.device) -> "FeatureDataset":
        """Move the features to a device."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        self.statistics = self.statistics.to(device)
        return self

    def batch(self, size: int, crop: int, generator: Generator) -> FeatureBatch:
        """Draw `size` clips, with a random crop of `crop` frames of each."""
        picked, starts, within = self.draw(size, crop, generator)
        return self.assemble(picked, starts, crop, within)

    def draw(
        self, size: int, crop: int, generator: Generator
    ) -> tuple[Int[Tensor, " batch"], Int[Tensor, " batch"], Float[Tensor, "batch longest"]]:
        """Draw clips, start frames of their crops, and noise to dequantise durations, 0 to 1.

        A crop that would overhang its clip is moved inside, so that even the first and last frames
        are drawn half as often as those in the middle.
        """
        device = self.mels.device
        picked = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        room = (self.lengths[picked] - crop).clamp(min=0)
        places = torch.rand(size, generator=generator, device=device) * (room + crop) - crop / 2
        starts = torch.minimum(places.round().long().clamp(min=0), room)
        within = torch.rand(size, self.tokens.shape[1], generator=generator, device=device)
        return picked, starts, within

    def assemble(
        self,
        picked: Int[Tensor, " batch"],
        starts: Int[Tensor, " batch"],
        crop: int,
        jitter: Float[Tensor, "batch longest"],
    ) -> FeatureBatch:
        """A batch of given clips.

        Args:
            picked: indices of the clips.
            starts: first frame of each crop; frames outside the clip are masked.
            crop: frames of each crop.
            jitter: 0 to 1, added to each duration less 0.5, to dequantise it; 0.5 adds nothing.
        """
        text = slice(0, self._longest(picked))
        frames = starts[:, None] + torch.arange(crop, device=starts.device)
        frame_mask = sequence_mask(self.lengths[picked], frames)
        places = (self.begins[picked, None] + frames).clamp(0, len(self.mels) - 1)
        tokens = self.tokens[picked, text]
        return FeatureBatch(
            clips=picked,
            tokens=tokens,
            durations=self.durations[picked, text],
            prosody=self._prosody(picked, text, jitter),
            mask=tokens > 0,
            may_pause=self.pausing[picked, text],
            voices=self.speakers[picked],
            frames=frames,
            mel=self.statistics.normal_mel(self.mels[places]) * frame_mask[..., None],
            frame_mask=frame_mask,
        )

    def _longest(self, picked: Int[Tensor, " batch"]) -> int:
        """The padded length of texts in symbols.

        On a GPU it is that of the longest of the corpus: reading the longest of a batch waits for
        the GPU, and every new length is compiled.
        """
        if self.tokens.device.type != "cpu":
            return self.tokens.shape[1]
        return int((self.tokens[picked] > 0).sum(dim=1).max())

    def names(self, picked: Int[Tensor, " batch"]) -> list[str]:
        """The ids of clips by their indices."""
        return [self.clips[clip].id for clip in picked.tolist()]

    def _prosody(self, picked: Tensor, text: slice, within: Tensor) -> Tensor:
        """Normalised log-duration (0 for symbols without a length), log-F0 and energy."""
        durations = self.durations[picked, text]
        length = (durations + within[:, text] - 0.5).clamp(min=0.5).log()
        raw = torch.stack([length, self.log_pitch[picked, text], self.levels[picked, text]], dim=2)
        state = self.statistics.normal_prosody(raw, self.speakers[picked])
        state[..., LENGTH] *= durations > 0
        return state * (self.tokens[picked, text] > 0)[..., None]


def _read(
    folders: Sequence[Path], selection: Selection
) -> tuple[list[ClipFeatures], Float[Tensor, "frames mels"]]:
    """The selected clips, and their mels, joined."""
    kept: list[ClipFeatures] = []
    mels: list[Float[np.ndarray, "frames mels"]] = []
    for folder in folders:
        clips, frames = list(read_features(folder)), read_mels(folder)
        lengths = [sum(clip.durations) for clip in clips]
        if sum(lengths) != len(frames):
            raise ValueError(f"mels and clips of {folder} differ; prepare them again")
        wanted = [selection.takes(clip) for clip in clips]
        kept += [clip for clip, want in zip(clips, wanted, strict=True) if want]
        mels.append(frames[np.repeat(wanted, lengths)])
    if not kept:
        places = ", ".join(map(str, folders))
        raise ValueError(f"no {selection} in {places}; name other sets")
    return kept, torch.from_numpy(np.concatenate(mels))


def is_pause(symbol: str) -> bool:
    """Whether a symbol may be a pause: a space or a punctuation mark."""
    return symbol in " " + PUNCTUATION


def _encode(clip: ClipFeatures, symbols: PhonemeTokenizer) -> list[int]:
    try:
        return symbols.encode(clip.symbols)
    except ValueError as error:
        raise ValueError(f"clip {clip.id}: {error}") from error


def _table(rows: Sequence[Sequence[float]]) -> Tensor:
    """Rows of any length as one tensor, padded with zeros."""
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)

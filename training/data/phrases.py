"""Phrases: parts of clips between pauses, as short texts to train on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tts.text.pronounce.symbols import END, PUNCTUATION, START

from .features import ClipFeatures
from .manifest import LEAD, TRAIL

MIN_PAUSE_FRAMES = 4  # of a pause to cut at, 43 ms; chosen by hand
MAX_A_CLIP = 4  # phrases of one clip; chosen by hand


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """A part of a clip as features of its own, with its first frame within the clip."""

    features: ClipFeatures
    offset: int


def phrases(clip: ClipFeatures, generator: np.random.Generator) -> list[Phrase]:
    """Random parts of a clip between two of its pauses, at most `MAX_A_CLIP`, down to single words.

    The pauses at both ends are cut to `LEAD` and `TRAIL` frames, as those of trimmed clips. A
    punctuation mark at the end is kept, with a duration of 0.
    """
    found = list(combinations(_pauses(clip), 2))
    found.remove((0, len(clip.symbols) - 1))
    chosen = sorted(generator.permutation(len(found))[:MAX_A_CLIP])
    return [_cut(clip, *found[index]) for index in chosen]


def _pauses(clip: ClipFeatures) -> Sequence[int]:
    """Indices of symbols at which a clip may be cut: its two ends, and long enough pauses."""
    inner = range(1, len(clip.symbols) - 1)
    pauses = [i for i in inner if clip.symbols[i] in " " + PUNCTUATION]
    return [0, *(i for i in pauses if clip.durations[i] >= MIN_PAUSE_FRAMES), inner.stop]


def _cut(clip: ClipFeatures, first: int, last: int) -> Phrase:
    """The part of a clip from one pause to another, which become its silent ends."""
    rows = list(_rows(clip, first, last))
    symbols, durations, pitch, level = zip(*rows, strict=True)
    before = sum(clip.durations[: first + 1])
    features = replace(
        clip, symbols="".join(symbols), durations=durations, pitch=pitch, level=level
    )
    return Phrase(features=features, offset=before - durations[0])


def _rows(clip: ClipFeatures, first: int, last: int) -> Iterator[tuple[str, int, float, float]]:
    rows = list(zip(clip.symbols, clip.durations, clip.pitch, clip.level, strict=True))
    _, frames, pitch, level = rows[first]
    yield START, min(frames, LEAD), pitch, level
    begin = first + 1 + (rows[first + 1][:2] == (" ", 0))
    yield from rows[begin:last]
    symbol, frames, pitch, level = rows[last]
    if symbol in PUNCTUATION:
        yield symbol, 0, pitch, level
    yield END, min(frames, TRAIL), pitch, level

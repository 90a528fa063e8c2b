"""A track: parts in order, with the silence between them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tts.captions.formats import TimedText

from .audio.encode import ChapterMark
from .audio.loudness import AudioBlock
from .parts import PART_SAMPLE_RATE, add_times, sound_of
from .rows import Row

LONGEST_SILENCE = 10 * PART_SAMPLE_RATE  # samples of one block of silence, to bound the memory


@dataclass(frozen=True, slots=True)
class TrackSegment:
    """An item in a track: its manifest row and the sample at which it starts."""

    row: Row
    start: int

    @property
    def end(self) -> int:
        return self.start + self.row["samples"]

    @property
    def late(self) -> float:
        """Seconds by which it starts after its subtitle cue; 0 without a cue."""
        slot = self.row["slot"]
        return round(max(0.0, self.start / PART_SAMPLE_RATE - slot[0]), 3) if slot else 0.0


@dataclass(frozen=True)
class Track:
    """Parts of a folder in order, without overlap."""

    places: Sequence[TrackSegment]
    folder: Path

    @classmethod
    def of(cls, rows: Iterable[Row], folder: Path) -> "Track":
        """Lay out rows one after another.

        An item starts after the pause of the item before it; one with a subtitle cue starts when
        the cue does, or when the item before it ends, if that is later. Failed items are left out.
        """
        places: list[TrackSegment] = []
        end = pause = 0
        for row in rows:
            if "error" in row:
                continue
            start = (
                max(end, round(row["slot"][0] * PART_SAMPLE_RATE)) if row["slot"] else end + pause
            )
            places.append(TrackSegment(row, start))
            end, pause = places[-1].end, round(row["pause"] * PART_SAMPLE_RATE)
        return cls(places, folder)

    @property
    def seconds(self) -> float:
        return self.places[-1].end / PART_SAMPLE_RATE if self.places else 0.0

    @property
    def late(self) -> dict[str, float]:
        """Seconds of delay by item id, for the items that start after their cue."""
        return {place.row["id"]: place.late for place in self.places if place.late}

    def sound(self) -> Iterator[AudioBlock]:
        """The samples of the track in blocks: a part, or at most 10 s of silence."""
        end = 0
        for place in self.places:
            for start in range(end, place.start, LONGEST_SILENCE):
                yield np.zeros(min(LONGEST_SILENCE, place.start - start), np.float32)
            yield sound_of(place.row, self.folder)
            end = place.end

    def times(self) -> TimedText:
        """The times of all words and phones, with the texts of all items joined."""
        times = TimedText("")
        for place in self.places:
            add_times(times, place.row, self.folder, place.start / PART_SAMPLE_RATE)
        return times

    def marks(self, titles: Sequence[str]) -> tuple[ChapterMark, ...]:
        """Chapter marks, each up to the start of the next; none if there is one chapter only."""
        starts: dict[int, int] = {}
        for place in self.places:
            starts.setdefault(place.row["chapter"], place.start)
        if len(starts) < 2:
            return ()
        seconds = [
            0.0,
            *(start / PART_SAMPLE_RATE for start in list(starts.values())[1:]),
            self.seconds,
        ]
        return tuple(
            ChapterMark(titles[number - 1] or f"Chapter {number}", start, end)
            for number, (start, end) in zip(starts, pairwise(seconds), strict=True)
        )

"""What comes out of a call: Speech, with the times of its phones and words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from tts.audio import write_audio
from tts.delivery import Delivery as Delivery
from tts.deprecation import renamed_fields, renamed_members
from tts.text.normalise.spans import Span


@dataclass(frozen=True, slots=True)
class Phone:
    """A symbol that lasts, or a pause, from `start` to `end` in seconds of the whole speech."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A spoken word, the span of the original text it stands for, and its time in seconds."""

    text: str
    span: Span
    start: float
    end: float


Timed = TypeVar("Timed", Phone, TimedWord)


@renamed_members(later="shifted")
@renamed_fields(line="utterance")
@dataclass(frozen=True, kw_only=True)
class Speech:
    """Sound and what is known of it; a piece of a stream is one too, of the line so numbered."""

    audio: Float[np.ndarray, " samples"]
    sample_rate: int
    phones: tuple[Phone, ...]
    words: tuple[TimedWord, ...] = ()
    delivery: Delivery
    utterance: int = 0

    @property
    def seconds(self) -> float:
        return len(self.audio) / self.sample_rate

    @property
    def seed(self) -> int:
        return self.delivery.seed

    @property
    def steps(self) -> int:
        return self.delivery.steps

    def save(self, path: Path | str) -> None:
        """Write a file of sound in the format of its ending, one of those of `tts.audio`."""
        write_audio(Path(path), self.audio, self.sample_rate)

    def shifted(self, seconds: float) -> "Speech":
        """The same, so long after the start of a whole speech."""
        phones, words = _later(self.phones, seconds), _later(self.words, seconds)
        return replace(self, phones=phones, words=words)

    @classmethod
    def join(cls, pieces: Iterable["Speech"]) -> "Speech":
        """One speech from its pieces in order."""
        pieces = list(pieces)
        return cls(
            audio=np.concatenate([piece.audio for piece in pieces]),
            sample_rate=pieces[0].sample_rate,
            phones=tuple(phone for piece in pieces for phone in piece.phones),
            words=tuple(word for piece in pieces for word in piece.words),
            delivery=pieces[0].delivery,
            utterance=pieces[0].utterance,
        )


def _later(timed: tuple[Timed, ...], seconds: float) -> tuple[Timed, ...]:
    return tuple(replace(one, start=one.start + seconds, end=one.end + seconds) for one in timed)

"""What goes into a call and what comes out: Delivery and Speech."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from tts.audio import write
from tts.text.lexicon import Lexicon
from tts.text.normalise import AMERICAN
from tts.text.reading import Reading
from tts.text.spoken import Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How to speak: what may change from one call to the next.

    `pace` 2 is twice as fast. The temperatures are the deviation of the noise of each flow map:
    1 is the model's own spread, 0 its middle way. The reading says how dates, links and emoji
    are read, and the lexicon how words are pronounced.
    """

    voice: str = "heart"
    steps: int = 1
    seed: int = 0
    pace: float = 1.0
    temperature: float = 0.6
    prosody_temperature: float = 0.3
    reading: Reading = AMERICAN
    lexicon: Lexicon | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 256:
            raise ValueError(f"steps must lie between 1 and 256, not {self.steps}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed must lie between 0 and 2**63 - 1, not {self.seed}")
        if not 0.25 <= self.pace <= 4:
            raise ValueError(f"pace must lie between 0.25 and 4, not {self.pace}")
        for name in ("temperature", "prosody_temperature"):
            if not 0 <= getattr(self, name) <= 2:
                raise ValueError(f"{name} must lie between 0 and 2, not {getattr(self, name)}")


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


@dataclass(frozen=True, kw_only=True)
class Speech:
    """Sound and what is known of it; a piece of a stream is one too."""

    audio: Float[np.ndarray, " samples"]
    sample_rate: int
    phones: tuple[Phone, ...]
    words: tuple[TimedWord, ...] = ()
    delivery: Delivery

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
        """Write a wav, flac, ogg or mp3 file, by its ending."""
        write(Path(path), self.audio, self.sample_rate)

    def later(self, seconds: float) -> "Speech":
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
        )


def _later(timed: tuple[Timed, ...], seconds: float) -> tuple[Timed, ...]:
    return tuple(replace(one, start=one.start + seconds, end=one.end + seconds) for one in timed)

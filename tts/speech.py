"""What goes into a call and what comes out: Delivery and Speech."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from tts.audio import write_audio
from tts.deprecation import renamed_members
from tts.error_messages import short_repr
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.normalise.spans import Span
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon
from tts.text.sentences import BREATH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS
from tts.validation import check_ranges, check_types

# What each of these may be.
DELIVERY_RANGES = {
    "steps": (1, 256),
    "pace": (0.25, 4),
    "pitch": (-12, 12),
    "energy": (-20, 20),
    "pauses": (0.25, 4),
    "sentence_pause": (0, 10),
    "temperature": (0, 2),
    "prosody_temperature": (0, 2),
}


@renamed_members(silence="pause_seconds")
@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How to speak: what may change from one call to the next.

    The voice is a name, or a blend such as `heart(2)+michael(1)`. `pace` 2 is twice as fast; pitch
    is in semitones and energy in decibels, and usual pauses last `pauses` times as long; or else
    sentences are `sentence_pause` seconds apart, and paragraphs by as much more as they are. The
    temperatures are the deviation of the noise of each flow map: 1 is the model's own spread, 0
    its middle way. Lines in `other_seeds`, by their number, have a seed of their own. The reading
    says how dates, links and emoji are read, and the lexicon how words are pronounced.
    """

    voice: str = "heart"
    steps: int = 1
    seed: int = 0
    pace: float = 1.0
    pitch: float = 0.0
    energy: float = 0.0
    pauses: float = 1.0
    sentence_pause: float | None = None
    temperature: float = 0.6
    prosody_temperature: float = 0.3
    other_seeds: tuple[tuple[int, int], ...] = ()
    reading: TextOptions = DEFAULT_TEXT_OPTIONS
    lexicon: Lexicon | None = None

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, DELIVERY_RANGES)
        for seed in (self.seed, *(seed for _, seed in self.other_seeds)):
            if not 0 <= seed < 2**63:
                raise ValueError(f"seed must lie between 0 and 2**63 - 1, not {short_repr(seed)}")

    def pause_seconds(self, usual: float) -> float:
        """Seconds of silence where there usually are so many."""
        if self.sentence_pause is None or usual <= BREATH_PAUSE_SECONDS:
            return usual * self.pauses
        return max(0.0, usual - SENTENCE_PAUSE_SECONDS + self.sentence_pause)

    def seed_of(self, line: int) -> int:
        """The seed that a line has, by its number."""
        return dict(self.other_seeds).get(line, self.seed)


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


@renamed_members(later="shifted", line="utterance")
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
        """Write a wav, flac, ogg or mp3 file, by its ending."""
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

"""A take: speech kept by sentence, so that one can be replaced by another attempt."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

from tts.captions.formats import TimedText
from tts.delivery import Delivery
from tts.speech import Speech


@dataclass(frozen=True, kw_only=True)
class Take:
    """The speech of a text by sentence (`lines`), each with times from its own start."""

    text: str
    delivery: Delivery
    lines: tuple[Speech, ...]

    @classmethod
    def of(cls, text: str, delivery: Delivery, pieces: Iterable[Speech]) -> "Take":
        """A take of the pieces of a stream."""
        return reduce(cls.with_piece, pieces, cls(text=text, delivery=delivery, lines=()))

    def with_piece(self, piece: Speech) -> "Take":
        """The take with one more piece."""
        begun = tuple(line for line in self.lines if line.utterance != piece.utterance)
        own = piece.shifted(-sum(line.seconds for line in begun))
        line = Speech.join([*self.lines[len(begun) :], own])
        return replace(self, lines=(*begun, line))

    def another(self, line: int) -> Delivery:
        """The delivery with the next seed for one sentence."""
        seeds = dict(self.delivery.other_seeds) | {line: self.delivery.seed_of(line) + 1}
        return replace(self.delivery, other_seeds=tuple(sorted(seeds.items())))

    def with_line(self, delivery: Delivery, made: Speech) -> "Take":
        """The take with one sentence replaced."""
        lines = tuple(made if line.utterance == made.utterance else line for line in self.lines)
        return replace(self, delivery=delivery, lines=lines)

    @property
    def seconds(self) -> float:
        """Length of the audio in seconds."""
        return sum(line.seconds for line in self.lines)

    def timed(self) -> Iterator[Speech]:
        """The sentences with times in the whole take."""
        begun = 0.0
        for line in self.lines:
            yield line.shifted(begun)
            begun += line.seconds

    def speech(self) -> Speech:
        """The whole take."""
        return Speech.join(self.timed())

    def times(self) -> TimedText:
        """The times of all words, for captions."""
        times = TimedText(self.text)
        for line in self.timed():
            times.add(line)
        return times

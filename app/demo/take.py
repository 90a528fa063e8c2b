"""A take: what was spoken, line by line, so that one line can be made anew and the rest kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

from tts.captions.formats import TimedText
from tts.delivery import Delivery
from tts.speech import Speech


@dataclass(frozen=True, kw_only=True)
class Take:
    """A text as it was delivered: lines of speech, each timed from its own start."""

    text: str
    delivery: Delivery
    lines: tuple[Speech, ...]

    @classmethod
    def of(cls, text: str, delivery: Delivery, pieces: Iterable[Speech]) -> "Take":
        """The lines that the pieces of a stream are of."""
        return reduce(cls.with_piece, pieces, cls(text=text, delivery=delivery, lines=()))

    def with_piece(self, piece: Speech) -> "Take":
        """The same take, with the piece that came next."""
        begun = tuple(line for line in self.lines if line.utterance != piece.utterance)
        own = piece.shifted(-sum(line.seconds for line in begun))
        line = Speech.join([*self.lines[len(begun) :], own])
        return replace(self, lines=(*begun, line))

    def another(self, line: int) -> Delivery:
        """The same delivery, but with the next seed for one line."""
        seeds = dict(self.delivery.other_seeds) | {line: self.delivery.seed_of(line) + 1}
        return replace(self.delivery, other_seeds=tuple(sorted(seeds.items())))

    def with_line(self, delivery: Delivery, made: Speech) -> "Take":
        """The same take, but for one line."""
        lines = tuple(made if line.utterance == made.utterance else line for line in self.lines)
        return replace(self, delivery=delivery, lines=lines)

    def timed(self) -> Iterator[Speech]:
        """Lines with the times that they have in the whole."""
        begun = 0.0
        for line in self.lines:
            yield line.shifted(begun)
            begun += line.seconds

    def speech(self) -> Speech:
        """All of it."""
        return Speech.join(self.timed())

    def times(self) -> TimedText:
        """When which word of the text is heard."""
        times = TimedText(self.text)
        for line in self.timed():
            times.add(line)
        return times

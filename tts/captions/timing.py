"""Times of the symbols and words of an utterance, from the durations of its symbols."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tts.speech import Phone, TimedWord
from tts.text.frontend import Utterance
from tts.text.pronounce.symbols import END, START


@dataclass(frozen=True)
class Alignment:
    """The times of an utterance, from its start.

    Args:
        line: the utterance.
        durations: frames of each symbol, with those that mark start and end.
        frame: seconds of a frame.
    """

    line: Utterance
    durations: Sequence[int]
    frame: float

    def phones(self, start: int, stop: int) -> tuple[Phone, ...]:
        """The symbols that begin within frames `start` to `stop`, without those of no length."""
        spans = zip(START + self.line.phonemes + END, pairwise(self._begins()), strict=True)
        return tuple(
            Phone(symbol, begin * self.frame, end * self.frame)
            for symbol, (begin, end) in spans
            if begin < end and start <= begin < stop and symbol not in START + END
        )

    def words(self, start: int, stop: int) -> tuple[TimedWord, ...]:
        """The words that begin within frames `start` to `stop`; a word lasts as its symbols do."""
        begins = self._begins()[len(START) :]
        return tuple(
            TimedWord(
                word.text,
                word.span,
                begins[word.start] * self.frame,
                begins[word.stop] * self.frame,
            )
            for word in self.line.words
            if start <= begins[word.start] < stop
        )

    def _begins(self) -> list[int]:
        """The frame at which each symbol begins, and the one at which the last symbol ends."""
        return list(accumulate(self.durations, initial=0))

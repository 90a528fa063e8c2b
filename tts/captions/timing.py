"""When each symbol and each word of a line is heard, from how long the symbols last."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tts.speech import Phone, TimedWord
from tts.text.frontend import Utterance
from tts.text.pronounce.symbols import END, START


@dataclass(frozen=True)
class Alignment:
    """The times of a line from its start: its symbols last so many frames of so many seconds."""

    line: Utterance
    durations: Sequence[int]
    frame: float

    def phones(self, start: int, stop: int) -> tuple[Phone, ...]:
        """The symbols that last and begin in a stretch of frames."""
        spans = zip(START + self.line.phonemes + END, pairwise(self._begins()), strict=True)
        return tuple(
            Phone(symbol, begin * self.frame, end * self.frame)
            for symbol, (begin, end) in spans
            if begin < end and start <= begin < stop and symbol not in START + END
        )

    def words(self, start: int, stop: int) -> tuple[TimedWord, ...]:
        """The words that begin in a stretch of frames, each as long as the symbols of its own."""
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
        """The frame at which each symbol begins, and that at which the last one ends."""
        return list(accumulate(self.durations, initial=0))

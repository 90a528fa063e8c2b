"""Pieces of speech as they come, and how long that takes."""

from dataclasses import dataclass, field
from time import monotonic

from tts.speech import Speech

from .html import word_times


@dataclass
class StreamProgress:
    """Pieces that came, and after how many seconds the first and the last of them did.

    Of speech, `most` seconds may come.
    """

    most: float
    begun: float = field(default_factory=monotonic)
    first: float = 0.0
    last: float = 0.0
    seconds: float = 0.0
    pieces: list[Speech] = field(default_factory=list)
    times: str = ""

    def add(self, piece: Speech) -> None:
        """The piece that has just come."""
        self.last = monotonic() - self.begun
        self.first = self.first or self.last
        self.seconds += piece.seconds
        self.pieces.append(piece)
        self.times += word_times([piece])

    @property
    def over(self) -> bool:
        """Whether no more may come."""
        return self.seconds > self.most

    def stats_html(self, what: str) -> str:
        """What a visitor may want to know of it, as HTML."""
        factor = self.last / max(self.seconds, 0.01)
        cut = f" It ends here: {self.most:g} s at once are the most." if self.over else ""
        return (
            f"<p class='told'>{what} <b>{self.seconds:.1f} s</b> of speech, the first of it made "
            f"in <b>{self.first * 1000:.0f} ms</b>, all in <b>{self.last:.2f} s</b>: "
            f"real-time factor <b>{factor:.3f}</b>.{cut}</p>"
        )

"""Collect the pieces of a stream and measure its latency and speed."""

from dataclasses import dataclass, field
from html import escape
from time import monotonic

from tts.best_of.choice import Choice
from tts.speech import Speech

from .html import choices_html, word_times


@dataclass
class StreamProgress:
    """The pieces of a stream so far, with times in seconds.

    Args:
        most: longest audio.
        begun: when it was asked for (`time.monotonic`).
        first: until the first piece.
        last: until the latest piece.
        seconds: length of the audio so far.
        pieces: the pieces.
        times: the times of the words, as `word_times` writes them.
        warnings: on what the voices cannot read of the text.
    """

    most: float
    begun: float = field(default_factory=monotonic)
    first: float = 0.0
    last: float = 0.0
    seconds: float = 0.0
    pieces: list[Speech] = field(default_factory=list)
    times: str = ""
    warnings: tuple[str, ...] = ()

    def add(self, piece: Speech) -> None:
        """Add a piece that has just arrived."""
        self.last = monotonic() - self.begun
        self.first = self.first or self.last
        self.seconds += piece.seconds
        self.pieces.append(piece)
        self.times += word_times([piece])

    @property
    def choices(self) -> list[Choice]:
        """Which candidates were kept, in the order of the sentences."""
        return [choice for piece in self.pieces for choice in piece.choices]

    @property
    def over(self) -> bool:
        """Whether the audio is longer than the limit."""
        return self.seconds > self.most

    def stats_html(self, what: str) -> str:
        """Latency and speed as HTML, after a few words of introduction; warnings and choices."""
        factor = self.last / max(self.seconds, 0.01)
        cut = f" Stopped at the limit of {self.most:g} s." if self.over else ""
        warned = "".join(
            f"<p class='told warning'>{escape(one[:1].upper() + one[1:], quote=False)}.</p>"
            for one in self.warnings
        )
        return (
            f"<p class='told'>{what} <b>{self.seconds:.1f} s</b> of speech in "
            f"<b>{self.last:.2f} s</b>. First audio after <b>{self.first * 1000:.0f} ms</b>, "
            f"real-time factor <b>{factor:.3f}</b>.{cut}</p>{warned}{choices_html(self.choices)}"
        )

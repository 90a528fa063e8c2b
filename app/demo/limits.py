"""Limits of the web page."""

from dataclasses import dataclass, fields

from tts.validation import check_types

BYTES_A_CHARACTER = 12  # at most: JSON escapes a character beyond 16 bits as two of \uXXXX


@dataclass(frozen=True, kw_only=True)
class DemoLimits:
    """Limits of the page; chosen by hand, for a page that a few people share.

    Args:
        characters: longest text.
        seconds: longest audio of a request.
        steps: most steps of a request, counted over all candidates of a sentence.
        best_of: most candidates of a sentence.
        body: largest body of a request without a file, in bytes.
        file_bytes: largest uploaded file, in bytes.
        text_bytes: the same of a file without pictures; the longest novels have 3 MB.
        visitors: visitors whose chapters of a book are kept in memory.
        waiting: requests that may wait in Gradio's queue.
        arrival: seconds within which a request arrives, uploads included.
        sending: seconds in which a client takes a piece of speech.
        kept: seconds of audio of all takes that are kept in memory, 96 kB each.
        connections: most connections at once.

    Raises:
        ValueError: one is below 1.
    """

    characters: int = 8_000
    seconds: float = 600.0
    steps: int = 32
    best_of: int = 8
    body: int = 2**20
    file_bytes: int = 20_000_000
    text_bytes: int = 4_000_000
    visitors: int = 16
    waiting: int = 32
    arrival: float = 300.0
    sending: float = 120.0
    kept: float = 3600.0
    connections: int = 200

    def __post_init__(self) -> None:
        check_types(self)
        for name in (each.name for each in fields(self)):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")

    @property
    def largest_body(self) -> int:
        """Bytes of a request without a file: any text that is short enough fits."""
        return max(self.body, BYTES_A_CHARACTER * self.characters)

    @property
    def largest_upload(self) -> int:
        """Bytes of a request with a file."""
        return self.file_bytes + self.largest_body

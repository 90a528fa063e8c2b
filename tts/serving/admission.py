"""Who is let in by an engine: how busy it is, and the errors by which it lets nobody in."""

from dataclasses import dataclass


class QueueFull(Exception):
    """As many wait as may; in `retry_after` seconds there may be room."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"expected room for one more, found none; ask in {retry_after:.0f} s")
        self.retry_after = retry_after


class EngineClosed(Exception):
    """The engine speaks no more."""

    def __init__(self) -> None:
        super().__init__("expected an engine at work, and it was closed")


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineStats:
    """Who is served and who waits, and what was done since the engine began.

    Of the replies, `invalid` ones were to texts that cannot be read, and `refused` ones found no
    place. `busy_seconds` are those of making sound, not of reading.
    """

    running: int
    waiting: int
    finished: int = 0
    cancelled: int = 0
    failed: int = 0
    invalid: int = 0
    refused: int = 0
    tasks: int = 0
    batches: int = 0
    spoken_seconds: float = 0.0
    busy_seconds: float = 0.0

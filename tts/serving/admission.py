"""The state of an engine, and the errors by which it refuses a stream."""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_RETRY_AFTER_SECONDS = 30.0  # chosen by hand


class QueueFull(Exception):
    """An engine refused a stream, because its queue is full.

    Args:
        retry_after: seconds after which there may be room, from the rate at which streams ended.

    Example:
        >>> str(QueueFull(2.0))
        'the queue is full; try again in 2 s'
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"the queue is full; try again in {retry_after:.0f} s")
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type["QueueFull"], tuple[float]]:
        return type(self), (self.retry_after,)


class EngineClosed(Exception):
    """An engine refused or ended a stream, because it was closed."""

    def __init__(self) -> None:
        super().__init__("the engine is closed")


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineStats:
    """What an engine does, and what it has done since it was made.

    Args:
        running: streams that are being made.
        waiting: streams in the queue.
        finished: streams made to their end.
        cancelled: streams closed before their end.
        failed: streams that ended with an error.
        invalid: streams whose text could not be read.
        refused: streams refused by `QueueFull`.
        tasks: chunks of sound rendered.
        batches: calls of the models that rendered them.
        spoken_seconds: seconds of sound made.
        busy_seconds: seconds of wall-clock time spent rendering, summed over the workers.
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


def seconds_between(ends: Sequence[float]) -> float:
    """Mean seconds between the ends of streams, from 1 to MAX_RETRY_AFTER_SECONDS."""
    if len(ends) < 2:
        return 1.0
    usual = (ends[-1] - ends[0]) / (len(ends) - 1)
    return min(MAX_RETRY_AFTER_SECONDS, max(1.0, usual))

"""Why speech could not be made, as a kind and a sentence for whoever asked for it."""

from dataclasses import dataclass
from enum import Enum, auto

from tts.serving.engine import EngineClosed, QueueFull

UNEXPECTED_FAILURE = "expected to speak, and failed; ask again, or tell whoever runs this"


class FailureKind(Enum):
    """What kind of failure it is; each protocol has a code of its own for each kind."""

    INVALID_REQUEST = auto()
    BUSY = auto()
    CLOSED = auto()
    UNEXPECTED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A failure as it is told: its kind, and a sentence."""

    kind: FailureKind
    message: str


def describe_failure(error: Exception) -> Failure:
    """The kind of an error and its sentence; an unexpected one does not show its own text."""
    if isinstance(error, QueueFull):
        return Failure(kind=FailureKind.BUSY, message=str(error))
    if isinstance(error, EngineClosed):
        return Failure(kind=FailureKind.CLOSED, message=str(error))
    if isinstance(error, ValueError):
        return Failure(kind=FailureKind.INVALID_REQUEST, message=str(error))
    return Failure(kind=FailureKind.UNEXPECTED, message=UNEXPECTED_FAILURE)

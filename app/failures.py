"""Failures of speech requests: their kind and the message that a client gets."""

import logging
from dataclasses import dataclass
from enum import Enum, auto

from tts.error_messages import quoted
from tts.learned_voices import VoiceFileError
from tts.serving.engine import EngineClosed, QueueFull

log = logging.getLogger(__name__)
UNEXPECTED_FAILURE = "internal error; try again, or see the log of the server"


class FailureKind(Enum):
    """Kinds of failures; each protocol maps them to its own codes."""

    INVALID_REQUEST = auto()
    BUSY = auto()
    CLOSED = auto()
    VOICE_UNAVAILABLE = auto()
    UNEXPECTED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A failure as a client sees it: its kind and its message."""

    kind: FailureKind
    message: str


def describe_failure(error: Exception) -> Failure:
    """The failure of an exception. Unexpected ones get a general message, and leak no details.

    Why a voice is unavailable is logged, since the reason has the path of its file.
    """
    if isinstance(error, QueueFull):
        return Failure(kind=FailureKind.BUSY, message=str(error))
    if isinstance(error, EngineClosed):
        return Failure(kind=FailureKind.CLOSED, message=str(error))
    if isinstance(error, VoiceFileError):
        log.warning("the voice %s cannot be used: %s", quoted(error.name), error)
        message = (
            f"the file of the voice {quoted(error.name)} is missing or was changed after the "
            "server started; choose another voice"
        )
        return Failure(kind=FailureKind.VOICE_UNAVAILABLE, message=message)
    if isinstance(error, ValueError):
        return Failure(kind=FailureKind.INVALID_REQUEST, message=str(error))
    return Failure(kind=FailureKind.UNEXPECTED, message=UNEXPECTED_FAILURE)

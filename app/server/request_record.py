"""What is known of an HTTP request once it is answered, for metrics and for the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY = "tts.record"  # of the scope of a request
LEFT = 499  # nginx's status for a client that disconnected before the response


@dataclass
class RequestRecord:
    """A request and its response. Times are in seconds since it came.

    Args:
        method: of HTTP.
        path: as it was asked for.
        client: address of the client, if it is known.
        route: the path of the route, with names for its parts; None for an unknown one.
        status: of the response.
        first_byte: when the body began; None if there is none.
        seconds: when the response ended.
        voice: that was asked for, a voice or a blend; None if nothing was to be spoken.
        characters: of the text.
        sound_seconds: length of the sound that was made so far.
        first_sound: when the first piece of it was made.
    """

    method: str
    path: str
    client: str | None = None
    route: str | None = None
    status: int = LEFT
    first_byte: float | None = None
    seconds: float = 0.0
    voice: str | None = None
    characters: int | None = None
    sound_seconds: float = 0.0
    first_sound: float | None = None
    _begun: float = field(default_factory=perf_counter)

    @property
    def age(self) -> float:
        """Seconds since the request came."""
        return perf_counter() - self._begun

    def add_sound(self, seconds: float) -> None:
        """Note that a piece of sound was made."""
        if self.first_sound is None:
            self.first_sound = self.age
        self.sound_seconds += seconds


def record_of(scope: Scope) -> RequestRecord:
    """The record of a request; one that nobody reads, where there is no middleware."""
    record: RequestRecord = scope.get(KEY) or RequestRecord(scope["method"], scope["path"])
    return record


class RecordMiddleware:
    """Keeps a record of every HTTP request.

    Args:
        app: the application.
        observers: called with each record, once the response has ended.
    """

    def __init__(self, app: ASGIApp, observers: Sequence[Callable[[RequestRecord], Any]]) -> None:
        self._app, self._observers = app, observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        client = scope.get("client")
        record = RequestRecord(scope["method"], scope["path"], client[0] if client else None)
        scope[KEY] = record

        async def watched(message: Message) -> None:
            record.status = message.get("status", record.status)
            if message.get("body") and record.first_byte is None:
                record.first_byte = record.age
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            record.status = 500 if record.status == LEFT else record.status
            raise
        finally:
            record.route = getattr(scope.get("route"), "path", None)
            record.seconds = record.age
            for observe in self._observers:
                observe(record)

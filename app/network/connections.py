"""HTTP connections with limits on their number and on the time for a request to arrive.

uvicorn has no timeout for a slow request, and its `limit_concurrency` would answer 503 to everybody
while idle connections take all places. Here a request must arrive in time, and the connection that
is idle the longest is closed for a new one. At most half of the connections may be endless, such as
WebSockets, so that there is always room for a short request.
"""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import h11
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..server.errors import error_body
from ..server.settings import ServerSettings
from .body_chunks import PIECES, SMALL, CountedConnection
from .shutdown import run_until_signal

# paths of Gradio whose responses are endless
LASTING = re.compile(r"/gradio_api/(heartbeat|upload_progress|queue/data|call)(/|$)")
SHUTDOWN = 5  # seconds for running responses when the server ends; chosen by hand


def limited(arrival: float, connections: int) -> type[asyncio.Protocol]:
    """A protocol class for uvicorn with limits.

    Args:
        arrival: seconds within which a whole request must arrive.
        connections: connections at once, at most. Endless responses of Gradio and WebSockets
            together may take half of them.
    """
    values = {"arrival": arrival, "most": connections}
    return type("LimitedConnection", (Connection,), values)


class Connection(H11Protocol):
    """uvicorn's HTTP connection with a deadline for requests."""

    arrival: ClassVar[float]
    most: ClassVar[int]
    conn: CountedConnection

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = CountedConnection(h11.SERVER)
        self._application, self.app = self.app, self._admit
        self._answered: object = None  # the last cycle of request and response that has ended
        self._upgraded = False
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether no complete request has arrived since the last response."""
        return self.cycle is self._answered or self.cycle.more_body

    @property
    def lasts(self) -> bool:
        """Whether the response in progress is endless."""
        if self.cycle is self._answered:
            return False
        return bool(LASTING.search(self.cycle.scope["path"]))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def on_response_complete(self) -> None:
        self._answered = self.cycle
        super().on_response_complete()
        self._wait()

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()  # the response has begun
        elif self.conn.flooded:
            why = f"a body may have at most {PIECES} chunks of fewer than {SMALL} bytes"
            self._refuse(413, why)
        else:
            super().send_400_response(msg)

    def handle_websocket_upgrade(self, event: Any) -> None:
        if self._others_last() >= self._places:
            self._refuse(503, self._no_place)
            return
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    async def _admit(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the application, or answer 503 if too many connections are endless."""
        if self.lasts and self._others_last() >= self._places:
            body = error_body(self._no_place, 503)
            await Response(body, 503, media_type="application/json")(scope, receive, send)
        else:
            try:
                await self._application(scope, receive, send)
            except asyncio.CancelledError:
                # the server stops, and a client that does not read has blocked its response
                self.transport.abort()
                await asyncio.sleep(0)  # until the connection is lost

    @property
    def _places(self) -> int:
        return max(1, self.most // 2)

    @property
    def _no_place(self) -> str:
        return (
            f"at most {self._places} WebSockets and other endless connections are possible at "
            "once; close one, or try again later"
        )

    def _others_last(self) -> int:
        """The number of other connections that are endless."""
        others = [one for one in self.connections if one is not self]
        return sum(not isinstance(one, Connection) or one.lasts for one in others)

    def _make_room(self) -> None:
        """Close the connection that is idle the longest, or this one if none is idle."""
        others = [
            one
            for one in self.connections
            if isinstance(one, Connection) and one is not self and one.waits
            # a closing connection makes room already
            if not one.transport.is_closing()
        ]
        if others:
            min(others, key=lambda one: one._since).transport.close()
        else:
            why = f"at most {self.most} connections are possible at once; try again later"
            self._refuse(503, why)

    def _wait(self) -> None:
        self._since = self.loop.time()
        self._rearm()

    def _rearm(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.arrival, self._late)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if self.transport.is_closing():
            self.transport.abort()  # the client does not read the rest of the response
            return
        if self.waits and not self._upgraded:
            self._end()
        self._rearm()

    def _end(self) -> None:
        """Close the connection; answer 408 if part of a request has arrived."""
        begun = self.cycle is not self._answered
        if begun and self.cycle.response_started:
            self.transport.abort()
        elif begun or self.conn.trailing_data[0]:
            why = f"the request must arrive within {self.arrival:g} s"
            self._refuse(408, why)
        else:
            self.transport.close()

    def _refuse(self, status: int, why: str) -> None:
        body = error_body(why, status)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's server, which calls a function once it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def serve_http(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    settings: ServerSettings,
    *,
    ready: Callable[[], object],
    break_off: Callable[[], object],
) -> None:
    """Serve an application until SIGINT or SIGTERM.

    What uvicorn logs goes where the process has its log; requests are not among it.

    Args:
        app: the application.
        sockets: sockets that listen already.
        settings: the limits of requests and connections.
        ready: called once connections are accepted.
        break_off: called if responses continue for too long after the signal.
    """
    from .websocket_frames import CountedWebSocket  # imports `websockets`, which the demo lacks

    config = uvicorn.Config(
        app,
        http=limited(settings.request_timeout_seconds, settings.connections),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN,
        ws=CountedWebSocket,
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,  # it does not make audio smaller
    )
    server = Server(config, ready)

    def stop() -> None:
        server.should_exit = True

    run_until_signal(lambda: server.run(list(sockets)), stop, break_off)

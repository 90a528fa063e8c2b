"""A limit on the number of small WebSocket frames, since each costs time to parse.

uvicorn has no such limit. This is apart from `body_chunks`, since the demo runs without the package
`websockets`.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from .body_chunks import SMALL

# Chosen by hand: far above what browsers send, and too few to keep the server busy.
MAX_SMALL_FRAMES = 1_000  # pings, pongs and small continuations in a window, at most
WINDOW_SECONDS = 10.0
STRETCH = 4096  # bytes parsed before frames are counted


class CountedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket with a limited number of pings, pongs and small continuations."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._small, self._since = 0, self.loop.time()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), STRETCH):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + STRETCH])

    def handle_ping(self) -> None:
        if self._counted():
            super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        if self._counted():
            super().handle_pong(event)

    def handle_cont(self, event: Any) -> None:
        if len(event.data) >= SMALL or self._counted():
            super().handle_cont(event)

    def _counted(self) -> bool:
        """Count a frame; if there are too many, close the connection and return False."""
        if self.transport.is_closing():
            return False
        now = self.loop.time()
        if now - self._since > WINDOW_SECONDS:
            self._small, self._since = 0, now
        self._small += 1
        if self._small <= MAX_SMALL_FRAMES:
            return True
        self.conn.fail(
            CloseCode.POLICY_VIOLATION,
            f"at most {MAX_SMALL_FRAMES} small frames are allowed in {WINDOW_SECONDS:g} s",
        )
        if self.conn.close_sent:
            self.handle_parser_exception()
        else:
            self.transport.abort()
        return False

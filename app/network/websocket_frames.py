"""WebSockets with very many small frames, which take long to read.

uvicorn does not limit their number. This is not in `tts.app.network.body_chunks`, since the demo
needs no `websockets`.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from .body_chunks import SMALL

MAX_SMALL_FRAMES = 1_000  # pings, pongs and small continuations within so many seconds, at most
WINDOW_SECONDS = 10.0
STRETCH = 4096  # bytes that are read before frames are counted


class CountedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's, where pings, pongs and small continuations are limited in number."""

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
        """Count a frame; whether it is one that may be."""
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
            f"expected at most {MAX_SMALL_FRAMES} small frames in {WINDOW_SECONDS:g} s",
        )
        if self.conn.close_sent:
            self.handle_parser_exception()
        else:
            self.transport.abort()
        return False

"""A limit on the number of small chunks of a request body, since each costs time to parse.

h11 has no such limit. `body_limit` limits the bytes of a body.
"""

from typing import Any

import h11

SMALL = 256  # bytes, below which a chunk is small: a network packet holds about 1500
PIECES = 10_000  # small chunks of a body, at most; chosen by hand


class CountedConnection(h11.Connection):
    """h11's connection with a limited number of small chunks in the body of a request."""

    pieces = 0

    @property
    def flooded(self) -> bool:
        return self.pieces > PIECES

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.pieces = 0
        elif isinstance(event, h11.Data) and len(event.data) < SMALL:
            self.pieces += 1
            if self.flooded:
                raise h11.RemoteProtocolError("too many small chunks")
        return event

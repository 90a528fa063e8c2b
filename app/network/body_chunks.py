"""Bodies of requests that come in very many small pieces, which take long to read.

h11 does not limit their number. How many bytes there may be in all is limited elsewhere.
"""

from typing import Any

import h11

SMALL = 256  # bytes; fewer than a packet of a network has
PIECES = 10_000  # that are small, of a body, at most


class CountedConnection(h11.Connection):
    """h11's, where the body of a request has a limited number of small pieces."""

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
                raise h11.RemoteProtocolError("too many small pieces")
        return event

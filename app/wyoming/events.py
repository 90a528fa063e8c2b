"""Read events of the Wyoming protocol, with limits on their size and on the time they take."""

import asyncio
from typing import cast

from wyoming.event import Event, async_read_event

from tts.error_messages import quoted

# Chosen by hand
MAX_EVENT_BYTES = 2**18  # of an event's line, of its data and of its payload, at most each
EVENT_TIMEOUT_SECONDS = 30.0  # from the first byte of an event to its last
NO_EVENT = "not a Wyoming event; an event is a line of JSON with a type"


class EventReader:
    """Reads events from a stream.

    The package `wyoming` reads from any object with `readline` and `readexactly`, and trusts the
    lengths in an event's line; these methods check them first.

    Args:
        reader: the stream.
        seconds: within which an event must arrive, once it has begun.
    """

    def __init__(
        self, reader: asyncio.StreamReader, seconds: float = EVENT_TIMEOUT_SECONDS
    ) -> None:
        self._reader, self._seconds = reader, seconds
        self._first = b""

    async def begins(self) -> bool:
        """Wait for the first byte of an event; False if the client disconnects instead."""
        self._first = self._first or await self._reader.read(1)
        return bool(self._first)

    async def event(self) -> Event | None:
        """Read the event that has begun; None if the client disconnects within it.

        Raises:
            ValueError: it is not an event, is too large, or does not arrive in time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                event = await async_read_event(cast(asyncio.StreamReader, self))
        except asyncio.IncompleteReadError:
            return None
        except TimeoutError:
            why = f"an event must arrive within {self._seconds:g} s"
            raise ValueError(why) from None
        except TooLarge as error:
            raise ValueError(str(error)) from None
        except (AttributeError, KeyError, RecursionError, TypeError):
            raise ValueError(NO_EVENT) from None
        if event is None or not (isinstance(event.type, str) and isinstance(event.data, dict)):
            raise ValueError(NO_EVENT)
        return event

    async def readline(self) -> bytes:
        first, self._first = self._first, b""
        if first == b"\n":
            return first
        try:
            return first + await self._reader.readline()
        except ValueError:
            raise TooLarge(f"a line must have at most {MAX_EVENT_BYTES} bytes") from None

    async def readexactly(self, length: object) -> bytes:
        if not isinstance(length, int) or length > MAX_EVENT_BYTES:
            most = f"at most {MAX_EVENT_BYTES} bytes"
            raise TooLarge(f"data and payload must each have {most}, got {quoted(length)}")
        return await self._reader.readexactly(length)


class TooLarge(Exception):
    """An event is too large. Not a ValueError, which the package treats as the end of a stream."""

"""Events of the Wyoming protocol as they come, none of them larger or later than it may be."""

import asyncio
from typing import cast

from wyoming.event import Event, async_read_event

from tts.error_messages import quoted

MAX_EVENT_BYTES = 2**18  # of a line, of the data after it and of the payload after that, at most
EVENT_TIMEOUT_SECONDS = 30.0  # within which an event arrives once it has begun
NO_EVENT = "expected an event of Wyoming's, a line of JSON with a type, and got something else"


class EventReader:
    """What a reader brings, event by event.

    The package reads an event from anything with `readline` and `readexactly`, and believes the
    lengths that its line gives; here they are looked at first.
    """

    def __init__(
        self, reader: asyncio.StreamReader, seconds: float = EVENT_TIMEOUT_SECONDS
    ) -> None:
        self._reader, self._seconds = reader, seconds
        self._first = b""

    async def begins(self) -> bool:
        """Wait for the first byte of an event; whether there is one."""
        self._first = self._first or await self._reader.read(1)
        return bool(self._first)

    async def event(self) -> Event | None:
        """The event that has begun, or None if its sender leaves in the middle of it.

        Raises:
            ValueError: if it is no event, is too large, or does not come in time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                event = await async_read_event(cast(asyncio.StreamReader, self))
        except asyncio.IncompleteReadError:
            return None
        except TimeoutError:
            why = f"expected the whole of an event within {self._seconds:g} s; send it at once"
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
            raise TooLarge(
                f"expected a line of at most {MAX_EVENT_BYTES} bytes; send less"
            ) from None

    async def readexactly(self, length: object) -> bytes:
        if not isinstance(length, int) or length > MAX_EVENT_BYTES:
            most = f"expected at most {MAX_EVENT_BYTES} bytes"
            raise TooLarge(f"{most} of data or payload, not {quoted(length)}; send less")
        return await self._reader.readexactly(length)


class TooLarge(Exception):
    """No ValueError, for those the package takes for the end."""

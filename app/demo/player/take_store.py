"""The latest takes of all visitors, kept in memory."""

from collections import OrderedDict
from secrets import token_urlsafe

from .take import Take

MOST = 1000  # takes at once, chosen by hand: short ones have texts of up to 32 kB


class TakeStore:
    """Takes by an identifier that cannot be guessed.

    Args:
        most: seconds of audio in all; beyond them, or beyond `MOST` takes, those that were not
            asked for lately go.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._takes: OrderedDict[str, Take] = OrderedDict()
        self._seconds = 0.0

    def put(self, take: Take, name: str | None = None) -> str:
        """Keep a take, in place of that with the given identifier, and return its identifier."""
        name = name or token_urlsafe(16)
        if earlier := self._takes.pop(name, None):
            self._seconds -= earlier.seconds
        self._takes[name] = take
        self._seconds += take.seconds
        while (self._seconds > self._most or len(self._takes) > MOST) and len(self._takes) > 1:
            _, dropped = self._takes.popitem(last=False)
            self._seconds -= dropped.seconds
        return name

    def get(self, name: object) -> Take | None:
        """The take of an identifier, if it is still kept."""
        take = self._takes.get(name) if isinstance(name, str) else None
        if take is not None:
            self._takes.move_to_end(str(name))
        return take

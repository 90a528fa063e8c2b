"""The host names that a server answers to: a protection against DNS rebinding.

A page of another site may let its own name resolve to this machine, and would then have the same
origin as the server. But it cannot send another `Host` header than its own name.
"""

import re
import socket
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from tts.error_messages import quoted

from .sockets import LOCALHOST, is_exposed

ANY = "*"
HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^\s\[\]:/@]+?)\.?)(?::\d*)?")


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """The allowed values of the `Host` header.

    Always allowed are localhost, loopback addresses and `host`. If other machines can reach the
    server, this machine's name and every IP address are allowed too: a rebinding page has a name,
    not an address.

    Args:
        host: the address that the server listens on.
        more: further names; `*` allows every name.

    Raises:
        ValueError: one of `more` is not a host name.
    """

    host: str = "127.0.0.1"
    more: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.more:
            if name != ANY and (ANY in name or not _name(name)):
                raise ValueError(
                    "allow host must be a name such as tts.example.com, or * alone; "
                    f"got {quoted(name)}"
                )

    def __contains__(self, given: str) -> bool:
        """Whether the value of a `Host` header is allowed."""
        name = _name(given)
        if not name:
            return False
        if ANY in self.more or name in self._names:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or is_exposed(self.host)

    @cached_property
    def _names(self) -> frozenset[str]:
        names = {LOCALHOST, _name(self.host) or self.host, *map(_name, self.more)}
        if is_exposed(self.host):
            ours = socket.gethostname().lower()
            names |= {ours, f"{ours.partition('.')[0]}.local"}
        return frozenset(names)


def _name(given: str) -> str:
    """The name or address of a `Host` header without its port; empty if it is invalid."""
    given = given.strip().lower()
    try:
        return str(ip_address(given))
    except ValueError:
        match = HOST.fullmatch(given)
    return (match["address"] or match["name"]) if match else ""

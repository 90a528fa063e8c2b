"""The names that a server answers to, so that no page can reach it by a name of its own.

A page of another site may have its name resolve to this machine, and would then be of the same
origin as the server. What it cannot do is send another name than its own as `Host`.
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
    """Names by which a server may be called.

    Always: localhost, the addresses of the loopback, and the `host` it listens on. Where others
    reach it too: this machine's name, and any address, for no page of another site has an address
    as its name. And the names in `more`, of which `*` is every name.
    """

    host: str = "127.0.0.1"
    more: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.more:
            if name != ANY and (ANY in name or not _name(name)):
                raise ValueError(
                    f"expected a whole name such as tts.example.com, or * alone, not {quoted(name)}"
                )

    def __contains__(self, given: str) -> bool:
        """Whether what a request gave as `Host` is one of them."""
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
    """The name or address in a `Host`, without its port; nothing if it is neither."""
    given = given.strip().lower()
    try:
        return str(ip_address(given))
    except ValueError:
        match = HOST.fullmatch(given)
    return (match["address"] or match["name"]) if match else ""

"""What a server prints when it is ready: where it is reached, and whether it has a key."""

import logging
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

import typer

from .logs import log_event
from .network.sockets import is_exposed

log = logging.getLogger(__name__)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # how this machine reaches itself
Places = dict[str, str]  # what a user wants to know, by a word for each


def announce(what: str, places: Mapping[str, str], *, as_json: bool = False) -> None:
    """Say on standard error that a server is ready.

    Args:
        what: the server.
        places: what a user wants to know, by a word for each.
        as_json: as a line of the log, instead of text.
    """
    if as_json:
        log_event(log, f"{what} is ready", logging.INFO, **places)
        return
    width = max(map(len, places))
    lines = [f"  {name:{width}}  {place}" for name, place in places.items()]
    typer.echo("\n".join([f"{what} is ready; Ctrl-C stops it", *lines]), err=True)


def http_places(
    host: str, port: int, key_file: Path | None, *, demo: bool = False, wyoming: Sequence[str] = ()
) -> Places:
    """What to say of the HTTP server.

    Args:
        host: address that it listens on.
        port: of the address.
        key_file: that has the key, if there is one.
        demo: whether the web demo is there, too.
        wyoming: URIs of the Wyoming server, if it is there, too.
    """
    url = _url(ANYWHERE.get(host, host), port)
    header = f'-H "Authorization: Bearer $(head -n 1 {quote(str(key_file))})" ' if key_file else ""
    return {
        "page": f"{url}/",
        **({"demo": f"{url}/demo/"} if demo else {}),
        "API": f"{url}/v1",
        **_from_others(host, port),
        **(wyoming_places(wyoming) if wyoming else {}),
        "key": f"needed, the one in {key_file}" if key_file else "none is needed",
        "try": f"curl {url}/v1/audio/speech {header}-H 'Content-Type: application/json' "
        """-d '{"input": "Hello."}' -o hello.mp3""",
    }


def demo_places(host: str, port: int) -> Places:
    """What to say of the web demo that listens on this address."""
    url = _url(ANYWHERE.get(host, host), port)
    return {"page": url, **_from_others(host, port), "key": "none is needed"}


def wyoming_places(uris: Sequence[str]) -> Places:
    """What to say of the Wyoming server at these URIs."""
    return {
        "Wyoming": f"{' and '.join(uris)}, without a key",
        "Home Assistant": "add the integration Wyoming Protocol with this machine's address and "
        "this port",
    }


def address_of(listening: socket.socket) -> tuple[str, int]:
    """The host and the port that a TCP socket listens on."""
    host, port = listening.getsockname()[:2]
    return host, port


def _from_others(host: str, port: int) -> Places:
    """How other machines reach an address, if they can."""
    if not is_exposed(host):
        return {}
    return {"from other machines": _url(socket.gethostname() if host in ANYWHERE else host, port)}


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

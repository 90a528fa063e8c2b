"""Settings of the HTTP server: limits, timeouts, API key, allowed hosts and origins."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tts.audio_formats import AUDIO_FORMATS
from tts.best_of.judges import ENSEMBLE, check_judge
from tts.error_messages import quoted
from tts.text.files.plain import decode_utf8
from tts.validation import check_types

from ..network.hosts import Hosts

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#]+", re.IGNORECASE)
LONGEST_KEY = 1000  # characters; chosen by hand, far above what key generators make
LIMITS = (
    "max_characters",
    "max_audio_seconds",
    "max_body_bytes",
    "response_timeout_seconds",
    "steps",
    "best_of",
    "request_timeout_seconds",
    "connections",
)
DEMO = "/demo"  # path of the web demo, if it is mounted
RESPONSE_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.streamed)
if TYPE_CHECKING:
    ResponseFormat = str
else:  # pydantic accepts a Literal computed from a table; type checkers do not
    ResponseFormat = Literal[RESPONSE_FORMATS]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """Settings of the HTTP server. The limits without a named source are chosen by hand.

    Args:
        max_characters: longest text of a request; 4096 is the limit of OpenAI's API.
        max_audio_seconds: longest audio of a response.
        max_body_bytes: largest body of a request, and largest WebSocket message.
        response_timeout_seconds: within which the audio begins, and by which it may then fall
            behind real time.
        steps: most steps of a request, counted over all candidates of a sentence.
        best_of: most candidates of a sentence.
        judges: that may choose between them, by name.
        key: the API key; None lets anyone call.
        origins: origins of web pages that may call; `*` allows all.
        formats: audio formats that are offered.
        hosts: host names that requests may be for.
        request_timeout_seconds: within which a whole request arrives.
        connections: most connections at once; beyond that idle ones are closed. 200 is below 256,
            the files that a process on macOS may open.
        voice: of requests that name none, a voice or a blend; None for the first that is listed.

    Raises:
        ValueError: a limit is not above 0, or the key, an origin or a format is invalid.
    """

    max_characters: int = 4096
    max_audio_seconds: float = 3600.0
    max_body_bytes: int = 2**20
    response_timeout_seconds: float = 120.0
    steps: int = 32
    best_of: int = 8
    judges: tuple[str, ...] = (ENSEMBLE,)
    key: str | None = None
    origins: tuple[str, ...] = ()
    formats: tuple[str, ...] = RESPONSE_FORMATS
    hosts: Hosts = field(default_factory=Hosts)
    request_timeout_seconds: float = 30.0
    connections: int = 200
    voice: str | None = None

    def __post_init__(self) -> None:
        check_types(self)
        for name in LIMITS:
            if (limit := getattr(self, name)) <= 0:
                raise ValueError(f"{name} must be above 0, got {limit}")
        for judge in self.judges:
            check_judge(judge)
        if self.key is not None and not (self.key.strip() and self.key.isascii()):
            raise ValueError("key must be ASCII, with at least one character that is not a space")
        for origin in self.origins:
            if origin not in ("*", "null") and not ORIGIN.fullmatch(origin):
                raise ValueError(
                    "origin must be a scheme, a host and maybe a port, such as "
                    f"https://example.com; got {quoted(origin)}"
                )
        for name in self.formats:
            if name not in RESPONSE_FORMATS:
                known = ", ".join(RESPONSE_FORMATS)
                raise ValueError(f"formats must be of {known}; got {name!r}")


def read_key(path: Path) -> str:
    """Read the API key from the first line of a file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the line is empty, longer than 1000 characters, or cannot be printed.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    with path.open("rb") as file:
        start = file.read(LONGEST_KEY + 1)
    lines = decode_utf8(start, str(path)).splitlines()
    key = lines[0].strip() if lines else ""
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValueError(
            f"cannot use {path}: the key in its first line must be at most {LONGEST_KEY} printable "
            "characters long"
        )
    if not key:
        raise ValueError(f"cannot use {path}: its first line is empty; it must be the key")
    return key

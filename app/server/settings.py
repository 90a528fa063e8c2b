"""What a server lets in: its limits, its key, and whose pages may ask it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tts.audio_formats import AUDIO_FORMATS
from tts.error_messages import quoted
from tts.text.files.plain import decode_utf8
from tts.validation import check_types

from ..network.hosts import Hosts

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#]+", re.IGNORECASE)
LONGEST_KEY = 1000
LIMITS = (
    "max_characters",
    "max_audio_seconds",
    "max_body_bytes",
    "response_timeout_seconds",
    "steps",
    "request_timeout_seconds",
    "connections",
)
RESPONSE_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.streamed)
if TYPE_CHECKING:
    ResponseFormat = str
else:  # what the table holds is a type to pydantic, and none to a checker of types
    ResponseFormat = Literal[RESPONSE_FORMATS]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """What holds for every request.

    A response begins within `response_timeout_seconds`, and lags no further behind its sound.
    Without a `key` anyone may ask. Pages of `origins` may, in a browser; `*` is every page.
    Requests are answered that call the server by one of its `hosts`. A whole request arrives
    within `request_timeout_seconds`. Beyond `connections`, those end that ask for nothing.
    """

    max_characters: int = 4096
    max_audio_seconds: float = 3600.0
    max_body_bytes: int = 2**20
    response_timeout_seconds: float = 120.0
    steps: int = 32
    key: str | None = None
    origins: tuple[str, ...] = ()
    formats: tuple[str, ...] = RESPONSE_FORMATS
    hosts: Hosts = field(default_factory=Hosts)
    request_timeout_seconds: float = 30.0
    connections: int = 200  # fewer than the files that a process may have open, 256 on macOS

    def __post_init__(self) -> None:
        check_types(self)
        for name in LIMITS:
            if (limit := getattr(self, name)) <= 0:
                raise ValueError(f"{name} must be more than nothing, not {limit}")
        if self.key is not None and not (self.key.strip() and self.key.isascii()):
            raise ValueError("expected a key of letters, digits and signs in ASCII; choose another")
        for origin in self.origins:
            if origin not in ("*", "null") and not ORIGIN.fullmatch(origin):
                raise ValueError(
                    "expected an origin such as https://example.com, with nothing after its name "
                    f"or port, not {quoted(origin)}"
                )
        for name in self.formats:
            if name not in RESPONSE_FORMATS:
                raise ValueError(
                    f"expected one of the formats {', '.join(RESPONSE_FORMATS)}, not {name!r}"
                )


def read_key(path: Path) -> str:
    """The first line of a file, which is a key."""
    if not path.is_file():
        raise FileNotFoundError(f"expected a file with a key at {path}, found none; make it first")
    with path.open("rb") as file:
        start = file.read(LONGEST_KEY + 1)
    lines = decode_utf8(start, str(path)).splitlines()
    key = lines[0].strip() if lines else ""
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValueError(
            f"expected a key of at most {LONGEST_KEY} letters, digits and signs in the first line "
            f"of {path}; choose another"
        )
    if not key:
        raise ValueError(f"expected a key in the first line of {path}, found none; write one")
    return key

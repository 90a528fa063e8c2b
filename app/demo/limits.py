"""How much one visitor of the web demo may ask for."""

from dataclasses import dataclass, fields

from tts.validation import check_types


@dataclass(frozen=True, kw_only=True)
class DemoLimits:
    """A text of so many characters, so many seconds of sound, and a file of so many bytes.

    A request without a file has a `body` of at most so many bytes. The last takes of so many
    `visitors` are kept, and so many may wait in line. A request arrives within the seconds of
    `arrival`, files too, and there are at most so many `connections`.
    """

    characters: int = 8_000
    seconds: float = 600.0
    body: int = 2**20
    file_bytes: int = 20_000_000
    visitors: int = 16
    waiting: int = 32
    arrival: float = 300.0
    connections: int = 200

    def __post_init__(self) -> None:
        check_types(self)
        for name in (each.name for each in fields(self)):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")

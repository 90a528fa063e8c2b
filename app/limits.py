"""How much one visitor of the web demo may ask for."""

from dataclasses import dataclass

from tts.fields import check_types


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A text of so many characters, so many seconds of sound, and a file of so many bytes.

    The last takes of so many `visitors` are kept, and so many may wait in line.
    """

    characters: int = 8_000
    seconds: float = 600.0
    file_bytes: int = 20_000_000
    visitors: int = 16
    waiting: int = 32

    def __post_init__(self) -> None:
        check_types(self)
        for name in ("characters", "seconds", "file_bytes", "visitors", "waiting"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")

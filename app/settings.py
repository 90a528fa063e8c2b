"""What a server lets in: its limits, its key, and whose pages may ask it."""

from dataclasses import dataclass

FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What holds for every request.

    A text has at most so many `characters`, a body so many bytes, and the answer is over within so
    many `seconds`. Without a `key` anyone may ask. Pages from the `origins` may, in a browser; `*`
    is every page. Sound is given in the `formats`.
    """

    characters: int = 4096
    body: int = 2**20
    seconds: float = 120.0
    key: str | None = None
    origins: tuple[str, ...] = ()
    formats: tuple[str, ...] = FORMATS

    def __post_init__(self) -> None:
        for name, limit in (
            ("characters", self.characters),
            ("body", self.body),
            ("seconds", self.seconds),
        ):
            if limit <= 0:
                raise ValueError(f"{name} must be more than nothing, not {limit}")
        if self.key is not None and not self.key.strip():
            raise ValueError("expected a key with something in it, found none; leave it out")
        for name in self.formats:
            if name not in FORMATS:
                raise ValueError(f"expected one of the formats {', '.join(FORMATS)}, not {name!r}")

"""How a text is to be read: what differs from one reader, or one listener, to the next."""

from dataclasses import dataclass

from tts.error_messages import short_repr
from tts.validation import check_types

LANGUAGE_CODES = ("en-us",)  # each has its rules in tts.text.normalise.languages
LINKS = ("read", "name")
EMOJI = ("drop", "say")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextOptions:
    """The language, whether 3/4/2025 begins with its day, and what to do with links and emoji.

    A link is read out, or only named as one; an emoji is dropped, or said by its name.
    """

    language: str = "en-us"
    day_first: bool = False
    links: str = "read"
    emoji: str = "drop"

    def __post_init__(self) -> None:
        check_types(self)
        for name, value, known in (
            ("language", self.language, LANGUAGE_CODES),
            ("links", self.links, LINKS),
            ("emoji", self.emoji, EMOJI),
        ):
            if value not in known:
                raise ValueError(
                    f"{name} must be one of {', '.join(known)}, not {short_repr(value)}"
                )

"""`TextOptions`: how dates, links and emoji of a text are read."""

from dataclasses import dataclass

from tts.error_messages import short_repr
from tts.validation import check_types

LANGUAGE_CODES = ("en-us",)  # each has its rules in tts.text.normalise.languages
LINKS = ("read", "name")
EMOJI = ("drop", "say")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextOptions:
    """How a text is read where there is more than one usual way.

    Args:
        language: `en-us`, the only one so far.
        day_first: whether 3/4/2025 is the third of April; by default it is March fourth.
        links: `read` says web addresses in words ("example dot com"), `name` says only "link";
            default `read`.
        emoji: `drop` leaves emoji out, `say` says their names; default `drop`.

    Raises:
        ValueError: a value is none of these.

    Example:
        >>> from tts import Delivery, TextOptions
        >>> delivery = Delivery(reading=TextOptions(day_first=True, emoji="say"))
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
                choices = f"one of {', '.join(known)};" if len(known) > 1 else f"{known[0]},"
                raise ValueError(f"{name} must be {choices} got {short_repr(value)}")

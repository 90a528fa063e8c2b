"""A request for speech by the page: a text and its delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from tts.delivery import DELIVERY_FIELDS, Delivery
from tts.error_messages import quoted, short_repr
from tts.voices import blend_parts

from .form.controls import DIALS

# The names of `Composer.fields`, in their order
FIELDS = ("text", "voice", "other", "share", *DIALS)
USUAL: Mapping[str, Any] = {
    "text": "",
    "voice": Delivery().voice,
    "other": "",
    "share": 50,
    **{name: DELIVERY_FIELDS[name].default for name in DIALS},
}


@dataclass(frozen=True)
class DemoRequest:
    """A text and its delivery."""

    text: str
    delivery: Delivery

    @classmethod
    def of(cls, text: Any, voice: Any, other: Any, share: Any, *dials: Any) -> "DemoRequest":
        """A request from the values of `Composer.fields`, in their order.

        Raises:
            ValueError: a value is out of its range or of another type.
        """
        if not isinstance(text, str | None):
            raise ValueError(f"text must be text, got {short_repr(text)}")
        if not isinstance(voice, str) or not isinstance(other, str | None):
            raise ValueError("voice must be the name of a voice")
        numbers: dict[str, Any] = {
            name: _number(name, dial) for name, dial in zip(DIALS, dials, strict=True)
        }
        percent = _number("share", share)
        if not 0 <= percent <= 100:
            raise ValueError(f"share must be from 0 to 100, got {short_repr(share)}")
        return cls(text or "", Delivery(voice=blend(voice, other, percent), **numbers))

    @classmethod
    def parse(cls, given: object) -> "DemoRequest":
        """A request from an object of JSON; fields that are left out have their usual values.

        Raises:
            ValueError: it is no object, or a field is unknown, out of its range or of another type.
        """
        if not isinstance(given, dict):
            raise ValueError("a request must be an object of JSON")
        if unknown := given.keys() - set(FIELDS):
            raise ValueError(f"unknown field {quoted(min(unknown))}; fields: {', '.join(FIELDS)}")
        values = {**USUAL, **given}
        return cls.of(*(values[name] for name in FIELDS))


def blend(voice: str, other: str | None, share: float) -> str:
    """A voice, or its blend with a share of another, in percent."""
    if not other or other == voice or not share:
        return voice
    parts = blend_parts(voice)
    if len(parts) == 1 or not (total := sum(weight for _, weight in parts)):
        return f"{voice}({1 - share / 100:.2f})+{other}({share / 100:.2f})"
    left = (1 - share / 100) / total  # of a blend, each voice keeps its share of the rest
    kept = "+".join(f"{name}({weight * left:.4f})" for name, weight in parts)
    return f"{kept}+{other}({share / 100:.2f})"


def _number(name: str, value: Any) -> float:
    """A number; an emptied field has its usual value, and a whole number is rounded."""
    if value is None:
        value = USUAL[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (isinstance(value, float) and not isfinite(value)):
        raise ValueError(f"{name} must be a number, got {short_repr(value)}")
    whole = name in DELIVERY_FIELDS and DELIVERY_FIELDS[name].type is int
    return round(value) if whole else value

"""The SSML elements `prosody` and `emphasis` as values of `Prosody`.

SSML leaves the values of named levels to the synthesizer. All values here were chosen by hand; they
are not tuned.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log2, log10

from tts.error_messages import quoted
from tts.text.markup.tags import NEUTRAL, NUMBER, Prosody

AMOUNT = re.compile(rf"(?P<number>{NUMBER})(?P<unit>%|st|dB|)")
EMPHASES = {
    "strong": Prosody(pace=0.85, pitch=2.0, energy=4.0),
    "moderate": Prosody(pace=0.92, pitch=1.0, energy=2.0),
    "none": NEUTRAL,
    "reduced": Prosody(pace=1.1, pitch=-1.0, energy=-3.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """An attribute of the `prosody` element: `rate`, `pitch` or `volume`.

    Args:
        part: the field of `Prosody` that it sets.
        names: the values of its named levels, in the unit of that field.
        unit: the unit of an amount, as written.
        example: an amount with its unit, for error messages.
        factor: converts a factor to the unit of the field; 80% is the factor 0.8, +20% is 1.2.
    """

    part: str
    names: Mapping[str, float]
    unit: str
    example: str
    factor: Callable[[float], float]

    def read(self, written: str) -> Prosody:
        """Parse a name, a percentage or an amount with its unit."""
        return Prosody(**{self.part: self._value(written.strip())})

    def _value(self, written: str) -> float:
        if written in self.names:
            return self.names[written]
        amount = AMOUNT.fullmatch(written)
        if not amount or amount["unit"] not in ("%", self.unit):
            known = ", ".join(self.names)
            raise ValueError(
                f"expected {known}, 80%, +20% or {self.example}, got {quoted(written)}"
            )
        number = float(amount["number"])
        if amount["unit"] != "%":
            return number
        share = number / 100 + (written[0] in "+-")
        if share <= 0:
            raise ValueError(f"the sum must be more than 0%, got {quoted(written)}")
        return self.factor(share)


SCALES = {
    "rate": Scale(
        part="pace",
        names={"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.6}
        | {"default": 1.0},
        unit="",
        example="0.8",
        factor=float,
    ),
    "pitch": Scale(
        part="pitch",
        names={"x-low": -6.0, "low": -3.0, "medium": 0.0, "high": 3.0, "x-high": 6.0}
        | {"default": 0.0},
        unit="st",
        example="+2st",
        factor=lambda factor: 12 * log2(factor),
    ),
    "volume": Scale(
        part="energy",
        names={"x-soft": -12.0, "soft": -6.0, "medium": 0.0, "loud": 6.0, "x-loud": 12.0}
        | {"default": 0.0},
        unit="dB",
        example="+6dB",
        factor=lambda factor: 20 * log10(factor),
    ),
}


def parse_prosody(attributes: Mapping[str, str]) -> Prosody:
    """The prosody of a `prosody` element."""
    tone = NEUTRAL
    for name, written in attributes.items():
        tone = SCALES[name].read(written).within(tone)
    return tone


def parse_emphasis(attributes: Mapping[str, str]) -> Prosody:
    """The prosody of an `emphasis` element; the default level is `moderate`."""
    level = attributes.get("level", "moderate")
    if level not in EMPHASES:
        raise ValueError(f"level must be one of {', '.join(EMPHASES)}; got {quoted(level)}")
    return EMPHASES[level]

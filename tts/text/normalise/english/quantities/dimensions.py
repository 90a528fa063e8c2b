"""Rewrites of sizes: lengths in feet and inches with x between them."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite, set_apart

NUMBER = r"(?:[0-9]+[ -])?[0-9]+/[0-9]+|[0-9]+(?:\.[0-9]+)?"
LENGTH = rf"(?:[0-9]+' ?(?:{NUMBER})(?:\"|'')|(?:{NUMBER})(?:\"|''|'))"
NOUN = r"(?!(?:and|or|by|in|of|at|to|for|on|is|was|were|are|long|wide|tall|high|deep|thick)\b)[a-z]"
JOINT = r" ?[x×] ?| by "
SIZE = re.compile(rf"(?:(?P<feet>[0-9]+)'(?!') ?)?(?P<number>{NUMBER})?(?P<mark>\"|'')?")


@rewrite(
    rf"(?<![\w.,/\"'])(?P<first>{LENGTH})(?:{JOINT})(?P<second>{LENGTH})"
    rf"(?:(?:{JOINT})(?P<third>{LENGTH}))?(?P<noun> (?={NOUN}))?",
    needs=r"['\"] ?(?:[x×]|by) ?[0-9]",
)
def say_dimensions(match: re.Match[str]) -> str:
    """The x between two lengths is by: a 5'10" x 3'6" rug."""
    lengths = [match[part] for part in ("first", "second", "third") if match[part]]
    single = match["noun"] is not None
    said = " by ".join(_length(length, single) for length in lengths)
    return set_apart(match, said) + (match["noun"] or "")


def _length(written: str, single: bool) -> str:
    size = SIZE.fullmatch(written)
    assert size
    feet, number = size["feet"], size["number"]
    if feet and number:
        return f"{numbers.cardinal(feet)} foot {_number(number)}"
    one = single or (feet or number) == "1" or "/" in (number or "")
    if feet:
        return f"{numbers.cardinal(feet)} {'foot' if one else 'feet'}"
    return f"{_number(number)} {'inch' if one else 'inches'}"


def _number(written: str) -> str:
    *whole, last = re.split("[ -]", written)
    above, slash, below = last.partition("/")
    if not slash or not 1 < int(below) < 100 or int(above) == 0:
        return numbers.decimal(written.replace("/", "."))
    part = numbers.fraction(int(above), int(below))
    return f"{numbers.cardinal(whole[0])} and {part}" if whole else part


REWRITES = (say_dimensions,)

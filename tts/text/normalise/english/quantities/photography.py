"""Rewrites of a camera's settings: apertures such as f/2.8, and exposures such as 1/250s."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.words.abbreviations import full_stop
from tts.text.normalise.rule import rewrite, set_apart

NEAR_CHARACTERS = 28
SETTING = re.compile(r"\b[fF]/[0-9]|\bf [0-9a-z]|\bISO\b|\b(?:[Ss]hutter|[Ee]xposures?)\b")


@rewrite(
    r"(?<![\w./,$-])1/(?P<below>[1-9][0-9]{0,4})(?:(?:th|st|rd|nd)? of a second\b|"
    r" ?(?:s|secs?|seconds?)\b\.?(?!\w)|(?P<bare>))"
    r"(?![\w/%]|[.,][0-9])",
    needs="1/[0-9]",
)
def say_exposures(match: re.Match[str]) -> str:
    """1/250s is one two-hundred-fiftieth of a second."""
    text, start, end = match.string, match.start(), match.end()
    near = text[max(0, start - NEAR_CHARACTERS) : start], text[end : end + NEAR_CHARACTERS // 2]
    if match["bare"] is not None and not any(map(SETTING.search, near)):
        return match.group()
    below = int(match["below"])
    if below < 2 or (below < 10 and match["bare"] is not None):
        return match.group()
    part = numbers.fraction(1, below).partition(" ")[2].replace(" ", "-")
    if match["bare"] is not None:
        return f"one {part}"
    return f"{'half' if below == 2 else f'one {part} of'} a second{full_stop(match)}"


@rewrite(
    r"(?<![\w/])[fF]/(?P<number>[0-9]{1,2}(?:\.[0-9]{1,2})?)(?:(?P<to> ?[-–] ?)(?:[fF]/)?"
    r"(?P<end>[0-9]{1,2}(?:\.[0-9]{1,2})?))?(?![\w/]|[.,][0-9])",
    needs="[fF]/[0-9]",
)
def say_apertures(match: re.Match[str]) -> str:
    """f/2.8 is f two point eight."""
    end = f" to {numbers.decimal(match['end'])}" if match["end"] else ""
    return set_apart(match, f"f {numbers.decimal(match['number'])}{end}")


REWRITES = (say_exposures, say_apertures)

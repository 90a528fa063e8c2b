"""Rewrites of what is short in addresses: states, streets, and points of the compass."""

import re

from tts.text.english.abbreviations import full_stop
from tts.text.english.shortened import AFTER_NAMES, STATES, STREETS
from tts.text.rewrite import any_of, rewrite

STATE = {
    short: full.replace("_", " ")
    for short, full in zip(STATES.split()[::2], STATES.split()[1::2], strict=True)
}
# these are words as well, so they name a state only before a zip code
WORDLIKE = (
    "DE",
    "HI",
    "ID",
    "IN",
    "LA",
    "MA",
    "ME",
    "OH",
    "OK",
    "OR",
    "PA",
    "CO",
    "AL",
    "MD",
    "MS",
)
SURE = any_of([short for short in STATE if short not in WORDLIKE])
POINTS = {"N": "North", "S": "South", "E": "East", "W": "West"}
POINTS |= {a + b: f"{POINTS[a]}{POINTS[b].lower()}" for a in "NS" for b in "EW"}


@rewrite(
    rf"(?<=[0-9] )(?P<point>{any_of(POINTS)})\.? (?=[A-Z0-9][\w.]+ )|"
    rf"(?<=[a-z.] )(?P<side>[NS][EW])\b\.?",
    needs=r"\b[NSEW]",
)
def name_points(match: re.Match[str]) -> str:
    """N before a street is North, and NW after one Northwest."""
    return (
        f"{POINTS[match['point']]} " if match["point"] else POINTS[match["side"]] + full_stop(match)
    )


@rewrite(
    rf"(?<![\w.'])(?P<short>{any_of(AFTER_NAMES)})\.|(?<=[a-z] )(?P<street>{any_of(STREETS)})"
    rf"(?=[,;]|$|\n| (?:and|"
    rf"in|at)\b| [NS][EW]\b)"
)
def expand_streets(match: re.Match[str]) -> str:
    """What shortens the end of a name is said in full: Baker St. is a street."""
    return AFTER_NAMES[match["short"] or match["street"]] + full_stop(match)


@rewrite(
    rf"(?<=[A-Za-z]{{2}})(?P<comma>,? )(?P<zipped>{any_of(STATE)})(?=,? [0-9]{{5}}(?![0-9]))|"
    rf"(?<=[a-z], )(?P<short>{SURE})(?![\w-]|\.\w| [A-Z]{{2}})",
    needs="[A-Z]{2}",
)
def name_states(match: re.Match[str]) -> str:
    """A state after its city, or before a zip code, is said in full."""
    if match["short"]:
        return STATE[match["short"]]
    return f"{match['comma']}{STATE[match['zipped']]}"


REWRITES = (name_states, expand_streets, name_points)

"""Rewrites of abbreviations in addresses: states, streets, and points of the compass."""

import re

from tts.text.normalise.english.words.abbreviation_data import (
    AFTER_NAMES,
    COMPASS_POINTS,
    NEWSPAPER_STATES,
    STATES,
    STREETS,
)
from tts.text.normalise.english.words.abbreviations import full_stop
from tts.text.normalise.rule import any_of, preceded_by, rewrite


def _names(table: str) -> dict[str, str]:
    words = table.split()
    return {
        short: full.replace("_", " ") for short, full in zip(words[::2], words[1::2], strict=True)
    }


STATE, IN_NEWSPAPERS = _names(STATES), _names(NEWSPAPER_STATES)
# These are also words or other abbreviations, so they are states only before a zip code.
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
LAST = any_of([short for short in WORDLIKE if short not in ("OK", "HI")])
CITY = re.compile(r"\b[A-Z][a-z'.]+,? $")
SURE = any_of([short for short in STATE if short not in WORDLIKE])
POINTS = {short: name.capitalize() for short, name in COMPASS_POINTS.items()}
POINTS |= {a + b: f"{POINTS[a]}{POINTS[b].lower()}" for a in "NS" for b in "EW"}


@rewrite(
    rf"(?<=[0-9] )(?P<point>{any_of(POINTS)})\.? (?=[A-Z0-9][\w.]+ )|"
    rf"(?<=[a-z.] )(?P<side>[NS][EW])\b\.?|"
    rf"\b(?P<lone>[NSEW])\.? (?=[0-9]{{1,3}}(?:st|nd|rd|th) "
    rf"(?:{any_of([*STREETS, *STREETS.values()])})\b)",
    needs=r"\b[NSEW]",
)
def name_points(match: re.Match[str]) -> str:
    """N before a street is North, and NW after one is Northwest."""
    if match["side"]:
        return POINTS[match["side"]] + full_stop(match)
    return f"{POINTS[match['point'] or match['lone']]} "


@rewrite(
    rf"(?<![\w.'])(?P<short>{any_of(AFTER_NAMES)})\.|(?<=[a-z] )(?P<street>{any_of(STREETS)})"
    rf"(?=[,;]|$|\n| (?:and|"
    rf"in|at)\b| [NS][EW]\b)|"
    + preceded_by(*(f"[0-9]{nth} " for nth in ("st", "nd", "rd", "th")))
    + r"(?P<floor>[Ff]l)\b\.?"
)
def expand_streets(match: re.Match[str]) -> str:
    """What shortens the end of a name is said in full: Baker St. is a street."""
    if match["floor"]:
        return f"{match['floor']}oor{full_stop(match)}"
    return AFTER_NAMES[match["short"] or match["street"]] + full_stop(match)


@rewrite(
    rf"(?<=[A-Za-z]{{2}})(?P<comma>,? )(?P<zipped>{any_of(STATE)})(?=,? [0-9]{{5}}(?![0-9]))|"
    rf"(?<=[a-z], )(?P<short>{SURE}|(?:{LAST})(?=[,;)]|\.?$|\. ))(?![\w-]|\.\w| [A-Z]{{2}})|"
    rf"(?<=[a-z], )(?P<brief>{any_of(IN_NEWSPAPERS)})\.(?!\w)|"
    rf"(?<=[a-z], )ON(?=[,;.)]|$| [A-Z][0-9])|"
    rf"(?<=\([DRI])-(?:(?P<seat>{any_of(STATE)})|(?P<their>{any_of(IN_NEWSPAPERS)})\.)(?=\))",
    needs=r"[A-Z]{2}|[a-z.]\.",
)
def name_states(match: re.Match[str]) -> str:
    """A short state after a city or before a zip code is said in full: TX is Texas."""
    if match["seat"] or match["their"]:
        return " " + (STATE.get(match["seat"]) or IN_NEWSPAPERS[match["their"]])
    if match["brief"]:
        return IN_NEWSPAPERS[match["brief"]] + full_stop(match)
    if not match["zipped"] and not CITY.search(
        match.string, max(0, match.start() - 30), match.start()
    ):
        return match.group()
    if match["short"]:
        return STATE[match["short"]]
    if not match["zipped"]:
        return "Ontario"
    return f"{match['comma']}{STATE[match['zipped']]}"


@rewrite(
    r"\b(?P<owner>Co\.?|County|Twp\.?|Township|St\.|State) "
    r"(?P<kind>Rd|Rte?|Hwy|Road|Route|Highway)\b"
    r"(?:(?<=[dety])\.)? (?=[0-9]|[A-Z]{1,3}\b)",
    needs=r"\b(?:Co|Tw|Tow|St)",
)
def name_roads(match: re.Match[str]) -> str:
    """A road of a county or state has a number: Co. Rd. 5 is County Road 5."""
    return f"{OWNERS[match['owner'].strip('.')]} {ROADS.get(match['kind'], match['kind'])} "


OWNERS = {"Co": "County", "Twp": "Township", "St": "State"}
OWNERS |= {full: full for full in OWNERS.values()}
ROADS = {"Rd": "Road", "Rt": "Route", "Rte": "Route", "Hwy": "Highway"}
SMALL_STREETS = {short.lower(): full for short, full in STREETS.items()}


@rewrite(
    r"(?<![\w.,$£€#/-])(?P<place>[0-9]{1,5} (?:[NSEW]\.? )?"
    r"(?:(?:[A-Z][a-z']+|[0-9]{1,3}(?:st|nd|rd|th)) ){1,3})"
    rf"(?P<short>{any_of(SMALL_STREETS)})(?=\.?(?:[,;]|$|\n))(?:\.(?!$))?",
    needs=r"[0-9] [A-Z0-9]",
)
def expand_small_streets(match: re.Match[str]) -> str:
    """The end of an address is said in full in small letters, too: 12 S 1st st is a street."""
    return match["place"] + SMALL_STREETS[match["short"]]


REWRITES = (expand_small_streets, name_states, expand_streets, name_points)

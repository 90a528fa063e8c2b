"""Rewrites of units that no number in digits precedes: five million kg, per km, sq. feet."""

import re

from tts.text.normalise.english.quantities.units import UNITS, pluralise
from tts.text.normalise.rule import any_of, rewrite

# These are never words or names, so that they are units wherever they stand.
LETTERED = "kg km cm mg ml mL lbs kWh kW MW GW MHz GHz km/h kph kcal kPa"
AREAS = ("sq ft", "sq km", "sq mi", "sq m", "sq. ft", "sq. km", "sq. mi", "sq. m")
SURE = (*LETTERED.split(), *AREAS)
# These are units after a number in words and after per.
USUAL = (
    "oz lb GB MB TB ft hr hrs min mins sec secs yr yrs gal mph MHz kB bps Mbps Gbps tsp tbsp m2 m3"
)
COUNTS = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]{3,5}teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|billion|trillion|dozen|"
    r"few|several|many)"
)
ONE = re.compile(r"\b(?:[Aa]n?|[Oo]ne|[Pp]er|[Ee]ach|[Ee]very|[Aa]nother|[Hh]alf an?) $|/$")
RAISED = {"2": "square ", "3": "cubic "}


@rewrite(
    rf"(?:(?<=[0-9 ])(?P<unit>{any_of(UNITS)})|(?<=[a-z]s))/(?=[0-9]+(?:[.,][0-9]+)* ?"
    r"(?:k?m|[cm]m|km2|m2|k?g|mg|m?[lL]|mi|miles|h|hrs?|min|people|persons|inhabitants|residents|"
    r"hours|days|live births)\b)|(?<=[0-9])V/(?=[0-9.]+ ?m?A\b)",
    needs="[A-Za-z]/[0-9]",
)
def say_per_amounts(match: re.Match[str]) -> str:
    """A slash between a unit and an amount is per: 7 L/100 km is 7 L per 100 km."""
    return "V, " if match.group() == "V/" else f"{match['unit'] or ''} per "


@rewrite(
    r"\b(?:(?P<square>[Ss]q)|[Cc]u)\.? (?=(?:feet|foot|meters?|metres?|miles?|kilometers?|"
    r"kilometres?|inch|inches|yards?|centimeters?|centimetres?)\b)",
    needs=r"\b(?:[Ss]q|[Cc]u)\b",
)
def say_areas(match: re.Match[str]) -> str:
    """Sq. before a unit is square: sq. feet are square feet."""
    return "square " if match["square"] else "cubic "


@rewrite(
    rf"(?<![\w.'’/^-])(?P<sure>{any_of(SURE)})(?:\^?(?P<raised>[23]))?(?![\w'’/^-]|\.\w)|"
    rf"(?<=\b[Pp]er )(?P<each>{any_of(USUAL.split())})(?![\w'’/^-]|\.\w)|"
    rf"(?<=[a-z] )(?P<usual>{any_of(USUAL.split())})(?![\w'’/^-]|\.\w)",
    needs=rf"\b(?:{any_of([*SURE, *USUAL.split()])})(?:\b|\^|[23]\b)",
)
def say_lone_units(match: re.Match[str]) -> str:
    """A unit without digits before it is said in full: five million kg, the distance in km."""
    text, start = match.string, match.start()
    written = match["sure"] or match["each"] or match["usual"]
    if match["usual"] and not COUNTED.search(text, max(0, start - 10), start):
        return match.group()
    raised = match["raised"] or ("2" if written == "m2" else "3" if written == "m3" else "")
    name = RAISED.get(raised, "") + UNITS["m" if written in ("m2", "m3") else written]
    one = match["each"] or ONE.search(text, max(0, start - 8), start)
    return name if one else pluralise(name)


COUNTED = re.compile(rf"\b{COUNTS} $")

REWRITES_BEFORE = (say_per_amounts, say_areas)

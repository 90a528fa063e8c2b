"""Rewrites of measures: a number and a unit, which may have a prefix, a power or a second unit."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.quantities import lone_units
from tts.text.normalise.english.quantities.money import NOUN, WHOLE
from tts.text.normalise.english.quantities.units import DOTTED, MU, OMEGA, UNITS, pluralise
from tts.text.normalise.english.words.abbreviation_data import COMPASS_POINTS
from tts.text.normalise.english.words.abbreviations import full_stop
from tts.text.normalise.rule import any_of, rewrite, set_apart

# These are also words, names or grades, so they are units only where `DOUBTFUL` matches.
RARE = ("A", "F", "t", "pc", "ac", "N", "J", "AU", "s", "in", "V", "W", "cal", "bar", "hp")
UNIT = any_of([unit for unit in UNITS if unit not in RARE])
ANY_UNIT = any_of(UNITS)
NUMBER = rf"(?P<number>{WHOLE}(?:\.[0-9]+)?|\.[0-9]+)"
RANGE = rf"(?:(?P<to> ?[-–] ?| to | x | by |x|×| × )(?P<end>{WHOLE}(?:\.[0-9]+)?))?"
SIZE = r"(?P<size> (?:hundred|thousand|million|billion|trillion))?"
BEFORE = r"(?<![\w.,$£€/:%])(?P<minus>[-~±])?"
RAISED = r"(?:\^?(?P<raised>[23]))?"
PER = rf"(?:(?:/|⋅)(?P<per>{ANY_UNIT}|day|week|month|year|person|s)(?:\^?(?P<lower>[23]))?)?"
INCHES = (
    r"increments?|diameters?|pipes?|wide|long|tall|high|deep|thick|wheels?|screens?|displays?|"
    r"monitors?|laptops?|tablets?|nails?|rims?|x\b|by\b"
)
ARTICLE = re.compile(
    r"\b(?:[Aa]n?|[Aa]nother|[Tt]he|[Tt]his|[Tt]hat|[Ii]ts|[Hh]is|[Hh]er|[Mm]y|[Oo]ur) $"
)
SCALES = {"C": "Celsius", "F": "Fahrenheit", "K": "kelvin"} | COMPASS_POINTS
SPELT_TIMES = {"hr": "hour", "min": "minute", "sec": "second", "wk": "week", "mo": "month"}
EACH = UNITS | SPELT_TIMES | {"yr": "year"}
POWERS = {"2": "square ", "3": "cubic "}
SIGNS = {"-": "minus ", "~": "about ", "±": "plus or minus "}


DOUBTFUL = (
    r"(?<=[0-9])(?:s|V|W|in|hp)(?![\w^/&'’])|(?<=\.[0-9])A\b|(?<=\.[0-9] )[sVWA](?![\w.'])|"
    r"(?<=[0-9] )s(?=[,;:)]|\.(?: [A-Z]|$)|$)|"
    rf"(?<= )(?:V|W|hp|bar|cal)(?![\w'/^]|\.\w)|(?<= )in\.?(?= (?:{INCHES}))|(?<= )in\.(?= of\b)|"
    r"(?<=[0-9]-)in\b\.?(?= [a-z])"
)
MEASURED = (
    rf"(?P<unit>{UNIT})(?![\w^/&'’]|-[0-9])|(?P<rare>{DOUBTFUL})|"
    rf"(?P<amps>A)(?![\w'’^&-])|(?P<base>{ANY_UNIT}){RAISED}{PER}(?![\w^/'])"
)
# Around these, 10 A is ten amps.
AMPS_AFTER = re.compile(
    r" (?:fuses?|circuits?|breakers?|plugs?|sockets?|chargers?|supply|supplies|outlets?|loads?|"
    r"rating|rated|maximum|max|continuous|peak|current|cables?|motors?|service|panel|relays?|"
    r"switch|switches|adapters?|of current|AC|DC)\b|(?:,|/| at| and)? ?[0-9.]+ ?V\b"
)
AMPS_BEFORE = re.compile(
    r"(?:\b(?:draws?|drew|rated(?: at| for)?|fused at|current (?:of|is|was)|carry|carries|"
    r"supplies|delivers?|fuse of)|[0-9] ?V(?:olts)?(?:,|/| and| at)?) ?$"
)


@rewrite(
    rf"{BEFORE}{NUMBER}{RANGE}{SIZE}(?:(?P<hyphen>-)| ?)(?:{MEASURED})(?P<dot>\.(?!\w))?",
    needs=rf"[0-9][ -]?[A-Za-z{MU}{OMEGA}]",
)
def say_measures(match: re.Match[str]) -> str:
    """A number and a unit are read in words: 5 km is five kilometers."""
    written = match["unit"] or match["rare"] or match["amps"] or match["base"]
    if match["amps"] and not _is_current(match):
        return match.group()
    if match["base"] and not match["raised"] and not match["per"]:
        return match.group()
    one = _one(match, written.rstrip("."))
    single = (
        match["hyphen"]
        or _describes(match)
        or (match["number"] == "1" and not match["end"] and not match["size"])
    )
    joint = "-" if match["hyphen"] and " " not in one else " "
    name = one if single else pluralise(one)
    return set_apart(match, _count(match) + joint + name + _stop(match, written))


def _is_current(match: re.Match[str]) -> bool:
    """Whether A is amps: in a 10 A fuse, but not in 5 A grades."""
    before = AMPS_BEFORE.search(match.string, max(0, match.start() - 16), match.start())
    return bool(before or AMPS_AFTER.match(match.string, match.end()))


def _stop(match: re.Match[str], written: str) -> str:
    """The full stop after a unit, if it ends the sentence."""
    if not match["dot"]:
        return ""
    return "." if written not in DOTTED else full_stop(match)


def _one(match: re.Match[str], written: str) -> str:
    name = POWERS.get(match["raised"] or "", "") + UNITS[written]
    if not match["per"]:
        return name
    lower = match["per"]
    per = UNITS.get(lower, lower)
    if match["lower"]:
        per = f"{per} squared" if per == "second" else POWERS[match["lower"]] + per
    return f"{name} per {per}"


def _count(match: re.Match[str]) -> str:
    number = SIGNS.get(match["minus"] or "", "") + numbers.decimal(match["number"])
    size = match.groupdict().get("size") or ""
    if not match["end"]:
        return number + size
    joint = "by" if match["to"].strip() in ("x", "×", "by") else "to"
    return f"{number} {joint} {numbers.decimal(match['end'].replace(',', ''))}{size}"


def _describes(match: re.Match[str]) -> bool:
    """Whether the measure describes a noun, so that its unit is singular: a 10 km race."""
    text, start = match.string, match.start()
    if (match["rare"] or "").startswith("in") and text[match.end() :].startswith(" increment"):
        return True
    article = (
        match["rare"] in ("V", "W")
        or match["amps"]
        or ARTICLE.search(text, max(0, start - 9), start)
    )
    return bool(article and NOUN.match(text, match.end()))


@rewrite(
    r"(?<![\w.])(?P<degrees>[0-9]{1,3}) ?° ?(?P<minutes>[0-9]{1,2})' ?(?:(?P<seconds>[0-9]{1,2}"
    r"(?:\.[0-9]+)?)(?:\"|'') ?)?(?P<point>[NSEW]\b)?",
    needs="° ?[0-9]",
)
def say_bearings(match: re.Match[str]) -> str:
    """40°42'46"N is forty degrees forty-two minutes forty-six seconds north."""
    names = {"degrees": "degree", "minutes": "minute", "seconds": "second"}
    said = [
        f"{numbers.decimal(match[part])} {name if match[part] == '1' else pluralise(name)}"
        for part, name in names.items()
        if match[part]
    ]
    return set_apart(match, " ".join([*said, COMPASS_POINTS.get(match["point"], "")]).rstrip())


@rewrite(
    rf"(?<![\w/.])(?P<unit>[km{MU}n]?g|mcg|mmol|kWh|IU|ft)/(?P<per>[dmk{MU}]?L|kg|m|s|day)"
    r"(?:\^?(?P<lower>[23]))?(?![\w/])|(?:(?<=[0-9a-z] )(?P<things>[a-z]+s|once|twice)|(?<=[0-9]))/"
    r"(?P<each>kg|lbs?|oz|km|sq ft|ml|mL|GB|day|week|month|year|hour|hr|min|minute|second|sec|"
    r"person|night|game|wk|mo|yr)\b",
    needs="[A-Za-z0-9]/[A-Za-z]",
)
def say_rates(match: re.Match[str]) -> str:
    """A slash between units is per: mg/dL is milligrams per deciliter."""
    if match["each"]:
        joint = "a" if match["things"] in ("once", "twice") else "per"
        return f"{match['things'] or ''} {joint} {EACH.get(match['each'], match['each'])}"
    per = UNITS.get(match["per"], match["per"])
    per = POWERS[match["lower"]] + per if match["lower"] else per
    return f"{pluralise(UNITS[match['unit']])} per {per}"


@rewrite(
    r"(?:(?<![\w.])|(?<=[\"'][x×]))(?P<feet>[0-9]{1,2})"
    r"(?:'|' (?=[0-9.]+(?:\"|''| ?in\b))|ft\.? ?| ft\.? )"
    r"(?P<inches>[0-9]{1,2}(?:\.[0-9]+)?)"
    r"(?:\"|''|in\b\.?| in\b\.?)?(?:(?P<by> ?[x×] ?)(?=[0-9])|(?![\w.]*[0-9]))",
    needs="[0-9](?:'| ?ft)",
)
def say_heights(match: re.Match[str]) -> str:
    """Feet and inches of a height are read in words: 5'10" is five foot ten."""
    if float(match["inches"]) >= 12:
        return match.group()
    stop = "." if match.group().endswith(".") and full_stop(match) else ""
    height = f"{numbers.cardinal(match['feet'])} foot {numbers.decimal(match['inches'])}"
    return set_apart(match, height + (" by " if match["by"] else stop))


@rewrite(
    r"(?<![\w.'])(?P<feet>[0-9]+)'(?=(?: ?[x×] ?[0-9]| [a-z]|[.,;)]|$))(?!s)"
    r"(?P<wide> ?[x×] ?(?=[0-9]))?|(?<![\w\"])(?P<inches>[0-9]+(?:\.[0-9]+)?)\""
    r"(?P<by> ?[x×] ?(?=[0-9]))?",
    needs="[0-9]['\"]",
)
def say_inches(match: re.Match[str]) -> str:
    """27" is twenty-seven inches, unless the mark closes a quotation."""
    if match["feet"]:
        quoted = match.string.count(" '", 0, match.start()) % 2
        by = " by " if match["wide"] else ""
        return match.group() if quoted else f"{numbers.cardinal(match['feet'])} feet{by}"
    if match.string.count('"', 0, match.start()) % 2:
        return match.group()
    count = numbers.decimal(match["inches"])
    after = re.match(
        r"[ -](?!wide|long|tall|high|deep|thick|by|x|and|or|in|of|at|to)[a-z]",
        match.string[match.end() :],
    )
    by = " by " if match["by"] else ""
    return set_apart(match, f"{count} {'inch' if after or count == 'one' else 'inches'}{by}")


@rewrite(
    rf"{BEFORE}{NUMBER}(?:(?P<to> ?[-–] ?)(?P<end>{WHOLE}))? ?°(?: ?(?P<scale>[CFKNSEW])\b)?",
    needs="°",
)
def say_degrees(match: re.Match[str]) -> str:
    """-5°C is minus five degrees Celsius."""
    scale = SCALES.get(match["scale"] or "", "")
    single = match["number"] == "1" and not match["end"]
    return set_apart(
        match,
        f"{_count(match)} {'degree' if single else 'degrees'} {scale}".rstrip(),
    )


@rewrite(
    rf"(?<![\w.,$£€])(?P<minus>[-~±])?{NUMBER}(?:%?(?P<to> ?[-–] ?| to )(?P<end>{WHOLE}"
    rf"(?:\.[0-9]+)?))? ?(?:%|pct\b|‰)",
    needs="%|pct|‰",
)
def say_percents(match: re.Match[str]) -> str:
    """50% is fifty percent, and 5-10% is five to ten percent."""
    unit = "per thousand" if match.group().endswith("‰") else "percent"
    return set_apart(match, f"{_count(match)} {unit}")


REWRITES = (
    *lone_units.REWRITES_BEFORE,
    say_bearings,
    say_degrees,
    say_percents,
    say_heights,
    say_inches,
    say_measures,
    say_rates,
    lone_units.say_lone_units,
)

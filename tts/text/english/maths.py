"""Rewrites of fractions, powers and other simple mathematics."""

import re

from tts.text.english import numbers
from tts.text.english.signs import GREEK_LETTERS
from tts.text.english.units import UNITS, many
from tts.text.rewrite import any_of, apart, rewrite

SMALL_UNITS = any_of(["inch", "inches", "cup", "cups", "mile", "miles", "hour", "hours", *UNITS])
COMPARISONS = {
    "<=": "is at most",
    ">=": "is at least",
    "!=": "is not equal to",
    "==": "equals",
    "->": "to",
    "=>": "implies",
    "<": "less than",
    ">": "greater than",
}


@rewrite(
    r"(?<![Α-Ωα-ω])[Α-Ωα-ω](?![Α-Ωα-ω])",
    needs="[Α-Ωα-ω]",
)
def name_greek(match: re.Match[str]) -> str:
    """A Greek letter alone is named."""
    return apart(match, GREEK_LETTERS[match.group()])


@rewrite(
    r"(?<![\w/.,$-])(?:(?P<whole>[0-9]{1,3})[ -])?(?P<above>[1-9][0-9]?)/(?P<below>[2-9]|"
    r"1[0-26]|20|25|32|50|64|100)"
    rf"(?:ths?|rds?)?(?![\w/]|[.,][0-9])(?P<of>(?: of an?)? (?P<unit>{SMALL_UNITS}|pound|pint|"
    rf"acre|price|teaspoon|tablespoon|second|minute|day|dozen|point)\b(?:\.(?= [a-z]))?)?",
    needs="[0-9]/[0-9]",
)
def say_fractions(match: re.Match[str]) -> str:
    """3/4 is three quarters, 2 1/2 two and one half, and 1/2 mile half a mile."""
    above, below, unit = int(match["above"]), int(match["below"]), match["unit"]
    if (above >= below and match["whole"]) or (above > 9 and above > below):
        return match.group()
    part = numbers.fraction(above, below)
    if match["whole"]:
        said = f"{numbers.cardinal(match['whole'])} and {part}"
        measured = unit in UNITS and not match["of"].startswith(" of")
        return apart(
            match, f"{said} {many(UNITS[unit])}" if measured else said + (match["of"] or "")
        )
    if not unit or match["of"].startswith(" of"):
        return apart(match, part) + (match["of"] or "")
    name = UNITS.get(unit, unit)
    article = "an" if name[0] in "aeio" or name == "hour" else "a"
    if name.endswith("s") and name != "lens":
        return f"{part}{match['of']}"
    if re.search(r"\b[Aa]n? $", match.string[: match.start()]):
        return f"{'half' if (above, below) == (1, 2) else part} {name}"
    return apart(
        match,
        f"half {article} {name}" if (above, below) == (1, 2) else f"{part} of {article} {name}",
    )


@rewrite(
    r"(?<![\w.])(?P<whole>[0-9]+(?:\.[0-9]+)?)[eE](?P<power>[+-]?[0-9]{1,3})\b", needs="[0-9][eE]"
)
def say_exponents(match: re.Match[str]) -> str:
    """6.02e23 is six point zero two times ten to the twenty-third."""
    return f"{numbers.decimal(match['whole'])} times ten {numbers.power(match['power'])}"


@rewrite(r"\^(?:(?P<bare>[+-]?[0-9]+|[a-z]\b)|[({](?P<braced>[+-]?[0-9]+|[a-z])[)}])", needs=r"\^")
def say_powers(match: re.Match[str]) -> str:
    """10^6 is ten to the sixth, and x^2 x squared."""
    exponent = match["bare"] or match["braced"]
    if exponent.isalpha():
        return f" to the {exponent} "
    return f" {numbers.power(exponent)}" + (
        " " if match.string[match.end() : match.end() + 1].isalnum() else ""
    )


@rewrite(
    r"(?<=[0-9)])(?: ?\* ?| ?[x×] ?)(?=[0-9(])|(?<=\b[a-z])\*(?=[a-z]\b)",
    needs="[0-9)] ?[*x×]|[a-z][*]",
)
def say_products(match: re.Match[str]) -> str:
    """3*4 is three times four, and 3 x 4 three by four."""
    return " by " if "x" in match.group() else " times "


@rewrite(r"(?<!\w)(?P<wide>[0-9]{3,4}) ?[x×] ?(?P<high>[0-9]{3,4})(?!\w)", needs="[0-9] ?[x×]")
def say_resolutions(match: re.Match[str]) -> str:
    """1920x1080 is nineteen twenty by ten eighty."""
    return f"{numbers.paired(match['wide'])} by {numbers.paired(match['high'])}"


@rewrite(r"(?<=[0-9])[x×](?![\w×])", needs="[0-9][x×]")
def say_multiples(match: re.Match[str]) -> str:
    """2x is two times."""
    return " times"


@rewrite(
    r"(?<=[\w)]) [-−–] (?=[\w(][\w. +*/×()^-]*=)|(?<== )[-−](?=[0-9])|(?<=[0-9] )[-−] "
    r"(?=[0-9]+ ?=)|(?<=[0-9])[-−](?=[0-9.]+ ?=)",
    needs="=",
)
def say_differences(match: re.Match[str]) -> str:
    """A dash between the terms of an equation is minus."""
    return " minus "


@rewrite(r"(?<=[0-9)]) / (?=[0-9(])|(?<=[0-9)]) ?/ ?(?=[0-9.]+ ?=)", needs="/")
def say_quotients(match: re.Match[str]) -> str:
    """8 / 2 is eight divided by two."""
    return " divided by "


@rewrite(
    r"<=|>=|!=|==|->|=>|[<>](?= ?[-.$]?[0-9])|(?<=[0-9a-z)] )[<>](?= [a-z]\b)|(?<=\b[a-z] )[<>]"
    r"(?= )",
    needs="[<>=]",
)
def say_comparisons(match: re.Match[str]) -> str:
    """5 > 3 is five greater than three."""
    return f" {COMPARISONS[match.group()]} "


@rewrite(r"~(?= ?[$]?[0-9])|≈ ?(?=[0-9])(?<![\w] ≈)", needs="[~≈]")
def say_about(match: re.Match[str]) -> str:
    """~5 is about five."""
    return "about "


@rewrite(r"(?<=[0-9])!(?= ?[=+*/-])|√(?= ?[0-9a-z])", needs="[!√]")
def say_functions(match: re.Match[str]) -> str:
    """5! = 120 is five factorial, and √2 the square root of two."""
    return " factorial" if match.group() == "!" else "the square root of "


REWRITES = (
    name_greek,
    say_differences,
    say_exponents,
    say_powers,
    say_resolutions,
    say_products,
    say_multiples,
    say_quotients,
    say_comparisons,
    say_functions,
)

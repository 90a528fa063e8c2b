"""Rewrites of fractions, powers, comparisons and other simple mathematics."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.mathematics.symbols import GREEK_LETTERS
from tts.text.normalise.english.quantities.units import UNITS, pluralise
from tts.text.normalise.rule import any_of, preceded_by, rewrite, set_apart

SMALL_UNITS = any_of(["inch", "inches", "cup", "cups", "mile", "miles", "hour", "hours", *UNITS])
CERTAIN_UNITS = any_of(unit for unit in UNITS if unit not in ("in", "t", "pc", "ac", "a"))
TRIGONOMETRIC = {"sin": "sine", "cos": "cosine", "tan": "tangent"}
ARTICLE = re.compile(r"\b[Aa]n? $")
RATED = re.compile(
    r"\b(?:[Rr]at(?:ed?|ing)|[Ss]cored?|[Gg]ot|[Gg]ave|[Gg]ives?|[Gg]rade|[Mm]ark)"
    r"(?: (?:an?|is|was|of|it|him|her|them|this|that))?:? $"
)
EQUATED = re.compile(r"[0-9.]+ ?=")
TERM_AFTER = re.compile(r" ?[+=^](?!=)| ?(?:-|minus) ?[0-9a-z]+ ?[+=]| (?:squared|cubed|to the)\b")
TERM_BEFORE = re.compile(r"(?:=|[+] ?|= ?-) ?[0-9.]*$")
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
    """A single Greek letter is read by its name: α is alpha."""
    return set_apart(match, GREEK_LETTERS[match.group()])


@rewrite(
    r"(?<![\w/.,$-])(?P<got>[0-9]{1,3}(?:\.[0-9])?)/(?P<out>5|10|20|50|100)(?![\w/-]|[.,][0-9])"
    rf"(?! (?:of|an?|{SMALL_UNITS})\b)",
    needs="[0-9]/[125]",
)
def say_scores(match: re.Match[str]) -> str:
    """A score is read with out of: 8/10 is eight out of ten."""
    text, start = match.string, match.start()
    rated = RATED.search(text, max(0, start - 20), start) or text.startswith(
        (" stars", " points"), match.end()
    )
    tens = match["out"] in ("10", "100") and match["got"] != "1"
    halves = "." in match["got"]
    if float(match["got"]) > int(match["out"]) or not (tens or halves or rated):
        return match.group()
    return f"{numbers.decimal(match['got'])} out of {numbers.cardinal(match['out'])}"


@rewrite(
    r"(?<![\w/.,$-])(?P<beats>[2-9]|12)/(?P<of>[248])(?= time\b)|"
    r"(?<![\w/.,$-])(?P<first>[1-9][0-9]{1,2})/(?P<last>[1-9][0-9]{1,2})(?![\w/-]|[.,][0-9])",
    needs="[0-9]/[1-9]",
)
def say_slashes(match: re.Match[str]) -> str:
    """A 60/40 split is sixty forty, and a blood pressure of 120/80 is one twenty over eighty."""
    if match["beats"]:
        return f"{numbers.cardinal(match['beats'])} {numbers.cardinal(match['of'])}"
    first, last = match["first"], match["last"]
    if int(first) + int(last) == 100:
        return f"{numbers.cardinal(first)} {numbers.cardinal(last)}"
    if 80 <= int(first) <= 250 and 40 <= int(last) <= 150 and int(first) > int(last):
        return f"{numbers.paired(first)} over {numbers.paired(last)}"
    return match.group()


@rewrite(
    r"(?<![\w/.,$-])(?:(?P<whole>[0-9]{1,3})[ -])?(?P<above>[1-9][0-9]?)/(?P<below>[2-9]|"
    r"1[0-26]|20|25|32|50|64|100)"
    rf"(?:ths?|rds?)?(?![\w/]|[.,][0-9])(?P<of>(?: of an?)? (?P<unit>{SMALL_UNITS}|pound|pint|"
    rf"acre|price|teaspoon|tablespoon|second|minute|day|dozen|point)\b(?:\.(?= [a-z]))?)?",
    needs="[0-9]/[0-9]",
)
def say_fractions(match: re.Match[str]) -> str:
    """3/4 is three quarters, 2 1/2 is two and one half, and 1/2 mile is half a mile."""
    above, below, unit = int(match["above"]), int(match["below"]), match["unit"]
    if (above >= below and match["whole"]) or (above > 9 and above > below):
        return match.group()
    part = numbers.fraction(above, below)
    if match["whole"]:
        said = f"{numbers.cardinal(match['whole'])} and {part}"
        measured = unit in UNITS and not match["of"].startswith(" of")
        return set_apart(
            match, f"{said} {pluralise(UNITS[unit])}" if measured else said + (match["of"] or "")
        )
    if not unit or match["of"].startswith(" of"):
        return set_apart(match, part) + (match["of"] or "")
    if unit == "price" and (above, below) == (1, 2):
        return "half price"
    name = UNITS.get(unit, unit)
    article = "an" if name[0] in "aeio" or name == "hour" else "a"
    if name.endswith("s") and name != "lens":
        return f"{part}{match['of']}"
    if ARTICLE.search(match.string, max(0, match.start() - 4), match.start()):
        return f"{'half' if (above, below) == (1, 2) else part} {name}"
    return set_apart(
        match,
        f"half {article} {name}" if (above, below) == (1, 2) else f"{part} of {article} {name}",
    )


@rewrite(
    r"(?<![\w.])(?P<whole>[0-9]+(?:\.[0-9]+)?)[eE](?P<power>[+-]?[0-9]{1,3})\b", needs="[0-9][eE]"
)
def say_exponents(match: re.Match[str]) -> str:
    """6.02e23 is six point zero two times ten to the twenty-third."""
    return f"{numbers.decimal(match['whole'])} times ten {numbers.power(match['power'])}"


@rewrite(
    rf"(?<=[0-9])\^(?P<power>[+-]?[0-9]{{1,4}})(?: (?P<unit>{CERTAIN_UNITS})(?![\w^/]))?|"
    r"(?<![\w/])(?P<letters>[a-z]{2})(?=\^[0-9])",
    needs=r"\^",
)
def say_number_powers(match: re.Match[str]) -> str:
    """A power of a number comes before a unit, and letters before a power are apart: m c^2."""
    letters, unit = match["letters"], match["unit"]
    if letters:
        return letters if letters in UNITS else " ".join(letters)
    said = f" {numbers.power(match['power'])}"
    if unit:
        return f"{said} {pluralise(UNITS[unit])}"
    return said + (" " if match.string[match.end() : match.end() + 1].isalnum() else "")


@rewrite(
    r"(?<![\w'-])(?P<name>sin|cos|tan)(?P<power>\^-?[0-9])? ?(?:\((?P<argument>[^()\s]{1,8})\))?"
    r"(?(power)|(?(argument)|(?=[xyzt]\b)))",
    needs=r"(?:sin|cos|tan)(?:[\^(]| [xyzt(])",
)
def name_functions(match: re.Match[str]) -> str:
    """A function of an angle is read in full: sin(x) is sine of x."""
    power = f" {numbers.power(match['power'][1:])}" if match["power"] else ""
    of = f"of {match['argument']}" if match["argument"] else ""
    return f"{TRIGONOMETRIC[match['name']]}{power} {of}"


@rewrite(r"\^(?:(?P<bare>[+-]?[0-9]+|[a-z]\b)|[({](?P<braced>[+-]?[0-9]+|[a-z])[)}])", needs=r"\^")
def say_powers(match: re.Match[str]) -> str:
    """10^6 is ten to the sixth, and x^2 is x squared."""
    exponent = match["bare"] or match["braced"]
    if exponent.isalpha():
        return f" to the {exponent} "
    return f" {numbers.power(exponent)}" + (
        " " if match.string[match.end() : match.end() + 1].isalnum() else ""
    )


@rewrite(
    r"(?<=[0-9)])(?: ?\* ?| ?[x×] ?)(?=[0-9(])|(?<=\b[a-z])\*(?=[a-z]\b)|"
    rf"{preceded_by('feet', 'foot', 'inch', 'inches', 'meters', 'meter')} [x×] (?=[a-z0-9])",
    needs="[0-9)] ?[*x×]|[a-z][*]|[htrs] [x×]",
)
def say_products(match: re.Match[str]) -> str:
    """3*4 is three times four, and 3 x 4 is three by four, except in an equation."""
    equated = EQUATED.match(match.string, match.end())
    return " by " if "x" in match.group() and not equated else " times "


@rewrite(r"(?<!\w)(?P<wide>[0-9]{3,4}) ?[x×] ?(?P<high>[0-9]{3,4})(?!\w)", needs="[0-9] ?[x×]")
def say_resolutions(match: re.Match[str]) -> str:
    """1920x1080 is nineteen twenty by ten eighty."""
    return f"{numbers.paired(match['wide'])} by {numbers.paired(match['high'])}"


@rewrite(r"(?<=[0-9])[x×](?![\w×])", needs="[0-9][x×]")
def say_multiples(match: re.Match[str]) -> str:
    """2x is two times, but in 2x + 1 = 7 it is two x."""
    term = TERM_AFTER.match(match.string, match.end()) or TERM_BEFORE.search(
        match.string, max(0, match.start() - 12), match.start()
    )
    return " x" if term and match.group() == "x" else " times"


@rewrite(
    r"(?<=[\w)]) [-−–] (?=[\w(](?:[\w +*/×()^-]|\.[0-9])*=)|(?<== )[-−](?=[0-9])|(?<=[0-9] )[-−] "
    r"(?=[0-9]+ ?=)|(?<=[0-9])[-−] ?(?=[0-9.]+ ?=)",
    needs="=",
)
def say_differences(match: re.Match[str]) -> str:
    """A dash between the terms of an equation is minus: 5 - 3 = 2."""
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
    """Comparisons are read in words: 5 > 3 is five greater than three."""
    return f" {COMPARISONS[match.group()]} "


@rewrite(
    r"~(?= ?[$]?[0-9])|≈ ?(?=[0-9])(?<![\w] ≈)|\+ ?/? ?[-−] ?(?=[$£€]?[0-9])", needs="[~≈]|[+]"
)
def say_about(match: re.Match[str]) -> str:
    """~5 is about five, and +/-5 is plus or minus five."""
    return " plus or minus " if "+" in match.group() else "about "


@rewrite(r"(?<=[0-9])!(?= ?[=+*/-])|√(?= ?[0-9a-z])", needs="[!√]")
def say_functions(match: re.Match[str]) -> str:
    """5! = 120 is five factorial equals one hundred twenty, and √2 is the square root of two."""
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

"""Rewrites of what programs are written with: operators, names, numbers to the base 16."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.words.acronyms import SAID_AS_WORDS, SHOUTED_WORD, is_word
from tts.text.normalise.rule import preceded_by, rewrite, set_apart

OPERATORS = {
    "&&": "and",
    "||": "or",
    "===": "equals",
    "!==": "is not equal to",
    "**": "to the power of",
}
NAME_PARTS = re.compile("[A-Z]+|[0-9]+")
COLORED = preceded_by(
    *(
        f"{name}{joint}"
        for name in ("olor", "olour", "ground", "[Hh]ex", "[Cc]ode", "fill", "stroke")
        for joint in (" ", ": ", ":", "=", " is ", " code ")
    )
)


@rewrite(
    r"(?<=[\w)\]\"'])(?: (?:&&|\|\||!==|===) |(?:&&|\|\||!==|===))"
    r"(?=[\w(\[!\"'-])|(?:(?<=[0-9)])|(?<=\b[a-z])) \*\* (?=[0-9(]|[a-z]\b)",
    needs=r"&&|\|\||===?|\*\*",
)
def name_operators(match: re.Match[str]) -> str:
    """An operator of programming languages is read in words: a && b is a and b."""
    return f" {OPERATORS[match.group().strip()]} "


@rewrite(
    r"(?<![\w.])(?P<code>0[xX][0-9A-Fa-f]{1,64}|0[bB][01]{1,64}|0o[0-7]{1,32})(?!\w)|"
    r"(?<!\w)U\+(?P<point>[0-9A-F]{4,6})(?!\w)",
    needs=r"0[xXbBo]|U\+",
)
def spell_hexadecimals(match: re.Match[str]) -> str:
    """The digits of a number to another base are read one by one: 0x1F is zero x one F."""
    if match["point"]:
        return f"U plus {_spelt(match['point'])}"
    base, digits = match["code"][1].lower(), match["code"][2:]
    return set_apart(match, f"zero {base} {_spelt(digits)}")


@rewrite(
    r"(?<![\w&/#])#(?P<color>(?=[0-9A-Fa-f]*[0-9])(?=[0-9A-Fa-f]*[A-Fa-f])(?:[0-9A-Fa-f]{6}|"
    r"[0-9A-Fa-f]{8})|(?=[a-f]*[0-9])(?:[a-f][0-9a-f]{2})|0{6}|f{3}|F{3}|f{6}|F{6})(?![\w-])|"
    rf"{COLORED}#(?P<named>[0-9A-Fa-f]{{6}}|[0-9A-Fa-f]{{3}})(?![\w-])",
    needs="#",
)
def spell_colors(match: re.Match[str]) -> str:
    """A color in hexadecimal is read digit by digit: #FF5733 is F F five seven three three."""
    return _spelt(match["color"] or match["named"])


@rewrite(
    r"(?<![\w.#-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])(?=[0-9]+[a-f]+[0-9]|[a-f]+[0-9]+[a-f])"
    r"[0-9a-f]{7,64}(?![\w-])",
    needs="[0-9][a-f]|[a-f][0-9]",
)
def spell_digests(match: re.Match[str]) -> str:
    """The digits of a checksum are read one by one: 3f2a9bc is three F two A nine B C."""
    if re.fullmatch("[0-9]+e[0-9]+", match.group()):
        return match.group()
    return set_apart(match, _spelt(match.group()))


def _spelt(digits: str) -> str:
    return " ".join(
        numbers.by_digit(one) if one.isdigit() else one.upper() for one in digits if one.isalnum()
    )


@rewrite(
    r"(?<![\w.])_{0,2}(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)_{0,2}(?!\w)",
    needs="[A-Z0-9]_[A-Z0-9]",
)
def read_constants(match: re.Match[str]) -> str:
    """The words of a constant are read as words: MAX_RETRIES is max retries."""
    return " ".join(map(_constant, NAME_PARTS.findall(match["name"])))


def _constant(part: str) -> str:
    ordinary = part not in SAID_AS_WORDS and (is_word(part) or SHOUTED_WORD.fullmatch(part))
    return part.lower() if ordinary else part


@rewrite(
    r"(?<![\w'.@#])(?:(?:[a-z]{3,}|is|to|on|my|no)[A-Z][a-z]{2,}|[a-z]{2,}(?:[A-Z][a-z]+){2})(?:[A-Z][a-z]+)*"
    r"(?:[A-Z]{2,4})?(?![\w'])",
    needs="[a-z][A-Z]",
)
def part_camels(match: re.Match[str]) -> str:
    """The words of a name in a program are separated: getElementById is get element by id."""
    return re.sub(
        "(?<=[a-z])[A-Z](?![A-Z])", lambda start: f" {start.group().lower()}", match.group()
    )


@rewrite(
    r"(?<=[A-Za-z])`(?=(?:s|t|d|m|ll|re|ve|em|n)\b)|(?<=\bO)`(?=[A-Z])|(?<=\bo)`(?=clock)|"
    r"(?<!\w)`(?=(?:tis|twas|em|til|cause|n)\b(?!`))|(?<!\w)`(?=[0-9]0s\b)",
    needs="`",
)
def raise_backticks(match: re.Match[str]) -> str:
    """A backtick within a word is an apostrophe: don`t is don't."""
    return "'"


FIRST = (raise_backticks, spell_hexadecimals, spell_colors, spell_digests, name_operators)
NAMES = (read_constants, part_camels)

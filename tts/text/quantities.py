"""Rewrites of what is written in digits: times, money, dates, fractions, numbers."""

import re

from tts.text import numbers
from tts.text.abbreviations import MONTHS, full_stop
from tts.text.spoken import Spoken

WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,6}(?![0-9])|[0-9]+)"
CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
}
MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion", "t": "trillion"}

MERIDIEM = re.compile(
    r"(?:(?<=[0-9])|(?<=\w) )(?P<dotted>[AaPp])\.[Mm]\.|(?<=[0-9]) ?(?P<bare>[AaPp])[Mm]\b"
)
TIME = re.compile(
    r"(?<![\w:.])(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?![\w:])(?P<half> [AP] M\b)?"
)
MONEY = re.compile(
    rf"(?:(?<!\w)(?P<minus>-))?(?P<sign>[$£€¥]) ?(?P<whole>{WHOLE})(?:\.(?P<part>[0-9]+))?"
    r"(?: ?(?P<size>(?i:thousand|million|billion|trillion|bn|[kmbt]))\b)?"
)
FRACTION = re.compile(
    r"(?<![\w/.,$-])(?:(?P<whole>[0-9]{1,3}) )?"
    r"(?P<above>[1-9])/(?P<below>[2-9]|10)(?![\w/]|[.,][0-9])"
)
DATE = re.compile(
    rf"\b(?P<month>{'|'.join(set(MONTHS.values()))}|May|June|July) (?P<day>[1-9]|[12][0-9]|3[01])"
    r"(?:st|nd|rd|th)?\b(?![.,:][0-9]|%)"
)
DECADE = re.compile(r"(?<![\w.,$])'?(?P<year>1[1-9][0-9]0|20[0-9]0|[2-9]0)'?s\b")
ORDINAL = re.compile(rf"(?<![\w.,])(?P<whole>{WHOLE})(?:st|nd|rd|th)\b")
RANGE = re.compile(r"(?<=[0-9]) ?– ?(?=[0-9])")
HYPHEN = re.compile(r"(?<=\w)-(?=[0-9])")
YEAR = re.compile(r"(?<![\w.,-])(?P<year>1[1-9][0-9]{2}|20[0-9]{2})(?![\w%]|[.,:][0-9])")
NUMBER = re.compile(rf"(?:(?<!\w)(?P<minus>-))?(?P<digits>{WHOLE}(?:\.[0-9]+)*|(?<!\w)\.[0-9]+)")
SENTENCE_BEFORE = re.compile(r"""[.?!]["')\]]*\s+["'(]*$""")


def say_times(spoken: Spoken) -> Spoken:
    """4:45 p.m. is four forty-five P M; an hour alone is so many o'clock."""
    return spoken.substitute(MERIDIEM, _meridiem).substitute(TIME, _time)


def _meridiem(match: re.Match[str]) -> str:
    return f" {(match['dotted'] or match['bare']).upper()} M{full_stop(match)}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"] or ""
    exact = minute == 0 and not half
    if exact and hour > 12:
        return _said(match, f"{numbers.cardinal(str(hour))} hundred hours")
    return _said(match, numbers.clock(hour, minute) + (" o'clock" if exact else half))


def say_money(spoken: Spoken) -> Spoken:
    """$3.50 is three dollars and fifty cents, £5.2M five point two million pounds."""
    return spoken.substitute(MONEY, _money)


def _money(match: re.Match[str]) -> str:
    one, many, one_part, many_parts = CURRENCIES[match["sign"]]
    whole, part, size = match["whole"].replace(",", ""), match["part"], match["size"]
    minus = "minus " if match["minus"] else ""
    if size:
        amount = numbers.decimal(f"{whole}.{part}" if part else whole)
        return _said(match, f"{minus}{amount} {MAGNITUDES.get(size.lower(), size)} {many}")
    if part and len(part) != 2:
        return _said(match, f"{minus}{numbers.decimal(f'{whole}.{part}')} {many}")

    units = f"{numbers.cardinal(whole)} {one if whole == '1' else many}"
    if not part or not int(part):
        return _said(match, minus + units)
    parts = f"{numbers.cardinal(str(int(part)))} {one_part if part == '01' else many_parts}"
    return _said(match, minus + (parts if not int(whole) else f"{units} and {parts}"))


def say_fractions(spoken: Spoken) -> Spoken:
    """3/4 is three quarters, and 2 1/2 two and one half."""
    return spoken.substitute(FRACTION, _fraction)


def _fraction(match: re.Match[str]) -> str:
    whole = f"{numbers.cardinal(match['whole'])} and " if match["whole"] else ""
    above, below = int(match["above"]), int(match["below"])
    return _said(match, whole + numbers.fraction(above, below))


def say_dates(spoken: Spoken) -> Spoken:
    """April 3, 2024 is April third, twenty twenty-four; the 1990s are the nineteen nineties."""
    spoken = spoken.substitute(
        DATE, lambda match: f"{match['month']} {numbers.ordinal(match['day'])}"
    )
    spoken = spoken.substitute(DECADE, lambda match: _said(match, numbers.decade(match["year"])))
    spoken = spoken.substitute(RANGE, lambda match: " to ")
    return spoken.substitute(YEAR, lambda match: _said(match, numbers.year(match["year"])))


def say_numbers(spoken: Spoken) -> Spoken:
    """No digit is left."""
    spoken = spoken.substitute(
        ORDINAL, lambda match: _said(match, numbers.ordinal(match["whole"].replace(",", "")))
    )
    return spoken.substitute(HYPHEN, lambda match: " ").substitute(NUMBER, _number)


def _number(match: re.Match[str]) -> str:
    minus = "minus " if match["minus"] else ""
    return _said(match, minus + numbers.decimal(match["digits"].replace(",", "")))


def _said(match: re.Match[str], words: str) -> str:
    """Words that stand apart from the letters around them, with a capital to begin a sentence."""
    text, start, end = match.string, match.start(), match.end()
    if SENTENCE_BEFORE.search(text, max(0, start - 6), start):
        words = words[0].upper() + words[1:]
    before = " " if text[start - 1 : start].isalpha() else ""
    return before + words + (" " if text[end : end + 1].isalpha() else "")

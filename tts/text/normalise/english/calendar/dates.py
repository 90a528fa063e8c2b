"""Rewrites of dates, in digits or with month names."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.words.abbreviation_data import (
    MONTH_ABBREVIATIONS,
    MONTH_NAMES,
    WEEKDAYS,
    WEEKEND,
)
from tts.text.normalise.rule import DIGIT, Rewrite, any_of, preceded_by, rewrite, set_apart

ARTICLE = re.compile(r"\b(?:the|The|this|every) $")
DAYS = (*WEEKDAYS, *WEEKEND)
WRITTEN = {*MONTH_NAMES, *MONTH_ABBREVIATIONS}
WORDLIKE = {"may", "march", "mar"}  # in small letters, these are usually words
SMALL_MONTH = any_of({month.lower() for month in WRITTEN} - WORDLIKE)
MONTH = f"{any_of({*WRITTEN, *map(str.upper, WRITTEN)})}|{SMALL_MONTH}"
ANY_MONTH = rf"(?:(?P<month>{MONTH})|(?P<wordlike>{any_of(WORDLIKE)}))"
NTH = "(?:st|nd|rd|th)"
YEAR = "(?:1[0-9]{3}|20[0-9]{2})"
YEAR_AFTER = re.compile(rf",? {YEAR}\b(?![.,:][0-9])")
WHEN = re.compile(r"\b(?:[Oo]n|[Bb]y|[Uu]ntil|[Ss]ince|[Dd]ue|before|after|born|dated) $")
DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
NUMERIC = (
    r"(?<![\w/.,:$-])(?P<first>[0-9]{1,2})(?P<sep>[/.-])(?P<second>[0-9]{1,2})(?P=sep)"
    r"(?P<year>[0-9]{4}|[0-9]{2})(?![\w/%]|[.,:-][0-9])"
)
THEN = (
    r"\bas of ",
    "eek of ",
    r"\b[oO]n ",
    r"\b[bB]y ",
    "[Dd]ue ",
    "ntil ",
    "ince ",
    "from ",
    "after ",
    "day ",
    "day [(]",
)
PARTIAL = (
    rf"(?:{preceded_by(*THEN, *(rf'{day}{dot}' for day in DAYS for dot in (' ', '[.] ', ' [(]')))}|"
    r"(?<![\w/.,:$-])(?=0|[0-9]+/0))"
    r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})(?![\w/%]|[.,:-][0-9]| of\b| an? )"
)


@rewrite(
    rf"(?<![\w/.-])(?P<year>[12][0-9]{{3}})(?P<sep>[-/])(?P<month>0?[1-9]|1[0-2])(?P=sep){DAY}"
    r"(?:T(?=[0-9])|(?![\w/]|-[0-9]))",
    needs=r"[0-9][-/][01]?[0-9][-/]",
)
def say_iso_dates(match: re.Match[str]) -> str:
    """2025-03-04 and 2025-3-4 are March fourth, twenty twenty-five."""
    said = _date(int(match["month"]), int(match["day"]), match["year"])
    return (said or match.group()) + (" at " if match.group().endswith("T") else "")


@rewrite(
    r"(?<![\w/.,$-])(?P<century>1[0-9]|20)(?P<year>[0-9]{2})-(?P<month>0[1-9]|1[0-2])"
    r"(?![\w/-]|[.,:][0-9])",
    needs="[0-9]{4}-[01][0-9]",
)
def say_iso_months(match: re.Match[str]) -> str:
    """2024-03 is March twenty twenty-four, but 2003-04 is a range of years."""
    if int(match["month"]) > int(match["year"]):
        return match.group()
    return f"{MONTH_NAMES[int(match['month']) - 1]} {match['century']}{match['year']}"


def numeric_dates(day_first: bool) -> tuple[Rewrite, Rewrite]:
    """The rewrites of dates in digits.

    Args:
        day_first: whether the first number is the day; the other order is tried if the date does
            not exist. Dates with full stops always begin with the day.
    """

    @rewrite(NUMERIC, needs=r"[0-9][/.-][0-9]{1,2}[/.-][0-9]")
    def say_numeric_dates(match: re.Match[str]) -> str:
        """3/4/2025 is March fourth, twenty twenty-five, or the third of April, day first."""
        return _numeric(match, match["year"], day_first or match["sep"] == ".") or match.group()

    @rewrite(PARTIAL, needs="[0-9]/[0-9]")
    def say_partial_dates(match: re.Match[str]) -> str:
        """On 12/25 is on December twenty-fifth."""
        return _numeric(match, "", day_first) or match.group()

    return say_numeric_dates, say_partial_dates


def _numeric(match: re.Match[str], year: str, day_first: bool) -> str:
    first, second = int(match["first"]), int(match["second"])
    year = _full_year(year) if len(year) == 2 else year
    orders = [(second, first), (first, second)] if day_first else [(first, second), (second, first)]
    return next(filter(None, (_date(month, day, year) for month, day in orders)), "")


def _date(month: int, day: int, year: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    return f"{MONTH_NAMES[month - 1]} {numbers.ordinal(str(day))}" + (
        f", {numbers.year(year)}" if year else ""
    )


@rewrite(
    rf"\b(?<![0-9]-){ANY_MONTH}(?:\.? |(?P<hyphen>-)){DAY}(?P<nth>{NTH})?"
    rf"(?:(?: ?[-–] ?)(?P<end>[0-9]{{1,2}}){NTH}?(?![0-9]))?"
    rf"(?:(?(hyphen)-|,)(?P<year>{YEAR})(?![\w%-]|[.,:][0-9]))?\b(?![.,:][0-9]|%)",
    needs=DIGIT,
)
def say_month_days(match: re.Match[str]) -> str:
    """April 3 is April third."""
    if not _is_month(match):
        return match.group()
    to = f" to {numbers.ordinal(match['end'])}" if match["end"] else ""
    return f"{_month(match)} {numbers.ordinal(match['day'].lstrip('0'))}{to}{_year(match)}"


@rewrite(
    rf"(?<![\w.,:/$])(?:(?P<from>[0-9]{{1,2}}){NTH}? ?[-–] ?)?{DAY}(?P<nth>{NTH})?(?P<sep>-|"
    rf" of | ){ANY_MONTH}\b(?:\.(?= [a-z0-9]|,))?"
    rf"(?:(?:-| |, ?)(?P<year>{YEAR})\b(?![.,:][0-9])|(?<=-[A-Za-z]{{3}})-(?P<short>[0-9]{{2}})"
    r"(?![\w-]))?(?! [0-9]{1,2}\b)",
    needs=DIGIT,
)
def say_day_months(match: re.Match[str]) -> str:
    """3 April 2024 is the third of April, twenty twenty-four."""
    if match["month"] == "Mar" and match["sep"] == " " and not match["year"]:
        return match.group()
    if not _is_month(match):
        return match.group()
    bare = ARTICLE.search(match.string, max(0, match.start() - 7), match.start())
    first = f"{numbers.ordinal(match['from'])} to " if match["from"] else ""
    day = numbers.ordinal(match["day"].lstrip("0"))
    said = f"{'' if bare else 'the '}{first}{day} of {_month(match)}"
    return set_apart(match, said + _year(match))


@rewrite(
    rf"\b(?P<month>{SMALL_MONTH}|mar|{any_of(MONTH_ABBREVIATIONS)})(?:\.? |-)"
    rf"(?={YEAR}\b(?![.,:-][0-9]))|"
    rf"\b(?P<first>{SMALL_MONTH})\.?(?P<to> (?:to|and|or|through|until) | ?[-–] ?)"
    rf"(?P<last>{SMALL_MONTH}|mar)\b(?!')",
    needs=rf"(?: |-){YEAR}|[a-z](?:\.? (?:to|and|or|through|until) | ?[-–] ?)[adfjmnos]",
)
def say_month_years(match: re.Match[str]) -> str:
    """A short month before a year is said in full: feb 2020 and Feb-2020 are February 2020."""
    if match["month"]:
        return f"{_month(match)} "
    months = (match[one].title() for one in ("first", "last"))
    first, last = (MONTH_ABBREVIATIONS.get(month, month) for month in months)
    to = match["to"].replace("–", "-")
    return f"{first}{' to ' if to.strip() == '-' else to}{last}"


def _is_month(match: re.Match[str]) -> bool:
    """Whether may or march in small letters is a month here: may 5, 2024, but not may 5 of them."""
    text, start = match.string, match.start()
    return bool(
        match["month"]
        or match["nth"]
        or match["year"]
        or WHEN.search(text, max(0, start - 8), start)
        or YEAR_AFTER.match(text, match.end())
    )


def _month(match: re.Match[str]) -> str:
    groups = match.groupdict()
    written = (groups["month"] or groups["wordlike"]).title()
    return MONTH_ABBREVIATIONS.get(written, written)


def _year(match: re.Match[str]) -> str:
    written = match["year"] or _full_year(match.groupdict().get("short") or "")
    return f", {numbers.year(written)}" if written else ""


def _full_year(short: str) -> str:
    """A year of two digits: 51 to 99 are of the last century; chosen by hand."""
    return short and ("19" if int(short) > 50 else "20") + short


def date_rewrites(day_first: bool) -> tuple[Rewrite, ...]:
    """The rewrites of dates, in the order in which they are applied."""
    return (
        say_iso_dates,
        say_iso_months,
        *numeric_dates(day_first),
        say_day_months,
        say_month_days,
        say_month_years,
    )

"""Rewrites of dates, in digits or with month names."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.abbreviation_data import (
    MONTH_ABBREVIATIONS,
    MONTH_NAMES,
    WEEKDAYS,
    WEEKEND,
)
from tts.text.normalise.rule import DIGIT, Rewrite, any_of, preceded_by, rewrite, set_apart

ARTICLE = re.compile(r"\b(?:the|The|this|every) $")
DAYS = (*WEEKDAYS, *WEEKEND)
WRITTEN = {*MONTH_NAMES, *MONTH_ABBREVIATIONS}
SHORT_MONTH = f"(?P<month>{any_of({*WRITTEN, *map(str.upper, WRITTEN)})})"
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
)
PARTIAL = (
    rf"(?:{preceded_by(*THEN, *(rf'{day}{dot} ' for day in DAYS for dot in ('', '[.]')))}|"
    r"(?<![\w/.,:$-])(?=0|[0-9]+/0))"
    r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})(?![\w/%]|[.,:-][0-9]| of\b| an? )"
)


@rewrite(
    r"(?<![\w/.-])(?P<year>[12][0-9]{3})([-/])(?P<month>0[1-9]|1[0-2])\2(?P<day>[0-3][0-9])"
    r"(?:T(?=[0-9])|(?![\w/]|-[0-9]))",
    needs=r"[0-9][-/][01][0-9][-/]",
)
def say_iso_dates(match: re.Match[str]) -> str:
    """2025-03-04 is March fourth, twenty twenty-five."""
    said = _date(int(match["month"]), int(match["day"]), match["year"])
    return (said or match.group()) + (" at " if match.group().endswith("T") else "")


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
    if len(year) == 2:  # 51 to 99 are of the last century; chosen by hand
        year = ("19" if int(year) > 50 else "20") + year
    orders = [(second, first), (first, second)] if day_first else [(first, second), (second, first)]
    return next(filter(None, (_date(month, day, year) for month, day in orders)), "")


def _date(month: int, day: int, year: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    return f"{MONTH_NAMES[month - 1]} {numbers.ordinal(str(day))}" + (
        f", {numbers.year(year)}" if year else ""
    )


@rewrite(
    rf"\b(?<![0-9]-){SHORT_MONTH}(?P<dot>\.?) {DAY}(?:st|nd|rd|th)?(?:(?P<to> ?[-–] ?)"
    rf"(?P<end>[0-9]{{1,2}})(?:st|nd|rd|th)?)?\b(?![.,:][0-9]|%)",
    needs=DIGIT,
)
def say_month_days(match: re.Match[str]) -> str:
    """April 3 is April third."""
    month = MONTH_ABBREVIATIONS.get(match["month"].title(), match["month"].title())
    to = f" to {numbers.ordinal(match['end'])}" if match["end"] else ""
    return f"{month} {numbers.ordinal(match['day'].lstrip('0'))}{to}"


@rewrite(
    rf"(?<![\w.,:/$])(?:(?P<from>[0-9]{{1,2}}) ?[-–] ?)?{DAY}(?P<nth>st|nd|rd|th)?(?P<sep>-|"
    rf" of | )(?:{SHORT_MONTH})\b(?:\.(?= [a-z0-9]|,))?"
    r"(?:(?:-| |, )(?P<year>[12][0-9]{3})\b(?![.,:][0-9]))?(?! [0-9]{1,2}\b)",
    needs=DIGIT,
)
def say_day_months(match: re.Match[str]) -> str:
    """3 April 2024 is the third of April, twenty twenty-four."""
    if match["month"] == "Mar" and match["sep"] == " " and not match["year"]:
        return match.group()
    month = MONTH_ABBREVIATIONS.get(match["month"].title(), match["month"].title())
    bare = ARTICLE.search(match.string, max(0, match.start() - 7), match.start())
    first = f"{numbers.ordinal(match['from'])} to " if match["from"] else ""
    said = f"{'' if bare else 'the '}{first}{numbers.ordinal(match['day'].lstrip('0'))} of {month}"
    return set_apart(match, said + (f", {numbers.year(match['year'])}" if match["year"] else ""))


def date_rewrites(day_first: bool) -> tuple[Rewrite, ...]:
    """The rewrites of dates, in the order in which they are applied."""
    return (say_iso_dates, *numeric_dates(day_first), say_day_months, say_month_days)

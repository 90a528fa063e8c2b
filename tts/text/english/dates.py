"""Rewrites of dates, times, decades and years."""

import re

from tts.text.english import numbers
from tts.text.english.abbreviations import full_stop
from tts.text.english.shortened import CALENDAR, MONTHS
from tts.text.rewrite import DIGIT, Rewrite, after, any_of, apart, rewrite

MONTH = f"(?P<month>{any_of(CALENDAR)})"
SHORT_MONTH = f"(?P<month>{any_of({*CALENDAR, *MONTHS})})"
DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
NUMERIC = (
    r"(?<![\w/.,:$-])(?P<first>[0-9]{1,2})(?P<sep>[/.-])(?P<second>[0-9]{1,2})(?P=sep)"
    r"(?P<year>[0-9]{4}|[0-9]{2})(?![\w/%]|[.,:-][0-9])"
)
PARTIAL = (
    after(r"\b[oO]n ", r"\b[bB]y ", "[Dd]ue ", "ntil ", "ince ", "from ", "after ")
    + r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})(?![\w/%]|[.,:-][0-9])"
)


@rewrite(
    r"(?<![\w/.-])(?P<year>[12][0-9]{3})([-/])(?P<month>0[1-9]|1[0-2])\2(?P<day>[0-3][0-9])(?:T(?=[0-9])|(?![\w/]|-[0-9]))",
    needs=r"[0-9][-/][01][0-9][-/]",
)
def say_iso_dates(match: re.Match[str]) -> str:
    """2025-03-04 is March fourth, twenty twenty-five."""
    said = _date(int(match["month"]), int(match["day"]), match["year"])
    return (said or match.group()) + (" at " if match.group().endswith("T") else "")


def numeric_dates(day_first: bool) -> tuple[Rewrite, Rewrite]:
    """The rewrites of dates in digits, whose first number is the day or the month."""

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
    if len(year) == 2:
        year = ("19" if int(year) > 50 else "20") + year
    orders = [(second, first), (first, second)] if day_first else [(first, second), (second, first)]
    return next(filter(None, (_date(month, day, year) for month, day in orders)), "")


def _date(month: int, day: int, year: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    return f"{CALENDAR[month - 1]} {numbers.ordinal(str(day))}" + (
        f", {numbers.year(year)}" if year else ""
    )


@rewrite(
    rf"\b(?<![0-9]-){SHORT_MONTH}(?P<dot>\.?) {DAY}(?:st|nd|rd|th)?(?:(?P<to> ?[-–] ?)(?P<end>[0-9]{{1,2}})(?:st|nd|rd|th)?)?\b(?![.,:][0-9]|%)",
    needs=DIGIT,
)
def say_month_days(match: re.Match[str]) -> str:
    """April 3 is April third."""
    month = MONTHS.get(match["month"], match["month"])
    to = f" to {numbers.ordinal(match['end'])}" if match["end"] else ""
    return f"{month} {numbers.ordinal(match['day'].lstrip('0'))}{to}"


@rewrite(
    rf"(?<![\w.,:/$])(?:(?P<from>[0-9]{{1,2}}) ?[-–] ?)?{DAY}(?P<nth>st|nd|rd|th)?(?P<sep>-| of | )(?:{SHORT_MONTH})\b(?:\.(?= [a-z0-9]|,))?"
    r"(?:(?:-| |, )(?P<year>[12][0-9]{3})\b(?![.,:][0-9]))?(?! [0-9]{1,2}\b)",
    needs=DIGIT,
)
def say_day_months(match: re.Match[str]) -> str:
    """3 April 2024 is the third of April, twenty twenty-four."""
    if match["month"] == "Mar" and match["sep"] == " " and not match["year"]:
        return match.group()
    month = MONTHS.get(match["month"], match["month"])
    bare = re.search(r"\b(?:the|The|this|every) $", match.string[: match.start()])
    first = f"{numbers.ordinal(match['from'])} to " if match["from"] else ""
    said = f"{'' if bare else 'the '}{first}{numbers.ordinal(match['day'].lstrip('0'))} of {month}"
    return apart(match, said + (f", {numbers.year(match['year'])}" if match["year"] else ""))


@rewrite(
    r"(?:(?<=[0-9])|(?<=\w) )(?P<dotted>[AaPp])\.[Mm]\.|(?<=[0-9]) ?(?P<bare>[AaPp])\.?[Mm]\b",
    needs="[0-9] ?[AaPp]|[AaPp][.][Mm]",
)
def say_halves_of_days(match: re.Match[str]) -> str:
    """a.m. and pm are A M and P M."""
    return f" {(match['dotted'] or match['bare']).upper()} M{full_stop(match)}"


@rewrite(
    after(":[0-5][0-9]", " [AP] M") + r" ?[-–] ?(?=[0-9]{1,2}(?::[0-5][0-9]| [AP] M))|"
    r"(?<=[0-9]) ?[-–] ?(?=[0-9]{1,2}(?::[0-5][0-9])? [AP] M\b)",
    needs="[-–]",
)
def say_hours(match: re.Match[str]) -> str:
    """A dash between hours is to."""
    return " to "


@rewrite(
    r"(?<![\w:.,])(?P<hour>0?[0-9]|1[0-2])\.(?P<minute>[0-5][0-9])(?= [AP] M\b)|"
    r"(?<![\w:.,])(?P<military>[01][0-9]|2[0-3])(?P<sharp>[0-5][0-9])(?= (?:hours|hrs)\b)",
    needs=r"[0-9] (?:[AP] M|h)",
)
def say_other_times(match: re.Match[str]) -> str:
    """10.30 pm is ten thirty P M, and 0830 hours oh eight thirty hours."""
    if match["hour"]:
        return numbers.clock(int(match["hour"]), int(match["minute"]))
    hour, minute = match["military"], match["sharp"]
    hours = f"oh {numbers.cardinal(hour[1])}" if hour[0] == "0" else numbers.cardinal(hour)
    return f"{hours} {'hundred' if minute == '00' else numbers.clock(0, int(minute))[5:]}"


HOUR = r"(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"


@rewrite(
    rf"(?<![\w:.]){HOUR}(?::(?P<second>[0-5][0-9])(?:\.[0-9]+)?)?(?P<zulu>Z)?(?![\w:])(?P<half> [AP] M\b| (?:noon|midnight|sharp|hours|hrs|o'clock)\b)?",
    needs=":[0-5]",
)
def say_times(match: re.Match[str]) -> str:
    """4:45 is four forty-five, 4:00 four o'clock, 14:00 fourteen hundred hours."""
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"] or ""
    second = (
        f" and {numbers.cardinal(str(int(match['second'])))} seconds" if match["second"] else ""
    )
    zone = " Zulu" if match["zulu"] else ""
    if minute == 0 and not half and not second:
        words = (
            f"{numbers.cardinal(str(hour))} hundred hours"
            if hour > 12
            else f"{numbers.clock(hour, 0)} o'clock"
        )
        return apart(match, words + zone)
    if half in (" hours", " hrs") and minute == 0:
        return apart(match, f"{numbers.cardinal(str(hour))} hundred hours")
    return apart(match, numbers.clock(hour, minute) + second + zone + half)


@rewrite(r"(?<![\w.,$'])'?(?P<year>1[1-9][0-9]0|20[0-9]0|[1-9]0)'?s\b(?! ?[A-Z] )", needs="0'?s")
def say_decades(match: re.Match[str]) -> str:
    """The 1990s are the nineteen nineties, and the '80s the eighties."""
    return apart(match, numbers.decade(match["year"]))


@rewrite(r"(?<![\w'])'(?P<year>[0-9]{2})(?![\w'\"]|[.,:][0-9])", needs="'[0-9]")
def say_short_years(match: re.Match[str]) -> str:
    """The class of '68 is that of sixty-eight, and '05 is oh five."""
    digits = match["year"]
    return f"oh {numbers.cardinal(digits[1])}" if digits[0] == "0" else numbers.cardinal(digits)


BOOKS = (
    "Genesis Exodus Psalm Psalms Proverbs Isaiah Matthew Mark Luke John Acts Romans Corinthians "
    "Galatians Ephesians Hebrews James Peter Revelation Job Ruth Samuel Kings Daniel"
)


@rewrite(
    rf"\b(?P<book>{any_of(BOOKS.split())}) (?P<chapter>[0-9]{{1,3}}):(?P<verse>[0-9]{{1,3}})"
    r"(?:[-–](?P<last>[0-9]{1,3}))?(?![\w:])",
    needs="[0-9]:[0-9]",
)
def say_verses(match: re.Match[str]) -> str:
    """John 3:16 is John three sixteen."""
    last = f" to {numbers.cardinal(match['last'])}" if match["last"] else ""
    chapter, verse = numbers.cardinal(match["chapter"]), numbers.cardinal(match["verse"])
    return f"{match['book']} {chapter} {verse}{last}"


WHEN = re.compile(
    r"\b(?:[iI]n|[sS]ince|[uU]ntil|[bB]y|[fF]rom|[dD]uring|[yY]ear|[cC]irca|before|after|"
    rf"{any_of(CALENDAR)}|[sS]pring|[sS]ummer|[aA]utumn|[fF]all|[wW]inter|early|late|mid),? $"
)
COUNTED = re.compile(
    r" (?:people|men|women|children|(?!(?:was|is|has|does|as|its|this|his|us|across|towards|always|perhaps|unless|besides|afterwards|less|plus|thus|versus)\b)[a-z]{2,}s)\b"
)


@rewrite(
    r"(?:(?<![\w.,-])|(?<=[a-z]-))(?P<year>1[0-9]{3}|20[0-9]{2})(?![\w%]|[.,:][0-9])(?:(?P<to>[-–/])(?P<end>[0-9]{4}|[0-9]{2})(?![\w.,:-]*[0-9]))?",
    needs=r"(?:1[0-9]|20)[0-9]{2}",
)
def say_years(match: re.Match[str]) -> str:
    """Four digits up to 2099 are a year, unless they count what follows."""
    digits, end = match["year"], match["end"]
    if (
        end
        and (len(end) == 2 or int(end) > int(digits))
        and int(end[-2:]) + int(end[:-2] or digits[:2]) * 100 > int(digits)
    ):
        last = numbers.year(end) if len(end) == 4 else _short(end)
        return apart(match, f"{numbers.year(digits)} {'' if match['to'] == '/' else 'to '}{last}")
    rest = match.group()[4:]
    when = WHEN.search(match.string, max(0, match.start() - 12), match.start())
    if not when and (digits < "1100" or COUNTED.match(match.string, match.end())):
        return apart(match, numbers.cardinal(digits)) + rest
    return apart(match, numbers.year(digits)) + rest


def _short(digits: str) -> str:
    return f"oh {numbers.cardinal(digits[1])}" if digits[0] == "0" else numbers.cardinal(digits)


def date_rewrites(day_first: bool) -> tuple[Rewrite, ...]:
    """The rewrites of dates and times, in their order."""
    return (
        say_iso_dates,
        *numeric_dates(day_first),
        say_day_months,
        say_month_days,
        say_halves_of_days,
        say_hours,
        say_verses,
        say_other_times,
        say_times,
    )

"""Rewrites of years and decades."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.numerals.plurals import TIMED, TIMED_AFTER
from tts.text.normalise.english.words.abbreviation_data import MONTH_NAMES
from tts.text.normalise.rule import any_of, rewrite, set_apart

WHEN = re.compile(
    r"\b(?:[iI]n|[sS]ince|[uU]ntil|[bB]y|[fF]rom|[dD]uring|[yY]ear|[cC]irca|before|after|"
    rf"{any_of(MONTH_NAMES)}|[sS]pring|[sS]ummer|[aA]utumn|[fF]all|[wW]inter|early|late|mid),? $"
)
ERA = r"(?:B\.? ?C\.?(?: ?E\b\.?)?|A\.? ?D\b\.?|C\.? ?E\b\.?)(?!\w)"
DECADE = "1[1-9][0-9]0|20[0-9]0|[1-9]0"
# After these words, 30s is thirty seconds.
COUNTED = re.compile(
    r" (?:people|men|women|children|(?!(?:was|is|has|does|as|its|this|his|us|across|towards|"
    r"always|perhaps|unless|besides|afterwards|less|plus|thus|versus)\b)[a-z]{2,}s)\b"
)


@rewrite(
    rf"(?<![\w.,$'])(?<![A-Z]-)'?(?P<year>{DECADE})"
    rf"(?:'?|(?<=\bthe [0-9]{{4}}) )s(?:(?P<to> ?[-–] ?|/)'?(?P<end>{DECADE})'?s)?\b"
    r"(?! ?[A-Z] )",
    needs="0[' ]?s",
)
def say_decades(match: re.Match[str]) -> str:
    """The 1990s are the nineteen nineties, and the '60s-80s are the sixties to eighties."""
    if not match["end"]:
        timed = len(match["year"]) == 2 and TIMED.search(
            match.string, max(0, match.start() - 24), match.start()
        )
        timed = timed or TIMED_AFTER.match(match.string, match.end())
        return match.group() if timed else set_apart(match, numbers.decade(match["year"]))
    joint = " " if match["to"] == "/" else " to "
    return set_apart(match, numbers.decade(match["year"]) + joint + numbers.decade(match["end"]))


@rewrite(
    rf"(?<![\w.,$/-])(?P<year>[1-9][0-9]{{2}})(?:(?P<to> ?[-–] ?| to )(?P<end>[1-9][0-9]{{2}}))?"
    rf"(?= {ERA})|(?:(?<=\bAD )|(?<=\bA\.D\. )|(?<=\bA D ))(?P<late>[1-9][0-9]{{2}})"
    r"(?![\w/%-]|[.,][0-9])",
    needs=r"[0-9] [ABC]|A\.? ?D\.? [0-9]",
)
def say_ancient_years(match: re.Match[str]) -> str:
    """A year before or after Christ is read in pairs: 450 BC is four fifty B C."""
    if match["late"]:
        return numbers.paired(match["late"])
    end = f" to {numbers.paired(match['end'])}" if match["end"] else ""
    return numbers.paired(match["year"]) + end


@rewrite(r"(?<![\w'])'(?P<year>[0-9]{2})(?![\w'\"]|[.,:][0-9])", needs="'[0-9]")
def say_short_years(match: re.Match[str]) -> str:
    """A short year after an apostrophe: '68 is sixty-eight, and '05 is oh five."""
    digits = match["year"]
    return f"oh {numbers.cardinal(digits[1])}" if digits[0] == "0" else numbers.cardinal(digits)


@rewrite(
    r"(?:(?<![\w.,-])|(?<=[a-z]-))(?P<year>1[0-9]{3}|20[0-9]{2})(?![\w%]|[.,:][0-9])(?:(?P<to>[-–/])(?P<end>[0-9]{4}|[0-9]{2})(?![\w.,:-]*[0-9]))?",
    needs=r"(?:1[0-9]|20)[0-9]{2}",
)
def say_years(match: re.Match[str]) -> str:
    """1999 is nineteen ninety-nine, a year, unless a plural follows: 1999 people."""
    digits, end = match["year"], match["end"]
    if (
        end
        and (len(end) == 2 or int(end) > int(digits))
        and int(end[-2:]) + int(end[:-2] or digits[:2]) * 100 > int(digits)
    ):
        last = numbers.year(end) if len(end) == 4 else _short(end)
        return set_apart(
            match, f"{numbers.year(digits)} {'' if match['to'] == '/' else 'to '}{last}"
        )
    rest = match.group()[4:]
    when = WHEN.search(match.string, max(0, match.start() - 12), match.start())
    if not when and (digits < "1100" or COUNTED.match(match.string, match.end())):
        return set_apart(match, numbers.cardinal(digits)) + rest
    return set_apart(match, numbers.year(digits)) + rest


def _short(digits: str) -> str:
    return f"oh {numbers.cardinal(digits[1])}" if digits[0] == "0" else numbers.cardinal(digits)

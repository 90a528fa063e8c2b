"""Rewrites of the time of day, and of verses, which look like it."""

import re

from tts.text.english import numbers
from tts.text.english.abbreviations import full_stop
from tts.text.rewrite import after, any_of, apart, rewrite

HOUR = r"(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
BOOKS = (
    "Genesis Exodus Psalm Psalms Proverbs Isaiah Matthew Mark Luke John Acts Romans Corinthians "
    "Galatians Ephesians Hebrews James Peter Revelation Job Ruth Samuel Kings Daniel"
)


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
    rf"\b(?P<book>{any_of(BOOKS.split())}) (?P<chapter>[0-9]{{1,3}}):(?P<verse>[0-9]{{1,3}})"
    r"(?:[-–](?P<last>[0-9]{1,3}))?(?![\w:])",
    needs="[0-9]:[0-9]",
)
def say_verses(match: re.Match[str]) -> str:
    """John 3:16 is John three sixteen."""
    last = f" to {numbers.cardinal(match['last'])}" if match["last"] else ""
    chapter, verse = numbers.cardinal(match["chapter"]), numbers.cardinal(match["verse"])
    return f"{match['book']} {chapter} {verse}{last}"


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
    return (
        f"{numbers.minutes(int(hour))} {numbers.minutes(int(minute)) if int(minute) else 'hundred'}"
    )


@rewrite(
    rf"(?<![\w:.]){HOUR}(?::(?P<second>[0-5][0-9])(?:\.[0-9]+)?)?(?P<zulu>Z)?(?![\w:])"
    rf"(?P<half> [AP] M\b| (?:noon|midnight|sharp|hours|hrs|o'clock)\b)?",
    needs=":[0-5]",
)
def say_times(match: re.Match[str]) -> str:
    """4:45 is four forty-five, 4:00 four o'clock, 14:00 fourteen hundred hours."""
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"] or ""
    zone = " Zulu" if match["zulu"] else ""
    if minute == 0 and not match["second"] and half in ("", " hours", " hrs"):
        hundred = hour > 12 or half
        words = numbers.clock(hour, 0) + (" hundred hours" if hundred else " o'clock")
        return apart(match, words + zone)
    words = numbers.clock(hour, minute)
    if match["second"]:
        words += f" and {numbers.cardinal(str(int(match['second'])))} seconds"
    return apart(match, words + zone + half)


REWRITES = (say_halves_of_days, say_hours, say_verses, say_other_times, say_times)

"""Rewrites of abbreviations and initials. A full stop that also ends the sentence stays."""

import re

from tts.text.spoken import Spoken

BEFORE_NAMES = {
    "Mr": "Mister",
    "Mrs": "Mrs",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Drs": "Doctors",
    "Prof": "Professor",
    "Gen": "General",
    "Col": "Colonel",
    "Capt": "Captain",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Rev": "Reverend",
    "Sen": "Senator",
    "Rep": "Representative",
    "Gov": "Governor",
    "St": "Saint",
    "Mt": "Mount",
    "Ft": "Fort",
}
AFTER_NAMES = {
    "St": "Street",
    "Dr": "Drive",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Rd": "Road",
    "Jr": "Junior",
    "Sr": "Senior",
    "Inc": "Incorporated",
    "Ltd": "Limited",
    "Co": "Company",
    "Corp": "Corporation",
}
BEFORE_NUMBERS = {
    "No": "Number",
    "Nos": "Numbers",
    "Fig": "Figure",
    "Figs": "Figures",
    "Vol": "Volume",
    "Ch": "Chapter",
    "P": "Page",
    "Pp": "Pages",
    "Ext": "Extension",
}
MONTHS = {
    "Jan": "January",
    "Feb": "February",
    "Mar": "March",
    "Apr": "April",
    "Jun": "June",
    "Jul": "July",
    "Aug": "August",
    "Sep": "September",
    "Sept": "September",
    "Oct": "October",
    "Nov": "November",
    "Dec": "December",
}
WEEKDAYS = {
    "Mon": "Monday",
    "Tue": "Tuesday",
    "Tues": "Tuesday",
    "Wed": "Wednesday",
    "Thu": "Thursday",
    "Thurs": "Thursday",
    "Fri": "Friday",
}
WORDS = {
    "vs": "versus",
    "etc": "et cetera",
    "approx": "approximately",
    "dept": "department",
    "e.g": "for example",
    "i.e": "that is",
    "a.k.a": "also known as",
    "et al": "and others",
    "Ph.D": "P H D",
}
# A capital after a full stop may only be a name; these words begin sentences.
STARTERS = (
    "A|After|All|An|And|As|At|But|By|For|From|He|Her|His|How|I|If|In|It|Its|Not|Now|Of|On|One|Or|"
    "Our|She|So|Some|That|The|Their|Then|There|These|They|This|Those|Thus|To|Was|We|Were|What|"
    "When|Where|Which|While|Who|Why|With|Yes|Yet|You|Your"
)


def _short(table: dict[str, str], ending: str) -> re.Pattern[str]:
    any_of = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return re.compile(rf"(?<![\w.'])(?P<short>{any_of}){ending}")


def _either_case(table: dict[str, str]) -> dict[str, str]:
    """The table, and the same with the first letters in the other case."""
    return table | {_swap_first(short): _swap_first(full) for short, full in table.items()}


def _swap_first(word: str) -> str:
    return word[0].swapcase() + word[1:]


COUNTED = _either_case(BEFORE_NUMBERS)
ANYWHERE = _either_case(WORDS) | WEEKDAYS | MONTHS

TITLE = _short(BEFORE_NAMES, r"\.")
DOTLESS_TITLE = re.compile(r"\b(?P<short>Mr|Dr|Prof|St)(?= [A-Z])")
AFTER_NAME = _short(AFTER_NAMES, r"\.")
NUMBERED = _short(COUNTED, r"\. ?(?=[0-9])")
DATED = _short(MONTHS, r" (?=[0-9])")
WORD = _short(ANYWHERE, r"\.")
VERSUS = re.compile(r"\b[Vv]s\b")
INITIALS = re.compile(
    r"(?<![\w.'])(?:(?:[A-Z]\.)+[A-Z](?![\w.])|(?:[A-Z]\. ?)+[A-Z]\.(?!\w)|[A-HJ-Z]\.(?!\w))"
)

SENTENCE_OVER = re.compile(rf"""["')\]]*(?:\s*(?:\.|$)|\s+["'(]*(?:{STARTERS})\b)""")
NAME_AFTER = re.compile(r"""\s+["']?[A-Z]""")
NAME_BEFORE = re.compile(r"(?:\b[A-Z][\w']*|[0-9](?:st|nd|rd|th)) $")


def expand_abbreviations(spoken: Spoken) -> Spoken:
    """Abbreviations are said in full."""
    spoken = spoken.substitute(NUMBERED, lambda match: COUNTED[match["short"]] + " ")
    spoken = spoken.substitute(DATED, lambda match: MONTHS[match["short"]] + " ")
    spoken = spoken.substitute(WORD, lambda match: ANYWHERE[match["short"]] + full_stop(match))
    spoken = spoken.substitute(VERSUS, lambda match: "versus")
    spoken = spoken.substitute(DOTLESS_TITLE, lambda match: BEFORE_NAMES[match["short"]])
    return spoken.substitute(TITLE, _title).substitute(AFTER_NAME, _after_name)


def spell_initials(spoken: Spoken) -> Spoken:
    """Initials lose their full stops and stand apart, for espeak-ng to name each."""
    return spoken.substitute(
        INITIALS, lambda match: " ".join(re.findall("[A-Z]", match.group())) + full_stop(match)
    )


def full_stop(match: re.Match[str]) -> str:
    """The full stop of an abbreviation if the sentence ends with it, or nothing."""
    stops = match.group().endswith(".") and SENTENCE_OVER.match(match.string, match.end())
    return "." if stops else ""


def _title(match: re.Match[str]) -> str:
    """Baker St. is a street and St. Louis a saint: what no name follows ends a name."""
    named = NAME_AFTER.match(match.string, match.end()) and not full_stop(match)
    after = NAME_BEFORE.search(match.string, max(0, match.start() - 30), match.start())
    if match["short"] in AFTER_NAMES and after and not named:
        return match.group()
    return BEFORE_NAMES[match["short"]] + full_stop(match)


def _after_name(match: re.Match[str]) -> str:
    return AFTER_NAMES[match["short"]] + full_stop(match)

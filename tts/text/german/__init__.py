"""How a German reads."""

import re

from tts.text import layout, pauses
from tts.text.characters import (
    drop_invisible,
    drop_ornaments,
    raise_superscripts,
    report_long_words,
    report_unknown,
    say_signs,
    unfold,
)
from tts.text.german import dates, numbers, words
from tts.text.links import Addresses, address_rewrites
from tts.text.metric import MU, OMEGA, quantity_rewrites
from tts.text.pictures import emoji_rewrite
from tts.text.reading import Reading
from tts.text.rewrite import DIGIT, Rewrite, any_of, apart, rewrite

SIGNS = "".join(words.SIGNS) + MU + OMEGA
ADDRESSES = Addresses(link="Link", signs=words.ADDRESSES)
SPACED = {short.replace(" ", ""): full for short, full in words.SPACED.items()}


@rewrite(
    any_of(words.SPACED).replace(r"\ ", r"\s?") + rf"|(?<![\w.])(?P<short>{any_of(words.WORDS)})\.",
    needs=r"\.",
)
def expand_abbreviations(match: re.Match[str]) -> str:
    """Abbreviations are said in full: z. B. is zum Beispiel."""
    stop = "." if words.SENTENCE_OVER.match(match.string, match.end()) else ""
    short = match["short"]
    full = words.WORDS[short] if short else SPACED[re.sub(r"\s", "", match.group())]
    return full + stop


@rewrite(rf"(?<![\w.])(?P<short>{any_of(words.BEFORE_NUMBERS)})\. ?(?=[0-9])", needs=DIGIT)
def name_numbers(match: re.Match[str]) -> str:
    """Nr. before a number is Nummer, and S. a page."""
    return words.BEFORE_NUMBERS[match["short"]] + " "


@rewrite(rf"\b(?P<day>{any_of(words.DAYS)})\.?(?=,? (?:den |dem )?[0-9]{{1,2}}\.)", needs=DIGIT)
def name_weekdays(match: re.Match[str]) -> str:
    """A short weekday before a date is said in full."""
    return words.DAYS[match["day"]]


@rewrite(r"(?<=[a-zäöü])str\.(?= [0-9A-ZÄÖÜ]|,|$)", needs="str")
def expand_streets(match: re.Match[str]) -> str:
    """Hauptstr. is Hauptstraße."""
    return "straße"


@rewrite(r"(?<![\w.])(?:\+|0)[0-9]{1,4}(?:[ /-][0-9]{2,8}){1,4}(?![\w,.]*[0-9])", needs="[0+][0-9]")
def spell_telephones(match: re.Match[str]) -> str:
    """A telephone number is read digit by digit."""
    groups = ", ".join(
        numbers.WORDING.digits(group) for group in re.findall("[0-9]+", match.group())
    )
    return ("plus " if match.group().startswith("+") else "") + groups


@rewrite(
    r"(?<![\w.,/:-])1(?= [A-ZÄÖÜ][a-zäöüß]+?(?P<feminine>e|ung|heit|keit|schaft|ion|tät)?\b)",
    needs="1",
)
def say_one(match: re.Match[str]) -> str:
    """1 before a noun is ein, or eine before the endings of most that are feminine."""
    return apart(match, "eine" if match["feminine"] else "ein")


@rewrite(r"(?<![\w-])(?P<letters>[A-ZÄÖÜ]{2,5})(?![\wäöü])", needs="[A-Z]{2}")
def spell_acronyms(match: re.Match[str]) -> str:
    """Capitals are read letter by letter, unless they are said as a word."""
    known = match["letters"] in (
        "NATO",
        "NASA",
        "UNO",
        "TÜV",
        "AIDS",
        "UNICEF",
        "FIFA",
        "UEFA",
        "ISBN",
    )
    return match.group() if known else " ".join(match["letters"])


@rewrite(r"(?<![\w.])(?:[A-ZÄÖÜ]\. ?)*[A-ZÄÖÜ]\.(?!\w)(?= ?[A-ZÄÖÜ])", needs=r"[A-ZÄÖÜ]\.")
def spell_initials(match: re.Match[str]) -> str:
    """Initials lose their full stops."""
    return " ".join(re.findall("[A-ZÄÖÜ]", match.group()))


def rewrites(reading: Reading, letters: str) -> tuple[Rewrite, ...]:
    """All that stands between a text and its words, in order."""
    return (
        emoji_rewrite(reading),
        raise_superscripts,
        unfold(letters, SIGNS),
        drop_invisible(letters + SIGNS + "—–"),
        report_long_words(letters),
        *layout.REWRITES,
        pauses.drop_rows,
        *address_rewrites(ADDRESSES, reading),
        name_numbers,
        name_weekdays,
        *dates.REWRITES,
        spell_telephones,
        dates.say_years,
        expand_streets,
        expand_abbreviations,
        *quantity_rewrites(numbers.WORDING, say_one),
        spell_initials,
        spell_acronyms,
        say_signs(words.SIGNS),
        drop_ornaments(letters),
        report_unknown(letters),
        *pauses.rewrites(letters),
    )

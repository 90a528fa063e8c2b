"""Numbers as Germans read them aloud, on num2words."""

from functools import lru_cache

from num2words import num2words

from tts.text.german import words
from tts.text.metric import Wording

HALVES = {2: ("halb", "Halbe"), 3: ("Drittel", "Drittel"), 7: ("Siebtel", "Siebtel")}


@lru_cache(4096)
def cardinal(count: int) -> str:
    """12 is zwölf."""
    return num2words(count, lang="de")


def before_noun(count: int, gender: str) -> str:
    """1 is ein or eine before a noun; 101 loses its last letter there."""
    said = cardinal(count)
    if count == 1:
        return "eine" if gender == "f" else "ein"
    return said.removesuffix("s") if said.endswith("eins") else said


def ordinal(count: int, ending: str) -> str:
    """3 is dritte, dritten or dritter."""
    return num2words(count, lang="de", to="ordinal") + ending


def year(count: int) -> str:
    """1999 is neunzehnhundertneunundneunzig."""
    return num2words(count, lang="de", to="year")


def clock(hour: int, minute: int) -> str:
    """14:30 is vierzehn Uhr dreißig."""
    hours = f"{before_noun(hour, 'n')} Uhr"
    return f"{hours} {cardinal(minute)}" if minute else hours


def fraction(above: int, below: int) -> str:
    """1/2 is ein halb and 3/4 drei Viertel."""
    one, many = HALVES.get(below) or (ordinal(below, "l").capitalize(),) * 2
    return f"{before_noun(above, 'n')} {one if above == 1 else many}"


WORDING = Wording(
    cardinal=cardinal,
    before_noun=before_noun,
    clock=clock,
    fraction=fraction,
    point="Komma",
    minus="minus",
    to="bis",
    percent="Prozent",
    by="und",
    per="pro",
    magnitudes=words.MAGNITUDES,
    large="",
    currencies=words.CURRENCIES,
    coins="und ",
    units=words.UNITS,
    hours="Uhr",
)

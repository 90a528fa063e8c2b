"""Numbers as Spaniards read them aloud, on num2words."""

import re
from functools import lru_cache

from num2words import num2words

from tts.text.metric import Wording
from tts.text.spanish import words

ORDINALS = "primer segund tercer cuart quint sext séptim octav noven décim"
PARTS = "medio tercio cuarto quinto sexto séptimo octavo noveno décimo"
SHORTENED = {"veintiuno": "veintiún", "uno": "un"}


@lru_cache(4096)
def cardinal(count: int) -> str:
    """12 is doce, and 21000 veintiún mil."""
    said = num2words(count, lang="es")
    return re.sub(r"(veintiuno|\buno)(?= (?:mil|mill))", lambda one: SHORTENED[one.group()], said)


def before_noun(count: int, gender: str) -> str:
    """1 is un or una before a noun, 21 veintiún, 200 doscientas before what is feminine."""
    said = cardinal(count)
    if gender == "f":
        return re.sub(r"uno$", "una", re.sub(r"cientos\b", "cientas", said))
    return re.sub(r"(?:veintiuno|\buno)$", lambda one: SHORTENED[one.group()], said)


def ordinal(count: int, ending: str) -> str:
    """3 is tercero, tercera or tercer; after the tenth it is a cardinal."""
    if not 1 <= count <= len(ORDINALS.split()):
        return cardinal(count)
    apocope = ending == "er" and count in (1, 3)
    return ORDINALS.split()[count - 1] + ("" if apocope else ending.replace("er", "o"))


def clock(hour: int, minute: int) -> str:
    """14:30 is catorce treinta, and 8:00 ocho en punto."""
    hours = before_noun(hour, "f")
    return f"{hours} {cardinal(minute)}" if minute else f"{hours} en punto"


def fraction(above: int, below: int) -> str:
    """1/2 is un medio and 3/4 tres cuartos."""
    return f"{before_noun(above, 'm')} {PARTS.split()[below - 2]}{'' if above == 1 else 's'}"


WORDING = Wording(
    cardinal=cardinal,
    before_noun=before_noun,
    clock=clock,
    fraction=fraction,
    point="coma",
    minus="menos",
    to="a",
    percent="por ciento",
    by="y",
    per="por",
    magnitudes=words.MAGNITUDES,
    large="de ",
    currencies=words.CURRENCIES,
    coins="con ",
    units=words.UNITS,
    hours="(?:h|hrs?)\\b\\.?",
)

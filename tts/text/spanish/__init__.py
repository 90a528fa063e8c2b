"""How a Spaniard reads."""

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
from tts.text.links import Addresses, address_rewrites
from tts.text.metric import MU, OMEGA, quantity_rewrites
from tts.text.pictures import emoji_rewrite
from tts.text.reading import Reading
from tts.text.rewrite import Rewrite, any_of, apart, rewrite
from tts.text.romans import read_roman
from tts.text.spanish import numbers, words

SIGNS = "".join(words.SIGNS) + MU + OMEGA + "ºª"
ADDRESSES = Addresses(link="enlace", signs=words.ADDRESSES)
FULL = {short.replace(" ", "").lower(): full for short, full in words.WORDS.items()}
RULERS = (
    "Felipe|Carlos|Alfonso|Fernando|Luis|Enrique|Juan Pablo|Juan|Pío|Benedicto|Isabel|Napoleón|"
    "Francisco|Pedro|Jaime|Sancho|Catalina|Jorge|Guillermo|León|Nicolás"
)
COUNTED = "siglo|siglos|capítulo|Capítulo|tomo|acto|Guerra Mundial|volumen|parte|artículo|título"
STARTERS = "El|La|Los|Las|Un|Una|Él|Ella|Y|Pero|En|No|Se|Es|Luego|Después|Entonces|Así|Yo"
SENTENCE_OVER = re.compile(rf"""["')\]]*(?:\s*$|\s+["'(]*(?:{STARTERS})\b)""")


@rewrite(
    rf"(?<![\w.])(?:{any_of(words.WORDS)})".replace(r"\ ", r"\s?").replace("etc", "[Ee]tc"),
    needs=r"[./]",
)
def expand_abbreviations(match: re.Match[str]) -> str:
    """Abbreviations are said in full: Sra. is señora."""
    stop = "." if SENTENCE_OVER.match(match.string, match.end()) else ""
    space = " " if match.group().endswith("/") else ""
    return apart(match, FULL[re.sub(r"\s", "", match.group()).lower()]) + space + stop


@rewrite(rf"(?<![\w.])(?P<short>{any_of(words.BEFORE_NUMBERS)}) ?(?=[0-9]|[IVX]+\b)", needs=r"[.º]")
def name_numbers(match: re.Match[str]) -> str:
    """Núm. before a number is número, and pág. a page."""
    return words.BEFORE_NUMBERS[match["short"]] + " "


@rewrite(
    r"(?<![\w./:-])(?P<day>[0-9]{1,2})(?P<sep>[/.-])(?P<month>[0-9]{1,2})(?P=sep)"
    r"(?P<year>[0-9]{4}|[0-9]{2})(?![\w/]|[.,:-][0-9])",
    needs="[0-9][/.-][0-9]",
)
def say_numeric_dates(match: re.Match[str]) -> str:
    """3/4/2025 is tres de abril de dos mil veinticinco."""
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    if len(year) == 2:
        year = ("19" if int(year) > 50 else "20") + year
    said = f"{_day(day)} de {words.MONTHS[month - 1]} de {numbers.cardinal(int(year))}"
    return apart(match, said)


@rewrite(rf"(?<![\w.,])1(?:º|ero?)?(?= de (?:{any_of(words.MONTHS)})\b)", needs="1")
def say_first_days(match: re.Match[str]) -> str:
    """1 de mayo is primero de mayo."""
    return "primero"


def _day(day: int) -> str:
    return "primero" if day == 1 else numbers.cardinal(day)


@rewrite(r"(?<![\w.,])(?P<count>[0-9]{1,3})\.?(?P<ending>[ºª]|(?:er|o|a|os|as)\b)", needs="[0-9]")
def say_ordinals(match: re.Match[str]) -> str:
    """2.º is segundo, 3.ª tercera and 1.er primer."""
    ending = {"º": "o", "ª": "a"}.get(match["ending"], match["ending"])
    return apart(match, numbers.ordinal(int(match["count"]), ending))


@rewrite(
    rf"\b(?P<name>{RULERS}) (?P<numeral>[IVXL]+)\b|\b(?P<counted>{COUNTED}) (?P<number>[IVXL]+)\b|"
    r"\b(?P<war>[IVX]+)(?= Guerra Mundial| República\b)",
    needs="[IVX]",
)
def say_romans(match: re.Match[str]) -> str:
    """Felipe II is Felipe segundo, and siglo XXI siglo veintiuno."""
    value = read_roman(match["numeral"] or match["number"] or match["war"])
    if not value:
        return match.group()
    if match["counted"]:
        return f"{match['counted']} {numbers.cardinal(value)}"
    feminine = match["war"] or match["name"] in ("Isabel", "Catalina")
    said = numbers.ordinal(value, "a" if feminine else "o")
    return said.capitalize() if match["war"] else f"{match['name']} {said}"


@rewrite(
    r"(?<![\w.,])(?:\+[0-9]{1,3}(?: [0-9]{2,4}){3,5}|[69][0-9]{2}(?: [0-9]{2,3}){2,3})"
    r"(?![\w.,]*[0-9])",
    needs="[0-9]{2} ",
)
def spell_telephones(match: re.Match[str]) -> str:
    """A telephone number is read digit by digit."""
    groups = re.findall("[0-9]+", match.group())
    said = ", ".join(numbers.WORDING.digits(group) for group in groups)
    return ("más " if match.group().startswith("+") else "") + said


@rewrite(
    r"(?<![\w.,/:-])(?P<count>[0-9]*1)(?<!11)(?= (?P<noun>[a-zñáéíóú]+?(?P<feminine>a|ción|"
    r"sión|dad|tad)?)\b)",
    needs="1",
)
def say_one(match: re.Match[str]) -> str:
    """1 before a noun is un, or una before the endings of most that are feminine, 21 veintiún."""
    if match["noun"] in ("de", "a", "y", "o", "en", "por", "al", "del", "es", "con"):
        return match.group()
    gender = "f" if match["feminine"] else "m"
    return apart(match, numbers.before_noun(int(match["count"]), gender))


@rewrite(r"(?<![\w-])(?P<letters>[A-ZÑ]{2,5})(?!\w)", needs="[A-Z]{2}")
def spell_acronyms(match: re.Match[str]) -> str:
    """Capitals are read letter by letter, unless they can be said as a word."""
    letters = match["letters"]
    if re.fullmatch("(?:[^AEIOU]?[AEIOU]{1,2}[NSRL]?){2,}", letters) or letters in ("SIDA", "OTAN"):
        return letters
    return " ".join(letters)


@rewrite(r"(?<![\w.])(?:[A-ZÑ]\. ?)*[A-ZÑ]\.(?!\w)(?= ?[A-ZÁÉÍÓÚÑ])", needs=r"[A-ZÑ]\.")
def spell_initials(match: re.Match[str]) -> str:
    """Initials lose their full stops."""
    return " ".join(re.findall("[A-ZÑ]", match.group())) + " "


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
        say_numeric_dates,
        say_first_days,
        say_ordinals,
        spell_telephones,
        expand_abbreviations,
        say_romans,
        *quantity_rewrites(numbers.WORDING, say_one),
        spell_initials,
        spell_acronyms,
        say_signs(words.SIGNS),
        drop_ornaments(letters),
        report_unknown(letters),
        *pauses.rewrites(letters),
    )

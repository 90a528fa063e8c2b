"""How a German reads."""

import re

from tts.text import layout, pauses
from tts.text.characters import (
    drop_invisible,
    drop_ornaments,
    raise_superscripts,
    report_unknown,
    say_signs,
    unfold,
)
from tts.text.german import numbers, words
from tts.text.links import Addresses, address_rewrites
from tts.text.metric import MU, OMEGA, quantity_rewrites
from tts.text.pictures import emoji_rewrite
from tts.text.reading import Reading
from tts.text.romans import read_roman
from tts.text.rewrite import DIGIT, Rewrite, any_of, apart, rewrite

LETTERS = "äöüÄÖÜß"
SIGNS = "".join(words.SIGNS) + MU + OMEGA
ADDRESSES = Addresses(link="Link", signs=words.ADDRESSES)
MONTH = f"(?:{any_of({*words.MONTHS, *(f'{short}.' for short in words.SHORT_MONTHS)})})"
# the ending of an ordinal follows the word before it
WEAK = (
    "am|vom|zum|beim|im|dem|den|des|seit|bis|ab|zur|einer|meinem|seinem|ihrem|diesem|jedem|ersten"
)
STRONG = "der|die|das|jede|diese|dieser|jeder|eine"
BEFORE = (
    rf"(?P<before>\b(?:(?i:{WEAK}|{STRONG})) |(?:{any_of(words.DAYS.values())}),? (?:den |dem )?)"
)
SENTENCE_OVER = re.compile(
    r"""["')\]]*(?:\s*$|\s+["'(]*(?:Der|Die|Das|Er|Sie|Es|Wir|Ich|Dann|Und|Aber|Doch|Ein|Eine|So|Da|Hier|Man)\b)"""
)


@rewrite(
    any_of(words.SPACED).replace(r"\ ", r"\s?") + rf"|(?<![\w.])(?P<short>{any_of(words.WORDS)})\.",
    needs=r"\.",
)
def expand_abbreviations(match: re.Match[str]) -> str:
    """Abbreviations are said in full: z. B. is zum Beispiel."""
    stop = "." if SENTENCE_OVER.match(match.string, match.end()) else ""
    short = match["short"]
    full = words.WORDS[short] if short else SPACED[re.sub(r"\s", "", match.group())]
    return full + stop


SPACED = {short.replace(" ", ""): full for short, full in words.SPACED.items()}


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


@rewrite(
    rf"{BEFORE}?(?<![0-9.,])(?P<day>[0-9]{{1,2}})\. ?(?:(?P<number>[01]?[0-9])\.(?: ?(?P<short>[0-9]{{4}}|[0-9]{{2}})(?![0-9.]))?"
    rf"|(?P<month>{MONTH})(?: (?P<year>[0-9]{{4}}))?)",
    needs=r"[0-9]\.",
)
def say_dates(match: re.Match[str]) -> str:
    """3.4.2025 is dritter April zweitausendfünfundzwanzig, and am 3. Mai am dritten Mai."""
    day, month = int(match["day"]), match["month"] or ""
    number, year = int(match["number"] or 0), match["year"] or match["short"] or ""
    if not 1 <= day <= 31 or number > 12 or not (month or number):
        return match.group()
    if len(year) == 2:
        year = ("19" if int(year) > 50 else "20") + year
    name = words.MONTHS[number - 1] if number else words.SHORT_MONTHS.get(month.rstrip("."), month)
    before = match["before"] or ""
    said = f"{numbers.ordinal(day, _ending(before, 'r'))} {name}"
    return before + apart(match, said + (f" {numbers.year(int(year))}" if year else ""))


@rewrite(
    rf"{BEFORE}(?P<count>[0-9]{{1,3}})\.(?= [A-Za-zÄÖÜäöü])|(?P<century>[0-9]{{1,2}})\.(?= (?:Jahrhundert|Stock|Klasse|Mal|Kapitel|Platz))",
    needs=r"[0-9]\.",
)
def say_ordinals(match: re.Match[str]) -> str:
    """der 3. Mann is der dritte Mann."""
    if match["century"]:
        return numbers.ordinal(int(match["century"]), "s")
    return match["before"] + numbers.ordinal(int(match["count"]), _ending(match["before"], ""))


def _ending(before: str, alone: str) -> str:
    words_before = before.lower().split()
    if not words_before:
        return alone
    if words_before[-1] in STRONG.split("|"):
        return ""
    return "n" if words_before[-1] in WEAK.split("|") else alone


@rewrite(
    r"(?<![\w.,/-])(?P<year>1[1-9][0-9]{2})(?P<decade>er(?:n|-Jahre)?\b)?(?![\w%]|[.,][0-9]| ?[€$£%°])(?P<counts> (?:[A-ZÄÖÜ]|[kcm]?[mglh]\b))?",
    needs="1[1-9][0-9]{2}",
)
def say_years(match: re.Match[str]) -> str:
    """Four digits from 1100 to 1999 are a year, unless they count the noun after them."""
    after_year = re.search(
        r"(?:[Ii]m Jahre?|[Ss]eit|[Vv]on|[Bb]is|[Aa]nno|[Uu]m|[Ii]m \w+|[Jj]ahr) $",
        match.string[: match.start()],
    )
    if match["counts"] and not after_year:
        return match.group()
    return apart(match, numbers.year(int(match["year"])) + (match["decade"] or "")) + (
        match["counts"] or ""
    )


@rewrite(
    r"\b(?P<name>(?:Ludwig|Heinrich|Friedrich|Wilhelm|Karl|Otto|Franz|Georg|Johannes Paul|Elisabeth|Katharina|Papst \w+|König \w+|Königin \w+|Kaiser \w+)) (?P<numeral>[IVX]+)\.?(?!\w)|\b(?P<counted>Kapitel|Band|Teil|Weltkrieg|Akt|Szene|Artikel) (?P<number>[IVX]+)\b",
    needs="[IVX]",
)
def say_romans(match: re.Match[str]) -> str:
    """Ludwig XIV. is Ludwig der Vierzehnte, and Kapitel IV Kapitel vier."""
    value = read_roman(match["numeral"] or match["number"])
    if not value:
        return match.group()
    if match["counted"]:
        return f"{match['counted']} {numbers.cardinal(value)}"
    article = "die" if match["name"].split()[-1] in ("Elisabeth", "Katharina") else "der"
    stop = (
        "."
        if match.group().endswith(".") and SENTENCE_OVER.match(match.string, match.end())
        else ""
    )
    return f"{match['name']} {article} {numbers.ordinal(value, '').capitalize()}{stop}"


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


def rewrites(reading: Reading) -> tuple[Rewrite, ...]:
    """All that stands between a text and its words, in order."""
    return (
        emoji_rewrite(reading),
        raise_superscripts,
        unfold(LETTERS, SIGNS),
        drop_invisible(LETTERS + SIGNS + "—–"),
        *layout.REWRITES,
        pauses.drop_rows,
        *address_rewrites(ADDRESSES, reading),
        name_numbers,
        name_weekdays,
        say_dates,
        say_ordinals,
        say_romans,
        spell_telephones,
        say_years,
        expand_streets,
        expand_abbreviations,
        *quantity_rewrites(numbers.WORDING, say_one),
        spell_initials,
        spell_acronyms,
        say_signs(words.SIGNS),
        drop_ornaments(LETTERS),
        report_unknown(LETTERS),
        *pauses.rewrites(LETTERS),
    )

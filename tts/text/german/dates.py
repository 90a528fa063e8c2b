"""Rewrites of German dates, years, ordinals and Roman numbers."""

import re

from tts.text.german import numbers, words
from tts.text.rewrite import any_of, apart, rewrite
from tts.text.romans import read_roman

MONTH = f"(?:{any_of({*words.MONTHS, *(f'{short}.' for short in words.SHORT_MONTHS)})})"
# the ending of an ordinal follows the word before it
WEAK = (
    "am|vom|zum|beim|im|dem|den|des|seit|bis|ab|zur|einer|meinem|seinem|ihrem|diesem|jedem|ersten"
)
STRONG = "der|die|das|jede|diese|dieser|jeder|eine"
BEFORE = (
    rf"(?P<before>\b(?:(?i:{WEAK}|{STRONG})) |(?:{any_of(words.DAYS.values())}),? (?:den |dem )?)"
)


@rewrite(
    rf"{BEFORE}?(?<![0-9.,])(?P<day>[0-9]{{1,2}})\. ?(?:(?P<number>[01]?[0-9])\.(?: ?"
    rf"(?P<short>[0-9]{{4}}|[0-9]{{2}})(?![0-9.]))?"
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
    rf"{BEFORE}(?<![Bb]is )(?<!eit )(?<!\b[Aa]b )(?P<count>[0-9]{{1,3}})\.(?= [A-Za-zÄÖÜäöü])|"
    rf"(?P<century>[0-9]{{1,2}})\.(?= "
    rf"(?:Jahrhundert|Stock|Klasse|Mal|Kapitel|Platz))",
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
    r"(?<![\w.,/-])(?P<year>1[1-9][0-9]{2})(?P<decade>er(?:n|-Jahre)?\b)?(?![\w%]|[.,][0-9]|"
    r" ?[€$£%°])(?P<counts> (?:[A-ZÄÖÜ]|[kcm]?[mglh]\b))?",
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
    r"\b(?P<name>(?:Ludwig|Heinrich|Friedrich|Wilhelm|Karl|Otto|Franz|Georg|Johannes Paul|"
    r"Elisabeth|Katharina|Papst \w+|König \w+|Königin \w+|Kaiser \w+)) (?P<numeral>[IVX]+)\.?"
    r"(?!\w)|\b(?P<counted>Kapitel|Band|Teil|Weltkrieg|Akt|Szene|Artikel) (?P<number>[IVX]+)\b",
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
        if match.group().endswith(".") and words.SENTENCE_OVER.match(match.string, match.end())
        else ""
    )
    return f"{match['name']} {article} {numbers.ordinal(value, '').capitalize()}{stop}"


REWRITES = (say_dates, say_ordinals, say_romans)

"""Rewrites of characters: any script to plain letters, lines to sentences, marks to pauses."""

import re
import unicodedata
from functools import lru_cache

from tts.text.spoken import Spoken

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'- .,;:?!"
LOUDER_FIRST = "?!.;:,"
ALIKE = {
    "'": "‘’‚‛′ʼʹʻ´`",
    '"': "“”„‟″«»‹›",
    "-": "‐‑−⁃",
    "—": "―",
    "/": "⁄∕",
    ".": "。।",
    ",": "、،",
    ";": "؛",
    "?": "؟",
    "*": "•",
    "\n": ("\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"),
    "": "\u200b¿¡®™",
}
UNFOLDED = {alike: plain for plain, group in ALIKE.items() for alike in group} | {
    "ß": "ss",
    "æ": "ae",
    "Æ": "Ae",
    "œ": "oe",
    "Œ": "Oe",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "№": "No.",
}
SIGNS = {
    "°C": "degrees Celsius",
    "°F": "degrees Fahrenheit",
    "°": "degrees",
    "%": "percent",
    "&": "and",
    "+": "plus",
    "=": "equals",
    "@": "at",
    "/": "slash",
    "±": "plus or minus",
    "×": "times",
    "÷": "divided by",
    "≤": "at most",
    "≥": "at least",
    "©": "copyright",
    "§": "section",
    "¢": "cents",
    "$": "dollars",
    "£": "pounds",
    "€": "euros",
    "¥": "yen",
}
KEPT = set("—–") | set("".join(SIGNS))

FOREIGN = re.compile(r"\r\n|[^\n -~]")
LINE_BREAK = re.compile(r"(?<!\s)\s*\n\s*(?P<item>(?:[-*]|[0-9]{1,3}[.)]) )?")
ORNAMENT = re.compile(r"([-=+#/\\<>&@%|^$])\1{2,}")
SIGN = re.compile("|".join(map(re.escape, SIGNS)))
COMPARISON = re.compile(r"[<>](?= ?[-.]?[0-9])")
COUNT_SIGN = re.compile(r"#(?=[0-9])")
DOT = re.compile(r"(?<=[A-Za-z])\.(?=[a-z]{2})")
ELLIPSIS = re.compile(r"""(?:\.\.+|\.(?: \.){2,})(?P<ends>$|(?= ?["']?(?!I\b)[A-Z]))?""")
DOT_COMMA = re.compile(r"\.(?=,)")
PAUSE = re.compile(r"[()\[\]{}—–]|--+| -+(?= )")
SILENT = re.compile(r"[^A-Za-z'\- .,;:?!]|(?<![A-Za-z])['-]|['-](?![A-Za-z])")
SPACES = re.compile(r"  +")
MARKS = re.compile(r" ?[.,;:?!][ .,;:?!]*")
SHORT_LINE = 60


def unfold(spoken: Spoken) -> Spoken:
    """Plain letters, digits and the signs we know; what has no plain form is a space."""
    return spoken.substitute(FOREIGN, lambda match: _plain(match.group()))


@lru_cache(4096)
def _plain(character: str) -> str:
    if character in UNFOLDED:
        return UNFOLDED[character]
    if character in KEPT or character == "\n" or (character.isascii() and character.isprintable()):
        return character
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    parts = unicodedata.normalize("NFKD", character)
    if parts == character:
        return " "
    # a vulgar fraction must not run into the whole number before it
    space = " " if "⁄" in parts else ""
    return space + "".join(map(_plain, parts))


def break_lines(spoken: Spoken) -> Spoken:
    """A blank line ends a sentence; so does a short line before a capital or a list item."""
    return spoken.substitute(LINE_BREAK, _line_break)


def _line_break(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(text):
        return " "
    item = (match["item"] or "").strip("-* ")
    short = start - text.rfind("\n", 0, start) < SHORT_LINE
    new = text[end].isupper() and short and text[start - 1] not in ",;:-"
    ends = match.group().count("\n") > 1 or match["item"] or new
    return f". {item} " if ends and text[start - 1] not in ".?!" else f" {item} "


def say_signs(spoken: Spoken) -> Spoken:
    """Signs that have a name are named; rows of them are ornaments, and pauses."""
    spoken = spoken.substitute(ORNAMENT, lambda match: ", ")
    spoken = spoken.substitute(
        COMPARISON, lambda match: " less than " if match.group() == "<" else " greater than "
    )
    spoken = spoken.substitute(COUNT_SIGN, lambda match: "number ")
    spoken = spoken.substitute(DOT, lambda match: " dot ")
    return spoken.substitute(SIGN, lambda match: f" {SIGNS[match.group()]} ")


def mark_pauses(spoken: Spoken) -> Spoken:
    """Brackets and dashes are commas; an ellipsis is one too, or a full stop before a capital."""
    spoken = spoken.substitute(ELLIPSIS, lambda match: "," if match["ends"] is None else ".")
    spoken = spoken.substitute(DOT_COMMA, lambda match: "")
    return spoken.substitute(PAUSE, lambda match: ", ")


def quieten(spoken: Spoken) -> Spoken:
    """Only the promised alphabet is left: words one space apart, the louder of adjacent marks."""
    spoken = spoken.substitute(SILENT, lambda match: " ").substitute(SPACES, lambda match: " ")
    return spoken.substitute(MARKS, _louder).strip()


def _louder(match: re.Match[str]) -> str:
    if match.start() == 0:
        return " "
    return min(match.group().replace(" ", ""), key=LOUDER_FIRST.index) + " "

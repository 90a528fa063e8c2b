"""Rewrites of single characters of any script to the plain letters and signs of a language."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from tts.text.normalise.rule import Rewrite, any_of, rewrite

# Characters that are read like a plain one; written by hand.
ALIKE = {
    "'": "‘’‚‛′ʼʹʻ´`",
    '"': "“”„‟″«»‹›〝〞",
    "-": "‐‑−⁃﹣",
    "—": "―⸺⸻",
    "/": "⁄∕",
    ".": "。।",
    ",": "、،",
    ";": "؛",
    "?": "؟",
    "*": "•◦‣▪∗·",
    " ": "\t",
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
    "\N{MICRO SIGN}": "\N{GREEK SMALL LETTER MU}",
    "\N{OHM SIGN}": "\N{GREEK CAPITAL LETTER OMEGA}",
}
# Longer runs of letters, digits, hyphens and apostrophes are data, not words; chosen by hand.
MAX_WORD_CHARACTERS = 500
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
FOREIGN = r"\r\n|[A-Za-z][\u0300-\u036f]+|[^\n -~]"
# General categories of Unicode: marks, format and control characters; then symbols, punctuation,
# spaces and modifier letters.
INVISIBLE = ("Mn", "Me", "Mc", "Cf", "Cc")
ORNAMENTAL = ("So", "Sk", "Sm", "Po", "Ps", "Pe", "Pd", "Pi", "Pf", "Pc", "Zs", "Lm")


@rewrite(rf"(?P<before>[^\W_][).]?)?(?P<power>[{SUPERSCRIPTS}]+)", needs=f"[{SUPERSCRIPTS}]")
def raise_superscripts(match: re.Match[str]) -> str:
    """A superscript number is a power: x² is x^2."""
    return (
        (match["before"] or "")
        + "^"
        + unicodedata.normalize("NFKC", match["power"]).replace("\N{MINUS SIGN}", "-")
    )


def unfold(letters: str, signs: str) -> Rewrite:
    """The rewrite of letters and signs to their plain forms.

    Args:
        letters: the language's letters beyond A to Z, which are kept.
        signs: the signs that the language has names for, which are kept.
    """
    kept = frozenset(letters + signs + "—–")

    @lru_cache(4096)
    def plain(character: str) -> str:
        if character in kept:
            return character
        if character in UNFOLDED:
            return UNFOLDED[character]
        if character.isdecimal():
            return str(unicodedata.decimal(character))
        parts = unicodedata.normalize("NFKD", character)
        if parts == character:
            return character
        if unicodedata.category(character) in ("Lo", "Sk"):  # a syllable has no plain parts
            return character if parts[0] != " " else " "
        # a vulgar fraction must not run into the whole number before it
        space = " " if "⁄" in parts else ""
        return space + "".join(plain(part) for part in parts if not unicodedata.combining(part))

    def say(match: re.Match[str]) -> str:
        written = match.group()
        if written in UNFOLDED:
            return plain(written)
        return "".join(map(plain, unicodedata.normalize("NFC", written)))

    law = "A letter or sign is read as its plain form: é is e, and a ligature its letters."
    return Rewrite("unfold", law, re.compile(FOREIGN), say, re.compile(r"[^\n -~]"))


def drop_invisible(letters: str) -> Rewrite:
    """The rewrite that drops invisible characters and combining marks, except `letters`."""

    @rewrite(rf"[^\n -~{letters}]", needs=r"[^\n -~]")
    def drop_invisible(match: re.Match[str]) -> str:
        """Lone accents, joiners, soft hyphens and control characters are dropped."""
        character = match.group()
        if unicodedata.category(character) not in INVISIBLE:
            return character
        return " " if character == "\0" or character == "\x7f" else ""

    return drop_invisible


def drop_ornaments(letters: str) -> Rewrite:
    """The rewrite that drops signs without a name, for a language with these letters."""

    @rewrite(rf"[^\x00-\x7f{letters}—–°]")
    def drop_ornaments(match: re.Match[str]) -> str:
        """Signs without a name, such as ▓ and marks of other scripts, are dropped."""
        ornamental = unicodedata.category(match.group()) in ORNAMENTAL
        return " " if ornamental else match.group()

    return drop_ornaments


def report_unknown(letters: str) -> Rewrite:
    """The rewrite that drops and reports letters of other scripts."""

    @rewrite(rf"[^\x00-\x7f{letters}—–°]+")
    def report_unknown(match: re.Match[str]) -> str:
        """Letters of other scripts, such as 漢, are left out and reported."""
        return " "

    return report_unknown


def report_long_words(letters: str) -> Rewrite:
    """The rewrite that drops and reports very long words, such as encoded data."""
    letter = f"A-Za-z0-9{letters}"

    @rewrite(rf"(?<![{letter}'-])['-]*[{letter}][{letter}'-]{{{MAX_WORD_CHARACTERS},}}")
    def report_long_words(match: re.Match[str]) -> str:
        """A word of more than 500 letters, such as encoded data, is left out and reported."""
        return " "

    return report_long_words


def say_signs(signs: Mapping[str, str]) -> Rewrite:
    """The rewrite of signs to their names in a language."""

    @rewrite(any_of(signs))
    def say_signs(match: re.Match[str]) -> str:
        """A sign is read by its name: @ is at."""
        return f" {signs[match.group()]} "

    return say_signs

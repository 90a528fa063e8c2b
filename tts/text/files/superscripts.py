"""Superscripts: marks of notes, exponents and ordinals are told apart by what is before them."""

import re

NUMBER = re.compile(r"[+\-\u2212\u2013]?\d{1,6}(?:[.,/]\d{1,6})?")
SHORT_EXPONENT = re.compile(r"\d+|[A-Za-z]")
EXPRESSION = re.compile(r"[\w+\-\u2212\u2013*/.,()\u00b7 ]{1,30}")
NOTE_SIGN = re.compile(r"[*\u2020\u2021\u00a7\u00b6#]+|\[[^\]]{1,8}\]|\(\w{1,3}\)")
NOTE_NUMBERS = re.compile(r"\d{1,3}(?:[,;\u2013\-] ?\d{1,3})*")
ORDINAL = re.compile(r"(?:st|nd|rd|th|d|er|re|e|eme|\u00e8me|o|a|\u00aa|\u00ba)\.?", re.IGNORECASE)
CHARGE = re.compile(r"\d?[+\-\u2212\u2013]")
ABBREVIATED = re.compile(r"[A-Z]")  # M, D or S before the r, rs or t of a title
# A variable, a function or a unit: words that have powers.
POWER_WORD = re.compile(
    r"(?:[^\W\d_]|mc|sin|cos|tan|log|ln|exp|[cdkmn\u00b5\u03bc]m|km|in|ft|yd|mi|ms|kg|cd|mol|rad|"
    r"sec|min|Pa|Hz)"
)
LAST_WORD = re.compile(r"[^\W\d_]{1,12}\Z")
YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d\Z")
BRACKETED = re.compile(r"\([^()]{1,40}\)\Z")
LONG_WORD = re.compile(r"[^\W\d_]{3}")
TRADE_MARKS = {"TM": "\u2122", "SM": "\u2120"}


def read_superscript(before: str, raised: str) -> str:
    """What a superscript without a link is read as.

    Args:
        before: the text before it in its line; the last 60 characters are enough.
        raised: the text of the superscript.

    Returns:
        An exponent after `^`; the letters of an ordinal or of an abbreviation as they are; nothing
        for the mark of a note.

    Example:
        >>> [read_superscript(*one) for one in (("10", "6"), ("the 4", "th"), ("so it was.", "3"))]
        ['^6', 'th', '']
    """
    mark = " ".join(raised.split())
    if not mark or not before or before[-1].isspace():
        return mark
    if NOTE_SIGN.fullmatch(mark):
        return ""
    if mark.upper() in TRADE_MARKS and before[-1].isalpha():
        return TRADE_MARKS[mark.upper()]
    if before[-1].isdigit() and mark.lower() not in ("e", "o", "a") and ORDINAL.fullmatch(mark):
        return mark
    if NUMBER.fullmatch(mark) or NOTE_NUMBERS.fullmatch(mark):
        return _number(before, mark)
    return _letters(before, mark)


def _number(before: str, mark: str) -> str:
    """A power of a number, a variable, a unit or a sum in brackets; after other text a note."""
    if before[-1].isdigit():
        return "" if YEAR.search(before) and mark.isdigit() else _exponent(mark)
    bracketed = BRACKETED.search(before)
    if bracketed:
        return "" if LONG_WORD.search(bracketed[0]) else _exponent(mark)
    word = LAST_WORD.search(before)
    if word and POWER_WORD.fullmatch(word[0]):
        return _exponent(mark)
    return ""


def _letters(before: str, mark: str) -> str:
    """A power of a number or a variable; after a word, letters of an abbreviation or a charge."""
    word = LAST_WORD.search(before)
    letters = mark.rstrip(".").isalpha()
    if word and len(word[0]) > 1 and mark in ("a", "b", "c"):
        return ""  # marks of notes below a table
    if word and (CHARGE.fullmatch(mark) or (letters and not _is_power_of(word[0], mark))):
        return mark
    if letters and before[-1].isdigit() and ORDINAL.fullmatch(mark):
        return mark
    powers = before[-1].isdigit() or before[-1] == ")" or (word and len(word[0]) == 1)
    return _exponent(mark) if powers and EXPRESSION.fullmatch(mark) else mark


def _is_power_of(word: str, mark: str) -> bool:
    """Whether letters are a power: of one letter, unless they make a title such as Mr."""
    if len(word) > 1 or len(mark.rstrip(".")) > 1:
        return False
    return mark not in "rtdeohs" if ABBREVIATED.fullmatch(word) else mark not in "eo"


def _exponent(mark: str) -> str:
    plain = mark.translate({ord("\u2212"): "-", ord("\u2013"): "-"})
    return f"^{plain}" if SHORT_EXPONENT.fullmatch(plain) else f"^{{{plain}}}"

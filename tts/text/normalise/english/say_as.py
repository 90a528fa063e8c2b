"""The readings of the SSML element `say-as`: letters, numbers, dates, times, telephones.

Each reading takes the text of the element, its `format` and the text options, and returns words or
text that the usual rewrites read. It raises `ValueError` if the text is not of its kind.
"""

import re
from collections.abc import Callable, Mapping

from tts.error_messages import quoted
from tts.text.normalise.english import URL_READER, numbers
from tts.text.normalise.english.mathematics import symbols
from tts.text.normalise.english.words.abbreviation_data import MONTH_NAMES
from tts.text.options import TextOptions

SIGNS = symbols.SYMBOL_NAMES | symbols.GREEK_LETTERS | dict(URL_READER.signs)
WHOLE = re.compile(r"(?P<sign>[-−+]?)(?P<digits>[0-9]+(?:,[0-9]{3})*)(?P<part>\.[0-9]+)?")
NTH = re.compile(r"(?P<digits>[0-9]+(?:,[0-9]{3})*)(?:st|nd|rd|th)?")
MINUS = {"-": "minus ", "−": "minus ", "+": "plus ", "": ""}
ORDERS = {"ymd", "ydm", "mdy", "dmy", "md", "dm", "ym", "my", "y", "m", "d"}


def characters(written: str, style: str, reading: TextOptions) -> str:
    """AB-1 is A B dash one."""
    return " ".join(map(_character, written.replace(" ", "")))


def _character(one: str) -> str:
    return numbers.cardinal(one) if one in "0123456789" else SIGNS.get(one, one.upper())


def cardinal(written: str, style: str, reading: TextOptions) -> str:
    """1999 is one thousand nine hundred ninety-nine, never a year."""
    number = _whole(WHOLE, written, "a number such as 1999 or -2.5")
    part = f" point {numbers.by_digit(number['part'][1:])}" if number["part"] else ""
    return MINUS[number["sign"]] + numbers.cardinal(number["digits"]) + part


def ordinal(written: str, style: str, reading: TextOptions) -> str:
    """3 is third."""
    number = _whole(NTH, written, "a number such as 3 or 3rd")
    return numbers.ordinal(number["digits"])


def digits(written: str, style: str, reading: TextOptions) -> str:
    """1999 is one nine nine nine; separate groups of digits stay apart."""
    return ", ".join(map(numbers.by_digit, _groups(written, "digits such as 1999")))


def telephone(written: str, style: str, reading: TextOptions) -> str:
    """2025550123 is two oh two, five five five, oh one two three."""
    groups = _groups(written, "a telephone number such as (202) 555-0123")
    if len(groups) == 1 and len(groups[0]) in (7, 10):
        whole = groups[0]
        groups = [part for part in (whole[:-7], whole[-7:-4], whole[-4:]) if part]
    return ("plus " if "+" in written else "") + ", ".join(map(numbers.digits_with_oh, groups))


def date(written: str, style: str, reading: TextOptions) -> str:
    """3/4 is March fourth as md, and April third as dm; a date in words is read as it is."""
    if not re.fullmatch(r"[0-9]+(?:\W+[0-9]+){0,2}", written):
        return written
    parts = re.findall("[0-9]+", written)
    order = "".join(dict.fromkeys(style.lower())) or _order(parts, reading)
    if order not in ORDERS:
        raise ValueError(f"format must be one of {', '.join(sorted(ORDERS))}; got {quoted(style)}")
    if len(parts) == 1 and len(order) > 1:
        lengths = (4 if one == "y" else 2 for one in order)
        parts = re.findall("(.{%d})" * len(order) % tuple(lengths), written)
        parts = list(parts[0]) if parts else []
    if len(parts) != len(order):
        raise ValueError(f"expected a date in the order {order}, got {quoted(written)}")
    return _dated(dict(zip(order, parts, strict=True)), written)


def _order(parts: list[str], reading: TextOptions) -> str:
    """The default order of a date's numbers, by how many and how long they are."""
    first, last = len(parts[0]) == 4, len(parts[-1]) == 4
    if len(parts) == 3:
        return "ymd" if first else "dmy" if reading.day_first else "mdy"
    if len(parts) == 2:
        return "ym" if first else "my" if last else "dm" if reading.day_first else "md"
    return "y" if first else "ymd" if len(parts[0]) == 8 else "d"


def _dated(parts: Mapping[str, str], written: str) -> str:
    month, day, year = int(parts.get("m", 1)), int(parts.get("d", 1)), parts.get("y", "")
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(f"expected a month up to 12 and a day up to 31, got {quoted(written)}")
    if len(year) == 2:  # as in tts.text.normalise.english.dates
        year = ("19" if int(year) > 50 else "20") + year
    said = [MONTH_NAMES[month - 1]] if "m" in parts else []
    said += [numbers.ordinal(str(day))] if "d" in parts else []
    comma = ", " if "d" in parts else " "
    return comma.join(filter(None, [" ".join(said), numbers.year(year) if year else ""]))


def as_written(written: str, style: str, reading: TextOptions) -> str:
    """The text as it is: the usual rewrites read it correctly."""
    return written


def _whole(pattern: re.Pattern[str], written: str, wanted: str) -> re.Match[str]:
    if match := pattern.fullmatch(written):
        return match
    raise ValueError(f"expected {wanted}, got {quoted(written)}")


def _groups(written: str, wanted: str) -> list[str]:
    if not re.fullmatch(r"[-+.() 0-9/]*[0-9][-+.() 0-9/]*", written):
        raise ValueError(f"expected {wanted}, got {quoted(written)}")
    return re.findall("[0-9]+", written)


READERS: Mapping[str, Callable[[str, str, TextOptions], str]] = {
    "characters": characters,
    "spell-out": characters,
    "verbatim": characters,
    "cardinal": cardinal,
    "number": cardinal,
    "ordinal": ordinal,
    "digits": digits,
    "telephone": telephone,
    "date": date,
    "time": as_written,
    "fraction": as_written,
    "unit": as_written,
    "currency": as_written,
}

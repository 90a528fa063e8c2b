"""Lists: one item a line, plain or with columns for its delivery."""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from io import StringIO
from math import inf, isfinite
from typing import Any

from tts.delivery import DELIVERY_FIELDS, DELIVERY_RANGES
from tts.error_messages import excerpt, quoted, short_repr
from tts.text.files.plain import STRAY, decode_text
from tts.text.language_warnings import explain_no_words
from tts.text.markup.tags import MAX_PAUSE_SECONDS
from tts.text.pauses import PARAGRAPH_PAUSE_SECONDS
from tts.text.sections import has_words

from .builder import BatchInputBuilder, InputEntry, InputOptions

WORDS = ("text", "id", "voice", "chapter")
NUMBERS: Mapping[str, Callable[[str], float]] = {
    **{name: number.type for name, number in DELIVERY_FIELDS.items()},
    "pause": float,
}
# `Delivery` checks the seed, whose message is another
RANGES: Mapping[str, tuple[float, float]] = {
    **{name: span for name, span in DELIVERY_RANGES.items() if name != "seed"},
    "pause": (0, int(MAX_PAUSE_SECONDS)),
}
KNOWN = (*WORDS, *NUMBERS)
PLACES = ("text", "id", "chapter", "pause")  # columns that are not fields of Delivery
ALIKE = 0.8  # difflib's similarity, 0 to 1, of a misspelt column: txt is 0.86 from text
SHORT = 2  # letters of a known name that others resemble by chance, as uid does id
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
NO_SEPARATOR = "\x1f"  # a control character that no text has, for lists of one column
# The first line of what Excel writes or reads with a separator that is not the usual one.
DECLARED_SEPARATOR = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
MAX_NAMES_CHARACTERS = 100_000  # of the line of names; chosen by hand
MOST = 30  # characters of a name that are compared; no known one is longer


def read_text_list(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read a .txt: one item a line, with the line's number as its id; blank lines are skipped."""
    rows = _Rows(gathering)
    for line, text in written(data, gathering):
        if text.strip():
            rows.add(line, {"text": text})


def read_csv(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read a .csv: one item a row, columns named in the first row.

    Columns are separated by commas, semicolons or tabs: what a line `sep=;` before the names says,
    or else what separates the names so that one is that of the texts. Unknown columns are ignored,
    with a note where one may be a misspelt column.
    """
    _read_columns(data, gathering, (",", ";", "\t"))


def read_tsv(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read a .tsv: as a .csv, but with tabs unless the names are separated by something else."""
    _read_columns(data, gathering, ("\t", ",", ";"))


def _read_columns(data: bytes, gathering: BatchInputBuilder, separators: Sequence[str]) -> None:
    text = decoded(data, gathering)
    reader, separator = _opened(text, separators, gathering.reader.text_column)
    rows, names = _Rows(gathering), _header(reader, gathering)
    for line, fields in _fields(reader, gathering):
        if len(fields) > len(names):
            many = f"expected {len(names)} fields, got {len(fields)}"
            quote = f'put double quotes (") around a field with {SEPARATORS[separator]} in it'
            gathering.refuse(line, f"{many}; {quote}")
        elif not _is_stray(line, ",".join(fields), gathering):
            row = dict(zip(names, map(str.strip, fields), strict=False))
            rows.add(line, row if separator == "," else _with_points(row))


def _opened(text: str, separators: Sequence[str], text_column: str) -> tuple[Any, str]:
    """A reader of the rows from that of the names on, and what separates their columns."""
    declared = DECLARED_SEPARATOR.match(text)
    start = declared.end() if declared else 0
    first = next(iter(text[start : start + MAX_NAMES_CHARACTERS].splitlines()), "")

    def names(separator: str) -> list[str]:
        reader = csv.reader([first], delimiter=separator)
        return [name.strip() for name in next(reader, [])]

    if declared:
        separator = declared[1]
    else:
        fitting = (separator for separator in separators if text_column in names(separator))
        separator = next(fitting, None) or max(separators, key=lambda one: len(names(one)))
    delimiter = separator if len(names(separator)) > 1 else NO_SEPARATOR
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    if declared:
        next(reader)
    return reader, separator


def _with_points(row: Mapping[str, str]) -> dict[str, str]:
    """A row whose numbers have a decimal point for a comma, as semicolons come with."""
    return {
        name: field.replace(",", ".")
        if name in NUMBERS and DECIMAL_COMMA.fullmatch(field)
        else field
        for name, field in row.items()
    }


def read_jsonl(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read a .jsonl: one JSON object a line, each an item; unknown fields as in `read_csv`."""
    rows = _Rows(gathering)
    for line, text in written(data, gathering):
        if not text.strip():
            continue
        try:
            row = _object(text)
        except ValueError as error:
            gathering.refuse(line, str(error))
        else:
            if gathering.reader.text_column in row:
                _note_misspelt("field", row, gathering)
            rows.add(line, row)


def decoded(data: bytes, gathering: BatchInputBuilder) -> str:
    """Decode a text; bytes that are not UTF-8 become surrogates, and their lines errors."""
    found = decode_text(data, gathering.file, keep_stray_bytes=True)
    if found.note:
        gathering.note(found.note)
    return found.text


def written(data: bytes, gathering: BatchInputBuilder) -> Iterator[tuple[int, str]]:
    """The numbered lines of a text; those that are not UTF-8 become errors."""
    for line, text in enumerate(StringIO(decoded(data, gathering), newline=None), 1):
        if not _is_stray(line, text, gathering):
            yield line, text


class _Rows:
    """Adds rows to the builder and starts the chapters that they name."""

    def __init__(self, gathering: BatchInputBuilder) -> None:
        self._gathering = gathering
        self._chapter = self._named = ""
        self._begun = {""}

    def add(self, line: int, row: Mapping[str, Any]) -> None:
        named = row
        row = self._gathering.reader.name_columns(row)
        given = {name: row[name] for name in KNOWN if row.get(name) not in (None, "")}
        id = ""
        try:
            id = _words("id", given).strip()
            if "text" not in row:
                reader = self._gathering.reader
                raise ValueError(f"there is no field {_without(reader.text_column, named, reader)}")
            self._turn(" ".join(_words("chapter", given).split()))
            passage = self._passage(line, id or f"{line:06}", given)
        except ValueError as error:
            self._gathering.refuse(line, str(error), id)
        else:
            self._gathering.add(passage)

    def _turn(self, chapter: str) -> None:
        """Start the chapter of a row; a row without one continues the chapter before it."""
        self._named = chapter or self._named
        if self._named == self._chapter:
            return
        if self._named in self._begun:
            raise ValueError(
                f"the lines of the chapter {self._named!r} are not together; sort the list"
            )
        self._chapter = self._named
        self._begun.add(self._chapter)
        self._gathering.begin(self._chapter)

    def _passage(self, line: int, id: str, given: Mapping[str, Any]) -> InputEntry:
        delivery = self._gathering.reader.delivery
        text = _words("text", given).strip()
        if not has_words(text, delivery.reading):
            raise ValueError(explain_no_words(text, delivery.reading))
        numbers = {name: _number(name, given[name]) for name in NUMBERS if name in given}
        own: dict[str, Any] = {name: numbers[name] for name in numbers if name not in PLACES}
        if voice := _words("voice", given).strip():
            own["voice"] = voice
        pause = numbers.get("pause", PARAGRAPH_PAUSE_SECONDS * own.get("pauses", delivery.pauses))
        return InputEntry(line=line, id=id, text=text, overrides=own, pause=pause)


def _words(name: str, row: Mapping[str, Any]) -> str:
    """A field as text. A JSON number is accepted as an id or a chapter, but not as a text."""
    given = row.get(name, "")
    if isinstance(given, int) and not isinstance(given, bool) and name in ("id", "chapter"):
        return str(given)
    if not isinstance(given, str):
        raise ValueError(f"{name} must be text, got {short_repr(given)}; put quotes around it")
    return given


def _number(name: str, given: object) -> float:
    kind = NUMBERS[name]
    try:
        number = kind(str(given))
    except ValueError as error:
        wanted = "a whole number" if kind is int else "a number"
        raise ValueError(f"{name} must be {wanted}, got {quoted(given)}") from error
    low, high = RANGES.get(name, (-inf, inf))
    if kind is float and not isfinite(number):
        raise ValueError(f"{name} must be a number, got {excerpt(given)}")
    if not low <= number <= high:
        # as the list has it: a float of 9 would be 9.0
        raise ValueError(f"{name} must be from {low} to {high}, got {excerpt(given)}")
    return number


def _object(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text.rstrip())
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise ValueError(f"invalid JSON at column {error.colno}: {reason}") from error
    except RecursionError as error:
        raise ValueError("invalid JSON: it is nested too deep") from error
    except ValueError as error:
        raise ValueError("invalid JSON: a number has too many digits") from error
    if not isinstance(row, dict):
        raise ValueError(f"expected a JSON object, got {quoted(text.strip())}")
    return row


def _header(reader: Any, gathering: BatchInputBuilder) -> list[str]:
    file = gathering.file
    try:
        names = [name.strip() for name in next(iter(reader), [])]
    except csv.Error as error:
        raise ValueError(
            f"line {reader.line_num} of {file}: cannot read the column names: {error}"
        ) from error
    options = gathering.reader
    for column in dict.fromkeys((options.text_column, *filter("id".__ne__, [options.id_column]))):
        if column not in names:
            raise ValueError(f"{file} has no column {_without(column, names, options)}")
    used = (options.text_column, options.id_column, *KNOWN)
    if twice := [name for name in used if names.count(name) > 1]:
        raise ValueError(f"{file} has two columns named {twice[0]!r}")
    _note_misspelt("column", names, gathering)
    return names


def _fields(reader: Any, gathering: BatchInputBuilder) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line; rows with broken quotes become errors."""
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            place = f" in lines {line} to {reader.line_num}" if reader.line_num > line else ""
            why = f"broken quotes{place}: {error}; write a quote within a field twice"
            gathering.refuse(line, why)
            continue
        if fields is None:
            return
        if any(map(str.strip, fields)):
            yield line, fields


def _without(column: str, names: Iterable[str], reader: InputOptions) -> str:
    """The end of the error of a list or a row without a column, with a hint at what to do."""
    given = list(names)
    folded = column.casefold()
    near = [name for name in given if get_close_matches(name.casefold(), [folded], 1, ALIKE)]
    same = [name for name in near if name.casefold() == folded]
    hint = f"; rename {near[0]} to {column}" if near else ""
    if near and column not in KNOWN:  # named by an option, which is easier to change than a file
        option = "--id-column" if column == reader.id_column else "--text-column"
        hint = f"; use {option} {(same or near)[0]}"
    elif not hint and column == "text":
        hint = "; name the column of the texts with --text-column"
    only = f", only {', '.join(given)[:100]!r}" if given else ""
    return f"named {column}{only}{hint}"


def _note_misspelt(kind: str, names: Collection[str], gathering: BatchInputBuilder) -> None:
    """Note the unknown names that may be misspelt ones, unless the right one is there, too."""
    used = (gathering.reader.text_column, gathering.reader.id_column)
    for name in names:
        near = None if name in KNOWN or name in used else _near(name)
        if near and near not in names:
            gathering.note(f"{kind} {quoted(name)} is ignored; did you mean {near!r}?")


@lru_cache  # the names are the same in all rows
def _near(name: str) -> str | None:
    """The known name that is like this one, or that has the same letters."""
    folded = name.strip().casefold()[:MOST]
    swapped = [known for known in KNOWN if sorted(known) == sorted(folded)]
    long = [known for known in KNOWN if len(known) > SHORT]
    return next(iter(swapped or get_close_matches(folded, long, 1, ALIKE)), None)


def _is_stray(line: int, text: str, gathering: BatchInputBuilder) -> bool:
    if stray := STRAY.search(text):
        byte = ord(stray.group()) - 0xDC00
        gathering.refuse(line, f"the byte {byte:#x} is not UTF-8; save the file as UTF-8")
    return stray is not None

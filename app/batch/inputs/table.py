"""Lists: a line an item, plain or with columns that say how it is said."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from io import StringIO
from typing import Any

from tts.delivery import DELIVERY_FIELDS
from tts.error_messages import quoted
from tts.text.markup.tags import MAX_PAUSE_SECONDS
from tts.text.pauses import PARAGRAPH_PAUSE_SECONDS
from tts.text.sections import has_words

from .builder import BatchInputBuilder, InputEntry

WORDS = ("text", "id", "voice", "chapter")
NUMBERS: Mapping[str, Callable[[str], float]] = {
    **{name: number.type for name, number in DELIVERY_FIELDS.items()},
    "pause": float,
}
KNOWN = (*WORDS, *NUMBERS)
PLACES = ("text", "id", "chapter", "pause")  # that are no part of a Delivery
ALIKE = 0.8  # from 0 to 1; txt and text are that
STRAY = re.compile("[\udc80-\udcff]")


def read_text_list(data: bytes, gathering: BatchInputBuilder) -> None:
    """A line an item, whose id is its number; blank lines are none."""
    rows = _Rows(gathering)
    for line, text in written(data, gathering):
        if text.strip():
            rows.add(line, {"text": text})


def read_csv(data: bytes, gathering: BatchInputBuilder) -> None:
    """A row an item, in columns that the first row names; others than ours are nothing to us."""
    reader = csv.reader(StringIO(decoded(data), newline=""), strict=True)
    rows, names = _Rows(gathering), _header(reader)
    for line, fields in _fields(reader, gathering):
        if len(fields) > len(names):
            many = f"expected {len(names)} fields, not {len(fields)}; put quotes around commas"
            gathering.refuse(line, many)
        elif not _is_stray(line, ",".join(fields), gathering):
            rows.add(line, dict(zip(names, map(str.strip, fields), strict=False)))


def read_jsonl(data: bytes, gathering: BatchInputBuilder) -> None:
    """A JSON object an item."""
    rows = _Rows(gathering)
    for line, text in written(data, gathering):
        if not text.strip():
            continue
        try:
            row = _object(text)
        except ValueError as error:
            gathering.refuse(line, str(error))
        else:
            rows.add(line, row)


def decoded(data: bytes) -> str:
    """A text in UTF-8, each byte that is none of it standing for itself."""
    if b"\0" in data:
        raise ValueError("expected a list in UTF-8, and this has zeros in it; save it as UTF-8")
    return data.decode("utf-8-sig", "surrogateescape")


def written(data: bytes, gathering: BatchInputBuilder) -> Iterator[tuple[int, str]]:
    """The lines of a text by their numbers, but for those that are not in UTF-8."""
    for line, text in enumerate(StringIO(decoded(data), newline=None), 1):
        if not _is_stray(line, text, gathering):
            yield line, text


class _Rows:
    """Rows as passages, in the chapters that they name; the rows of a chapter stand together."""

    def __init__(self, gathering: BatchInputBuilder) -> None:
        self._gathering = gathering
        self._chapter = self._named = ""
        self._begun = {""}

    def add(self, line: int, row: Mapping[str, Any]) -> None:
        given = {name: row[name] for name in KNOWN if row.get(name) not in (None, "")}
        id = ""
        try:
            id = _words("id", given).strip()
            if "text" not in row:
                raise ValueError(_without_text("a field named text", row))
            self._turn(" ".join(_words("chapter", given).split()))
            passage = self._passage(line, id or f"{line:06}", given)
        except ValueError as error:
            self._gathering.refuse(line, str(error), id)
        else:
            self._gathering.add(passage)

    def _turn(self, chapter: str) -> None:
        """A row without a chapter is in that of the row before it."""
        self._named = chapter or self._named
        if self._named == self._chapter:
            return
        if self._named in self._begun:
            raise ValueError(
                f"expected the lines of the chapter {self._named!r} together, "
                "not others between them; sort the list"
            )
        self._chapter = self._named
        self._begun.add(self._chapter)
        self._gathering.begin(self._chapter)

    def _passage(self, line: int, id: str, given: Mapping[str, Any]) -> InputEntry:
        delivery = self._gathering.reader.delivery
        text = _words("text", given).strip()
        if not has_words(text, delivery.reading):
            raise ValueError(f"expected a text with words to speak, not {quoted(text)}; add some")
        numbers = {name: _number(name, given[name]) for name in NUMBERS if name in given}
        own: dict[str, Any] = {name: numbers[name] for name in numbers if name not in PLACES}
        if voice := _words("voice", given).strip():
            own["voice"] = voice
        pause = numbers.get("pause", PARAGRAPH_PAUSE_SECONDS * own.get("pauses", delivery.pauses))
        if "pause" in numbers and not 0 <= pause <= MAX_PAUSE_SECONDS:
            raise ValueError(f"pause must lie between 0 and {MAX_PAUSE_SECONDS:g}, not {pause}")
        return InputEntry(line=line, id=id, text=text, overrides=own, pause=pause)


def _words(name: str, row: Mapping[str, Any]) -> str:
    """A number may name a row or a chapter, but nobody is asked to say one without quotes."""
    given = row.get(name, "")
    if isinstance(given, int) and not isinstance(given, bool) and name in ("id", "chapter"):
        return str(given)
    if not isinstance(given, str):
        raise ValueError(f"expected words as {name}, not {given!r}; put quotes around them")
    return given


def _number(name: str, given: object) -> float:
    kind = NUMBERS[name]
    try:
        return kind(str(given))
    except ValueError as error:
        wanted = "a whole number" if kind is int else "a number"
        raise ValueError(f"expected {wanted} as {name}, not {quoted(given)}") from error


def _object(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        trouble = f"{error.msg} at column {error.colno}"
        raise ValueError(f"expected a JSON object, but {trouble}; check the line") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected a JSON object, but {error}; make it smaller") from error
    if not isinstance(row, dict):
        raise ValueError(f"expected a JSON object, not {quoted(text.strip())}")
    return row


def _header(reader: Iterable[list[str]]) -> list[str]:
    try:
        names = [name.strip() for name in next(iter(reader), [])]
    except csv.Error as error:
        raise ValueError(f"expected names of columns in the first line, but {error}") from error
    if "text" not in names:
        raise ValueError(_without_text("a column named text, and commas between columns", names))
    if twice := [name for name in KNOWN if names.count(name) > 1]:
        raise ValueError(f"expected each column once, not {twice[0]!r} twice; leave one out")
    return names


def _fields(reader: Any, gathering: BatchInputBuilder) -> Iterator[tuple[int, list[str]]]:
    """Rows by the lines they begin in; what cannot be told apart is wrong, up to where it ends."""
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            place = f"lines {line} to {reader.line_num}" if reader.line_num > line else "it"
            why = f"expected quotes around fields and doubled within them, but in {place}: {error}"
            gathering.refuse(line, why)
            continue
        if fields is None:
            return
        if any(map(str.strip, fields)):
            yield line, fields


def _without_text(wanted: str, names: Iterable[str]) -> str:
    """What a row or a list has that has no text, and the name that was meant for it, if any."""
    given = list(names)
    near = [name for name in given if get_close_matches(name.casefold(), ["text"], 1, ALIKE)]
    hint = f"; write text instead of {near[0]}" if near else ""
    return f"expected {wanted}, not {', '.join(given)[:100]!r}{hint}"


def _is_stray(line: int, text: str, gathering: BatchInputBuilder) -> bool:
    if stray := STRAY.search(text):
        byte = ord(stray.group()) - 0xDC00
        gathering.refuse(line, f"expected UTF-8, not the byte {byte:#x}; save the file as UTF-8")
    return stray is not None

"""Tables of transcripts: CSV with or without a header, JSON lines, and Kaldi's files."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tts.error_messages import quoted

AUDIO_FIELDS = (
    "audio", "audio_filepath", "audio_file", "audio_path", "file", "file_name", "filename",
    "file_path", "filepath", "path", "wav", "wav_file", "wav_path", "wav_filename", "clip",
    "recording", "id", "name",
)  # fmt: skip
TEXT_FIELDS = (
    "text", "transcript", "transcription", "sentence", "raw_text", "normalized_text",
    "normalised_text", "normalized", "normalised",
)  # fmt: skip
START_FIELDS, STOP_FIELDS = ("start", "start_time", "offset", "begin"), ("stop", "end", "end_time")
DELIMITERS = ("|", "\t", ";", ",")
MAX_QUOTED_LINES = 20  # of a field in quotes; chosen by hand
MAX_TIME = 10_000_000  # seconds, 116 days: beyond any recording
KNOWN_SHARE = 0.5  # of rows with a recording, of a table without a header; chosen by hand

Knows = Callable[[str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """A row of a table of transcripts.

    Args:
        line: number of its first line, from 1.
        audio: the recording, as the table names it.
        text: its text.
        start: where it starts in the recording, in seconds; None for the whole recording.
        stop: where it ends, in seconds.
    """

    line: int
    audio: str
    text: str
    start: float | None = None
    stop: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFault:
    """A row that cannot be used: the number of its line, and why."""

    line: int
    reason: str


Row = TableRow | TableFault


def read_table(text: str, knows: Knows) -> list[Row] | None:
    """Read a table with or without a header, separated by `|`, tabs, `;` or `,`.

    Args:
        text: of the file.
        knows: whether a name is that of a recording.

    Returns:
        Its rows; None if it is not a table of transcripts.
    """
    lines = text.splitlines(keepends=True)
    for delimiter in sorted(DELIMITERS, key=lambda mark: -lines[0].count(mark) if lines else 0):
        rows = [(line, cells) for line, cells in _split(lines, delimiter) if any(cells)]
        if not rows or delimiter not in lines[rows[0][0] - 1]:
            continue
        names = [cell.casefold() for cell in rows[0][1]]
        if _field(names, TEXT_FIELDS) and _field(names, AUDIO_FIELDS):
            return [_named(line, names, cells) for line, cells in rows[1:]]
        if _is_headless(rows, delimiter, knows):
            return list(_headless(rows, delimiter))
    return None


def _split(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the numbers of their lines; quotes count only where they are balanced.

    Lists such as LJSpeech's have quotes in texts, which quote no field.
    """
    at = 0
    most = MAX_QUOTED_LINES if delimiter in ",;" else 1
    while at < len(lines):
        for count in range(1, most + 1):
            try:
                part = lines[at : at + count]
                cells = next(csv.reader(part, delimiter=delimiter, strict=True), [])
                break
            except csv.Error:
                continue
        else:
            count, cells = 1, lines[at].split(delimiter)
        yield at + 1, [cell.strip() for cell in cells]
        at += count


def _field(names: Sequence[str] | Mapping[str, Any], known: Sequence[str]) -> str | None:
    return next((name for name in known if name in names), None)


def _named(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        return TableFault(line=line, reason=f"it has {len(cells)} columns and not {len(names)}")
    return _row(line, dict(zip(names, cells, strict=True)))


def _is_headless(rows: Sequence[tuple[int, list[str]]], delimiter: str, knows: Knows) -> bool:
    if delimiter == "|" and sum(len(cells) > 1 for _, cells in rows) > KNOWN_SHARE * len(rows):
        return True
    known = sum(len(cells) > 1 and knows(cells[0]) for _, cells in rows)
    return known >= KNOWN_SHARE * len(rows)


def _headless(rows: Sequence[tuple[int, list[str]]], delimiter: str) -> Iterator[Row]:
    """Rows of a recording and its text; between them may be a column such as the speaker."""
    counts = {len(cells) for _, cells in rows}
    if delimiter in ",;" and len(counts) > 1:  # a comma within the text
        rows = [(line, [cells[0], f"{delimiter} ".join(cells[1:])]) for line, cells in rows]
    shortest = min((len(cells) for _, cells in rows if len(cells) > 1), default=1)
    words = [
        sum(len(cells[at].split()) for _, cells in rows if at < len(cells))
        for at in range(1, shortest)
    ]
    column = 1 + next((at for at, count in enumerate(words) if count > 1.5 * len(rows)), 0)
    for line, cells in rows:
        if len(cells) <= column:
            yield TableFault(
                line=line,
                reason=f"expected a recording and its text, got {quoted(delimiter.join(cells))}",
            )
        else:
            yield TableRow(line=line, audio=cells[0], text=cells[column])


def read_json_lines(text: str) -> list[Row] | None:
    """Read JSON lines, or a list of JSON objects, with fields of the recording and its text.

    Returns:
        Its rows; None if no row has these fields.
    """
    rows = list(_json_rows(text))
    return rows if any(isinstance(row, TableRow) for row in rows) else None


def _json_rows(text: str) -> Iterator[Row]:
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from (_object(number, row) for number, row in enumerate(found, 1))
        return
    for line, given in enumerate(text.split("\n"), 1):
        if given.strip():
            try:
                row = json.loads(given)
            except (ValueError, RecursionError):
                yield TableFault(line=line, reason=f"expected JSON, got {quoted(given.strip())}")
            else:
                yield _object(line, row)


def _object(line: int, given: Any) -> Row:
    if not isinstance(given, dict):
        return TableFault(line=line, reason=f"expected a JSON object, got {quoted(given)}")
    return _row(line, {str(name).casefold(): value for name, value in given.items()})


def _row(line: int, row: Mapping[str, Any]) -> Row:
    """A row of named values."""
    given = {name: value for name, value in row.items() if value not in (None, "")}
    audio, text = _field(given, AUDIO_FIELDS), _field(given, TEXT_FIELDS)
    if not audio:
        return TableFault(line=line, reason="it names no recording")
    name = given[audio].get("path") if isinstance(given[audio], dict) else given[audio]
    said = given[text] if text else ""
    if not isinstance(name, str | int) or not isinstance(said, str | int | float):
        return TableFault(line=line, reason="its recording and its text must be text")
    try:
        start, stop = _number(given, START_FIELDS), _number(given, STOP_FIELDS)
        duration = _number(given, ("duration",))
    except ValueError as error:
        return TableFault(line=line, reason=str(error))
    if stop is None and start is not None and duration is not None:
        stop = start + duration
    if start is not None and stop is not None and not 0 <= start < stop:
        return TableFault(
            line=line, reason=f"it must end after it starts, got {start:g} s to {stop:g} s"
        )
    return TableRow(line=line, audio=str(name), text=str(said), start=start, stop=stop)


def _number(row: Mapping[str, Any], names: Sequence[str]) -> float | None:
    if (name := _field(row, names)) is None:
        return None
    try:
        seconds = float(row[name])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number of seconds, got {quoted(row[name])}") from error
    if not 0 <= seconds <= MAX_TIME:
        raise ValueError(f"{name} must be from 0 to {MAX_TIME} seconds, got {quoted(row[name])}")
    return seconds


def read_list(text: str, knows: Knows) -> list[Row] | None:
    """Read lines of a recording's name, a space and its text, as Kaldi's `text` and LibriSpeech's.

    Returns:
        Its rows; None if fewer than half of the lines start with the name of a recording.
    """
    pairs = [(number, *_head(line)) for number, line in enumerate(text.splitlines(), 1)]
    pairs = [pair for pair in pairs if pair[1]]
    known = sum(bool(said) and knows(name) for _, name, said in pairs)
    if not known or known < KNOWN_SHARE * len(pairs):
        return None
    return [TableRow(line=line, audio=name, text=said) for line, name, said in pairs]


def _head(line: str) -> tuple[str, str]:
    name, *rest = line.strip().split(maxsplit=1) or [""]
    return name, "".join(rest)


def read_kaldi(text: str, scripts: str, segments: str = "") -> list[Row]:
    """Read Kaldi's `text`, with the recordings of `wav.scp` and the parts of `segments`.

    Commands in `wav.scp`, which end in `|`, are not run; their rows are faults.
    """
    files = dict(_head(line) for line in scripts.splitlines())
    parts = {name: rest.split() for name, rest in map(_head, segments.splitlines())}
    rows: list[Row] = []
    for line, written in enumerate(text.splitlines(), 1):
        name, said = _head(written)
        if not name:
            continue
        recording, *times = parts.get(name, [name])
        path = files.get(recording, "")
        if not path or path.endswith("|"):
            rows.append(TableFault(line=line, reason=f"wav.scp has no file for {quoted(name)}"))
        else:
            start, stop = times if len(times) == 2 else ("", "")
            rows.append(_row(line, {"audio": path, "text": said, "start": start, "stop": stop}))
    return rows

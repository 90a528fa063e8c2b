"""Voices on the command line: the table of them, and the files that a voice or blend names."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from tts.delivery import Delivery
from tts.voices import blend_parts

DEFAULT_VOICE = Delivery().voice
FILE_SUFFIX = ".voice"

Row = Mapping[str, Any]  # of `VoiceInfo`, and `minutes`, `file`, `shipped` and `default`
COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "voice": lambda row: f"{row['name']} (default)" if row["default"] else row["name"],
    "sex": lambda row: row["sex"] or "",
    "accent": lambda row: row["accent"] or "",
    "minutes": lambda row: _figure(row["minutes"], "{:.3g}"),
    "word errors": lambda row: _figure(row["word_errors"], "{:.1f} %"),
    "DistillMOS": lambda row: _figure(row["distillmos"], "{:.2f}"),
    "similarity": lambda row: _figure(row["similarity"], "{:.2f}"),
    "file": lambda row: "" if row["shipped"] else row["file"] or "",
}


def voice_paths(voice: str) -> dict[str, Path]:
    """The voice files that a voice or blend names by their paths, by these parts of its text.

    Example:
        >>> sorted(voice_paths("anna.voice(2)+heart(1)"))
        ['anna.voice']
    """
    path = Path(voice)
    if voice.endswith(FILE_SUFFIX) and path.is_file():  # also with spaces and brackets in its name
        return {voice: path}
    names = [name for name, _ in blend_parts(voice)]
    if voice.endswith(FILE_SUFFIX) and "" in names:
        return {voice: path}
    return {name: Path(name) for name in names if name.endswith(FILE_SUFFIX)}


def voice_table(rows: Sequence[Row]) -> Table:
    """A row for each voice; columns that are empty for all voices are left out."""
    cells = {head: [cell(row) for row in rows] for head, cell in COLUMNS.items()}
    shown = {head: column for head, column in cells.items() if any(column)}
    table = Table(*shown, box=None, padding=(0, 2, 0, 0))
    for row in zip(*shown.values(), strict=True):
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    return table


def card_table(fields: Mapping[str, Any]) -> Table:
    """A row for each field that has a value."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in fields.items():
        if value is not None:
            table.add_row(name.replace("_", " "), Text(str(value), overflow="fold"))
    return table


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)

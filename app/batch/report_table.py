"""The items of a list or a book as a table that spreadsheets open: a row an item, as CSV."""

import csv
import io
from collections.abc import Sequence

from .item import InputError
from .rows import Row
from .statistics import MEASURES

TOLD = ("voice", "pace", "steps", "seed", "sample_rate", "seconds", "audio")
COLUMNS = (
    *("line", "id", "chapter", "take", "text", "spoken", *TOLD),
    *(measure.name for measure in MEASURES),
    *("heard", "troubles", "rolls", "error"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(rows: Sequence[Row], wrong: Sequence[InputError]) -> bytes:
    """Every item in order, then every line that could not be read, with its error."""
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for row in (*map(_cells, rows), *map(_unread, wrong)):
        table.writerow({name: _plain(value) for name, value in row.items()})
    return file.getvalue().encode(errors="replace")


def _cells(row: Row) -> Row:
    if "error" in row:
        return row
    measured = {measure.name: measure.of(row) for measure in MEASURES}
    findings = {"heard": row["quality"].get("heard"), "troubles": "; ".join(row["troubles"])}
    return row | measured | findings | {"rolls": len(row["rolls"])}


def _unread(wrong: InputError) -> Row:
    return {"line": wrong.line, "id": wrong.id, "error": wrong.message}


def _plain(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as a text."""
    formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if formula else value

"""report.csv: the items of a batch as a table for spreadsheets, one row an item."""

import csv
import io
from collections.abc import Sequence

from .item import InputError
from .rows import Row, explanations, voices_of
from .statistics import MEASURES

TOLD = ("voice", "pace", "steps", "seed", "sample_rate", "seconds", "audio")
COLUMNS = (
    *("line", "id", "chapter", "take", "text", "spoken", *TOLD),
    *(measure.name for measure in MEASURES),
    *("heard", "troubles", "warnings", "rolls", "choices", "error"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # first characters of formulas, after OWASP


def spreadsheet(
    rows: Sequence[Row], wrong: Sequence[InputError], notes: Sequence[str] = ()
) -> bytes:
    """The table as CSV in UTF-8: every item in order, every line that gave no item, every note."""
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    ignored = ({"warnings": note} for note in notes)
    for row in (*map(_cells, rows), *map(_unread, wrong), *ignored):
        table.writerow({name: _plain(value) for name, value in row.items()})
    return file.getvalue().encode(errors="replace")


def _cells(row: Row) -> Row:
    if "error" in row:
        return row
    measured = {measure.name: measure.of(row) for measure in MEASURES}
    findings = {"heard": row["quality"].get("heard"), "troubles": "; ".join(row["troubles"])}
    findings |= {"choices": "; ".join(explanations(row))}
    findings |= {"voice": ", ".join(voices_of(row)), "warnings": "; ".join(row.get("warnings", ()))}
    return row | measured | findings | {"rolls": len(row["rolls"])}


def _unread(wrong: InputError) -> Row:
    return {"line": wrong.line, "id": wrong.id, "error": wrong.message}


def _plain(value: object) -> object:
    """A quote before a text that a spreadsheet would evaluate as a formula."""
    formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if formula else value

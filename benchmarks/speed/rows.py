"""Raw rows of measurements in a file that grows by a row a measurement, so that a stopped run goes
on from it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
KEY = (
    "what",
    "system",
    "version",
    "threads",
    "length",
    "round",
    "way",
    "reason",
)  # what a row is of


class RowFile:
    """Rows of a JSON Lines file. A last line that was cut short is dropped.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = read_rows(path)
        self._keys = {_key(row) for row in self.rows}
        if path.exists():
            path.write_text("".join(map(_line, self.rows)), encoding="utf-8")

    def __contains__(self, about: Row) -> bool:
        return _key(about) in self._keys

    def add(self, about: Row, measure: Callable[[], Row]) -> None:
        """Measure and write a row, unless there is one about the same."""
        if about in self:
            return
        row = about | measure()
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(row))
        self.rows.append(row)
        self._keys.add(_key(row))


def read_rows(path: Path) -> list[Row]:
    """The rows of a file; none where there is no file."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return rows


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in KEY)


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"

"""Results that are written as they are computed, so that a stopped evaluation can continue."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tts.validation import parse_json

LEDGER = "ledger.jsonl"
ResultRow = dict[str, Any]


class ResultStore:
    """A file of JSON lines: named results, each computed once.

    Args:
        path: the file; its first line is the subject.
        subject: what results depend on, such as hashes of models and texts.

    Raises:
        ValueError: the file has another subject, or a damaged line.
    """

    def __init__(self, path: Path, subject: ResultRow) -> None:
        self.path, self.results = path, dict[str, ResultRow]()
        text = path.read_bytes() if path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole)
        if not whole:
            self._append(subject)
            return
        known, *rows = (
            _row(line, f"line {number} of {path}")
            for number, line in enumerate(whole.splitlines(), start=1)
        )
        if other := [name for name in subject if known.get(name) != subject[name]]:
            raise ValueError(
                f"{path} has results of other models, texts or options (other "
                f"{', '.join(other)}); give another folder to write to"
            )
        self.results = {row["name"]: row["found"] for row in rows if _is_found(row, path)}

    def get_or_compute(self, name: str, find: Callable[[], ResultRow]) -> ResultRow:
        """The result of a name; if there is none, that of `find`, which is then written."""
        if name not in self.results:
            self.results[name] = find()
            self._append({"name": name, "found": self.results[name]})
        return self.results[name]

    def _append(self, row: ResultRow) -> None:
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def _row(line: bytes, place: str) -> ResultRow:
    try:
        return ResultRow(parse_json(line))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{place}: expected a result; delete that line") from error


def _is_found(row: ResultRow, path: Path) -> bool:
    """Whether a row has a name and a result."""
    if not isinstance(row.get("name"), str) or not isinstance(row.get("found"), dict):
        raise ValueError(f"rows of {path} must have a name and what was found; delete it")
    return True

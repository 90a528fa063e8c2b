"""Results on disk as they are found, so that a stopped evaluation goes on where it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tts.validation import parse_json

LEDGER = "ledger.jsonl"
ResultRow = dict[str, Any]


class ResultStore:
    """JSON lines, each under a name; what was found once is never looked for again.

    The first line says what the results are of: a ledger of something else is refused.
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
                f"expected {path} to hold results of the same models, texts and options, "
                f"not of another {', '.join(other)}; give another folder to write to"
            )
        self.results = {row["name"]: row["found"] for row in rows if _is_found(row, path)}

    def get_or_compute(self, name: str, find: Callable[[], ResultRow]) -> ResultRow:
        """What is known under a name; if nothing is, what `find` gives, written down."""
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
        raise ValueError(f"expected results in {place}; delete that line") from error


def _is_found(row: ResultRow, path: Path) -> bool:
    """Whether a row is one of ours: a name, and what was found under it."""
    if not isinstance(row.get("name"), str) or not isinstance(row.get("found"), dict):
        raise ValueError(f"expected a name and what was found in each row of {path}; delete it")
    return True

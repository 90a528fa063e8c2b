"""Results on disk as they are found, so that a stopped evaluation goes on where it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEDGER = "ledger.jsonl"
Row = dict[str, Any]


class Ledger:
    """JSON lines, each under a name; what was found once is never looked for again.

    The first line says what the results are of: a ledger of something else is refused.
    """

    def __init__(self, path: Path, subject: Row) -> None:
        self.path, self.found = path, dict[str, Row]()
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(whole, encoding="utf-8")
        if not whole:
            self._append(subject)
            return
        known, *rows = map(json.loads, whole.splitlines())
        if other := [name for name in subject if known.get(name) != subject[name]]:
            raise ValueError(
                f"expected {path} to hold results of the same models, texts and options, "
                f"not of another {', '.join(other)}; give another folder to write to"
            )
        self.found = {row["name"]: row["found"] for row in rows}

    def once(self, name: str, find: Callable[[], Row]) -> Row:
        """What is known under a name; if nothing is, what `find` gives, written down."""
        if name not in self.found:
            self.found[name] = find()
            self._append({"name": name, "found": self.found[name]})
        return self.found[name]

    def _append(self, row: Row) -> None:
        with self.path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")

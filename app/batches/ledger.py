"""What was made and is on the disk for certain: a row a line, and the files that each is about."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Ledger:
    """The rows of a folder, by their ids. A row is written when its files lie safe on the disk.

    What a power cut leaves half-written is no row, and its files are written again.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.path = folder, folder / name
        self.rows: dict[str, Row] = {}
        written = self.path.read_bytes() if self.path.is_file() else b""
        self._torn = bool(written) and not written.endswith(b"\n")
        for line in written.split(b"\n"):
            self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            row = json.loads(line)
            self.rows[row["id"]] = row
        except (ValueError, KeyError, TypeError):
            return  # the power went while it was written

    def has(self, id: str, key: str) -> bool:
        """Whether it was made, so, and all its files are as they were."""
        row = self.rows.get(id, {})
        if row.get("key") != key or "error" in row:
            return False
        return all(digest(self.folder / name) == told for name, told in row["files"].items())

    def keep(self, row: Row, files: Mapping[str, bytes]) -> None:
        """Files by their names in the folder, each whole or not there; and then the row."""
        folders = set()
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, data)
            folders.add(path.parent)
        for folder in folders:
            _settle(folder)
        told = row | {"files": {name: sha256(data) for name, data in files.items()}}
        self.add(told)

    def add(self, row: Row) -> None:
        """A row whose files are there."""
        self.rows[row["id"]] = row
        with self.path.open("ab") as file:
            file.write(b"\n" * self._torn + _line(row))
            file.flush()
            os.fsync(file.fileno())
        self._torn = False

    def order(self, ids: Iterable[str]) -> list[str]:
        """Rows in the order of a list, and no others; the files that are then in none."""
        kept = {id: self.rows[id] for id in ids if id in self.rows}
        put(self.path, b"".join(map(_line, kept.values())))
        _settle(self.folder)
        known, self.rows = self.rows, kept
        wanted = {name for row in kept.values() for name in row["files"]}
        return [name for row in known.values() for name in row["files"] if name not in wanted]


def put(path: Path, data: bytes) -> None:
    """Write beside, wait for the disk, then rename."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest(path: Path) -> str:
    """The SHA-256 of a file, or nothing if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _settle(folder: Path) -> None:
    """A name is safe when its folder is; not every system lets one ask for it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

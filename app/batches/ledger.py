"""What was made and is on the disk for certain: a row a line, and the files that each is about."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from sys import intern
from typing import Any

Row = dict[str, Any]


class Ledger:
    """The rows of a folder, by their ids. A row is written when its files lie safe on the disk.

    What a power cut leaves half-written is no row, and its files are written again. The rows of
    another program are not ours to change.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.path = folder, folder / name
        self.rows: dict[str, Row] = {}
        self._files: dict[str, None] = {}
        self._begun = False
        written = self.path.read_bytes() if self.path.is_file() else b""
        self._torn = bool(written) and not written.endswith(b"\n")
        for number, line in enumerate(written.split(b"\n"), 1):
            self._read(line, number)

    def _read(self, line: bytes, number: int) -> None:
        try:
            row = _row(line)
        except ValueError:
            return  # the power went while it was written
        if not _is_ours(row):
            raise ValueError(
                f"expected rows of ours in {self.path}, and line {number} is none; "
                "choose another folder"
            )
        self._know(row)

    def _know(self, row: Row) -> None:
        self.rows[row["id"]] = row
        self._files |= dict.fromkeys(row["files"])

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
        """A row whose files are there; what is known of it is what a later run will read."""
        line = _line(row)
        with self.path.open("ab") as file:
            file.write(b"\n" * self._torn + line)
            file.flush()
            os.fsync(file.fileno())
        if not self._begun:  # the ledger itself may be new, and the folders of the files
            _settle(self.folder)
        self._torn, self._begun = False, True
        self._know(_row(line))

    def order(self, ids: Iterable[str]) -> None:
        """Rows in the order of a list, and no others."""
        self.rows = {id: self.rows[id] for id in ids if id in self.rows}
        put(self.path, b"".join(map(_line, self.rows.values())))
        _settle(self.folder)

    def strays(self) -> list[str]:
        """Files that were in a row, and are in none any more."""
        wanted = {name for row in self.rows.values() for name in row["files"]}
        return [
            name for name in self._files if name not in wanted and (self.folder / name).is_file()
        ]


def put(path: Path, data: bytes) -> None:
    """Write beside, wait for the disk, then rename; where that fails, nothing is left beside."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest(path: Path) -> str:
    """The SHA-256 of a file, or nothing if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row(line: bytes) -> Any:
    """What a line says; a name is in memory once, in however many rows it is."""
    return json.loads(
        line, object_pairs_hook=lambda pairs: {intern(name): value for name, value in pairs}
    )


def _is_ours(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("id"), str)
        and isinstance(row.get("files"), dict)
    )


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

"""What was made and is on the disk for certain: a row a line, and the files that each is about."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tts.error_messages import naming_write_errors
from tts.files import atomic_write

from .rows import HASH, Row, is_ours, is_whole, parse, seal, sealed_line


class Manifest:
    """The rows of a folder, by their ids. A row is written when its files lie safe on the disk.

    A row that a power cut left half-written, or that was altered since, is not believed, and its
    files are made again; the numbers of such lines are `damaged`. A file that has rows, and none
    of a ledger, is another program's and not ours to change.

    Args:
        folder: where the files are, and the ledger.
        name: of the ledger.
        kind: the fields that a row has beside its id and its files, where it tells of no error.

    Raises:
        ValueError: the ledger is no file, or another program's.
    """

    def __init__(self, folder: Path, name: str, kind: type = dict) -> None:
        self.folder, self.path = folder, folder / name
        self.rows: dict[str, Row] = {}
        self.damaged: list[int] = []
        self._files: dict[str, None] = {}
        self._begun = False
        check_file(self.path)
        written = self.path.read_bytes() if self.path.is_file() else b""
        self._torn = bool(written) and not written.endswith(b"\n")
        lines = enumerate(written.split(b"\n"), 1)
        self._read({number: parse(line) for number, line in lines if line.strip()}, kind)

    def _read(self, found: Mapping[int, Any], kind: type) -> None:
        """Rows without a hash are of an older version, which gave none to any."""
        objects = [row for row in found.values() if isinstance(row, dict)]
        if objects and not any(map(is_ours, objects)):
            raise ValueError(
                f"expected rows of ours in {self.path}, and there is none; choose another folder"
            )
        seals = {number: seal(row) for number, row in found.items()}
        self._unsealed = bool(found) and not any(seals.values())
        for number, row in found.items():
            believed = seals[number] or (self._unsealed and seals[number] is None)
            if believed and is_whole(row, kind):
                self._know({name: row[name] for name in row if name != HASH})
            else:
                self.damaged.append(number)

    def _know(self, row: Row) -> None:
        self.rows[row["id"]] = row
        self._files |= dict.fromkeys(row["files"])

    def is_complete(self, id: str, key: str) -> bool:
        """Whether it was made, so, and all its files are as they were."""
        row = self.rows.get(id, {})
        if row.get("key") != key or "error" in row or not row["files"]:
            return False
        return all(
            file_sha256(self.folder / name) == digest for name, digest in row["files"].items()
        )

    def commit(self, row: Row, files: Mapping[str, bytes]) -> None:
        """Files by their names in the folder, each whole or not there; and then the row."""
        folders = set()
        for name, data in files.items():
            path = self.folder / name
            with naming_write_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, data)
            folders.add(path.parent)
        for folder in folders:
            _settle(folder)
        entry = row | {"files": {name: sha256(data) for name, data in files.items()}}
        self.add(entry)

    def add(self, row: Row) -> None:
        """A row whose files are there; what is known of it is what a later run will read."""
        line = sealed_line(row)
        if self._unsealed:
            self._write(self.rows.values())
        with naming_write_errors(self.path), self.path.open("ab") as file:
            start = b"\n" * self._torn
            self._torn = True  # should it come to no more than a part of a line
            file.write(start + line)
            file.flush()
            os.fsync(file.fileno())
        if not self._begun:  # the ledger itself may be new, and the folders of the files
            _settle(self.folder)
        self._torn, self._begun = False, True
        entry = parse(line)
        del entry[HASH]
        self._know(entry)

    def order(self, ids: Iterable[str]) -> None:
        """Rows in the order of a list, and no others."""
        self.rows = {id: self.rows[id] for id in ids if id in self.rows}
        self._write(self.rows.values())
        _settle(self.folder)

    def _write(self, rows: Iterable[Row]) -> None:
        write_durably(self.path, b"".join(map(sealed_line, rows)))
        self._torn = self._unsealed = False

    def strays(self) -> list[str]:
        """Files that were in a row, and are in none any more."""
        wanted = {name for row in self.rows.values() for name in row["files"]}
        return [
            name for name in self._files if name not in wanted and (self.folder / name).is_file()
        ]


def check_file(path: Path) -> None:
    """Refuse a place for a file where a folder, a pipe or a device is."""
    if path.exists() and not path.is_file():
        kind = "folder" if path.is_dir() else "pipe or a device"
        raise ValueError(
            f"expected a file or nothing at {path}, not a {kind}; "
            "delete it or choose another folder"
        )


def check_folder(path: Path) -> None:
    """Refuse a place for a folder where a file is, or a link to nothing."""
    if path.is_dir() or not os.path.lexists(path):
        return
    kind = "something else" if path.exists() else "a link to nothing"
    raise ValueError(
        f"expected a folder or nothing at {path}, not {kind}; delete it or choose another folder"
    )


def write_durably(path: Path, data: bytes) -> None:
    """A file that is whole and on the disk, or not there."""
    with atomic_write(path, durable=True) as partial:
        partial.write_bytes(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, or nothing if there is none that can be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _settle(folder: Path) -> None:
    """A name is safe when its folder is; not every system lets one ask for it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

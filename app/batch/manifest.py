"""Manifests: what is finished and safely on disk, as JSON lines, each with hashes of its files."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tts.error_messages import naming_write_errors
from tts.files import atomic_write

from .rows import HASH, Row, is_ours, is_whole, parse, seal, sealed_line


class Manifest:
    """The rows of a folder by id. A row is written after its files are synced to disk.

    Rows that were cut short (by a power cut, say) or altered are ignored, and their files are made
    again; `damaged` lists the numbers of such lines. A file in which no row is from a manifest
    belongs to another program and is never changed.

    Args:
        folder: the folder of the files and of the manifest.
        name: file name of the manifest.
        kind: a TypedDict of the fields that a row without an error has, beside `id` and `files`.

    Raises:
        ValueError: the path is not a regular file, or the file belongs to another program.
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
        """Keep the valid rows. If no row at all has a hash, an older version wrote the file."""
        objects = [row for row in found.values() if isinstance(row, dict)]
        if objects and not any(map(is_ours, objects)):
            raise ValueError(f"{self.path} is not a manifest of tts batch; choose another folder")
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
        """Whether an item with this key is finished and the hashes of all its files match."""
        row = self.rows.get(id, {})
        if row.get("key") != key or "error" in row or not row["files"]:
            return False
        return all(
            file_sha256(self.folder / name) == digest for name, digest in row["files"].items()
        )

    def commit(self, row: Row, files: Mapping[str, bytes]) -> None:
        """Write files atomically, sync them to disk, then add their row.

        Args:
            row: the row, without `files`.
            files: contents by path within the folder.
        """
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
        """Append a row whose files exist, and sync it to disk."""
        line = sealed_line(row)
        if self._unsealed:
            self._write(self.rows.values())
        with naming_write_errors(self.path), self.path.open("ab") as file:
            start = b"\n" * self._torn
            self._torn = True  # in case only a part of the line gets written
            file.write(start + line)
            file.flush()
            os.fsync(file.fileno())
        if not self._begun:  # the manifest and the folders of the files may be new
            _settle(self.folder)
        self._torn, self._begun = False, True
        entry = parse(line)
        del entry[HASH]
        self._know(entry)

    def order(self, ids: Iterable[str]) -> None:
        """Rewrite the manifest with the rows of these ids only, in this order."""
        self.rows = {id: self.rows[id] for id in ids if id in self.rows}
        self._write(self.rows.values())
        _settle(self.folder)

    def _write(self, rows: Iterable[Row]) -> None:
        write_durably(self.path, b"".join(map(sealed_line, rows)))
        self._torn = self._unsealed = False

    def strays(self) -> list[str]:
        """Existing files that belonged to a row, and belong to no row any more."""
        wanted = {name for row in self.rows.values() for name in row["files"]}
        return [
            name for name in self._files if name not in wanted and (self.folder / name).is_file()
        ]


def check_file(path: Path) -> None:
    """Check that a path is free or holds a regular file."""
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ValueError(f"cannot write {path}: it is {kind}; delete it or choose another folder")


def check_folder(path: Path) -> None:
    """Check that a path is free or holds a folder."""
    if path.is_dir() or not os.path.lexists(path):
        return
    kind = "not a folder" if path.exists() else "a broken link"
    raise ValueError(f"cannot write to {path}: it is {kind}; delete it or choose another folder")


def write_durably(path: Path, data: bytes) -> None:
    """Write a file atomically and sync it to disk."""
    with atomic_write(path, durable=True) as partial:
        partial.write_bytes(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, or an empty string if it cannot be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _settle(folder: Path) -> None:
    """Sync a folder, so that the names of new files in it survive a power cut; POSIX only."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""Atomic writing: a file is written beside its place and then renamed."""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from tts.error_messages import naming_read_errors, naming_write_errors

if sys.platform != "win32":
    import fcntl

PARTIAL_NAME = re.compile(r"\.tts-[0-9a-f]{32}\.partial")
STALE_SECONDS = 60.0  # chosen by hand; locks protect partial files that are in use


@contextmanager
def atomic_write(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Write a file beside its place, and rename it when the context ends without an error.

    If `path` is a symbolic link, the file it points to is replaced, and the link stays. Every
    writer has its own partial file, which is deleted after an error.

    Args:
        path: the path of the finished file.
        durable: wait until the content is on the disk before the file is renamed.

    Yields:
        The path to write to, an empty file in the same folder.

    Raises:
        OSError: the file cannot be written; the message names `path`.
    """
    target = Path(os.path.realpath(path))
    check_regular_file(path)
    _sweep_once(target.parent)
    partial = target.with_name(f".tts-{uuid4().hex}.partial")
    try:
        with naming_write_errors(path, partial), partial.open("xb") as file:
            _lock(file.fileno())
            yield partial
            if durable:
                os.fsync(file.fileno())
            if sys.platform == "win32":
                file.close()  # it does not rename what is open
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def write_text_file(path: Path, text: str) -> None:
    """Write a text as UTF-8, whole or not at all."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json_file(path: Path, value: Any) -> None:
    """Write a value as JSON, a line for each field, whole or not at all."""
    write_text_file(path, json.dumps(value, indent=1, ensure_ascii=False))


def check_readable(path: Path) -> None:
    """Check that a file, if there is one, can be opened.

    Raises:
        OSError: it cannot, as without permission; the message names it.
    """
    if path.is_file():
        with naming_read_errors(path):
            path.open("rb").close()


def check_folder(path: Path) -> None:
    """Check that a folder exists.

    Raises:
        FileNotFoundError: it does not.
    """
    if not path.is_dir():
        raise FileNotFoundError(f"no such folder: {path}")


def check_regular_file(path: Path) -> None:
    """Check that a path is a regular file or does not exist, so that a file can replace it.

    Args:
        path: where a file is to be written.

    Raises:
        IsADirectoryError: it is a folder.
        ValueError: it is a device or a pipe.
        OSError: no file can have this path, as when its name is too long.
    """
    with naming_write_errors(path, path):
        path.exists()
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")
    if path.exists() and not path.is_file():
        raise ValueError(f"cannot write {path}: it is a device or a pipe")


def check_not_read(path: Path, *sources: Path | str | None) -> None:
    """Check that a file that is to be written is none of those that are read.

    Args:
        path: where a file is to be written.
        sources: paths that are read; others than those of files are passed over.

    Raises:
        ValueError: it is one of them.
    """
    for source in sources:
        with suppress(OSError, ValueError):  # as of a text that is too long for a path
            if source and path.samefile(source):
                break
    else:
        return
    raise ValueError(f"cannot write {path}: it is read, too; choose another path")


def delete_stale_partials(folder: Path, age: float = STALE_SECONDS) -> None:
    """Delete partial files whose writers were killed.

    A file that is being written is locked, also for other machines. On a system or disk without
    locks nothing is deleted.

    Args:
        folder: where to look.
        age: seconds since the last change after which a file may be deleted.
    """
    left: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        left = [entry.path for entry in entries if PARTIAL_NAME.fullmatch(entry.name)]
    for path in map(Path, left):
        with suppress(OSError), path.open("rb+") as file:
            old = time.time() - os.fstat(file.fileno()).st_mtime >= age
            if old and _lock(file.fileno()):
                path.unlink()


@lru_cache(maxsize=256)  # listing a folder of many files takes long
def _sweep_once(folder: Path) -> None:
    delete_stale_partials(folder)


def _lock(handle: int) -> bool:
    """Lock a file for this process, and return whether that worked."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

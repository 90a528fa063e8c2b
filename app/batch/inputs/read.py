"""The door for whatever is to be said: lists, subtitles and books, each by its ending."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tts.error_messages import os_error_reason

from ..item import BatchInput
from . import book, dubbing, table
from .builder import BatchInputBuilder, InputOptions

__all__ = ["InputOptions", "read_input"]

KINDS: Mapping[str, Callable[[bytes, BatchInputBuilder], None]] = {
    ".txt": table.read_text_list,
    ".csv": table.read_csv,
    ".jsonl": table.read_jsonl,
    ".srt": dubbing.read_srt,
    ".epub": book.read_epub,
}


def read_input(path: Path, reader: InputOptions) -> BatchInput:
    """All that a file holds; a line that cannot be said is told of and does not stop the rest."""
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise ValueError(
            "expected a list in .txt, .csv or .jsonl, subtitles in .srt or a book in .epub, "
            f"not {path.name!r}"
        )
    gathering = BatchInputBuilder(reader, path.stem)
    gather = book.read_text_book if reader.book and ending == ".txt" else KINDS[ending]
    gather(_data(path), gathering)
    return _filled(gathering.listing(), path)


def _data(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(f"expected a file at {path}, found none; check the path")
    if not path.is_file():  # to read a pipe or a device could take for ever
        kind = "folder" if path.is_dir() else "pipe or a device"
        raise ValueError(f"expected a file at {path}, not a {kind}; name a file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(
            f"expected to read {path}, but {os_error_reason(error)}; choose another"
        ) from error


def _filled(listing: BatchInput, path: Path) -> BatchInput:
    if not listing.items:
        first = next((f"; in line {one.line}: {one.message}" for one in listing.errors), "")
        raise ValueError(f"expected something to say in {path.name}, found nothing{first}")
    return listing

"""Read the input of a batch; its format is known by the suffix of the file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tts.error_messages import os_error_reason
from tts.text.files.chapter_selection import READ_BY_DEFAULT
from tts.text.files.read_book import BOOK_SUFFIXES

from ..item import BatchInput, LeftOut
from . import book, dubbing, table
from .builder import DEFAULT_BOOK_OPTIONS, BatchInputBuilder, InputOptions

__all__ = ["BOOKS", "ENDINGS", "InputOptions", "is_book", "read_input"]

LISTS: Mapping[str, Callable[[bytes, BatchInputBuilder], None]] = {
    ".txt": table.read_text_list,
    ".csv": table.read_csv,
    ".tsv": table.read_tsv,
    ".jsonl": table.read_jsonl,
    ".srt": dubbing.read_srt,
    ".vtt": dubbing.read_webvtt,
}
BOOKS = tuple(suffix for suffix in BOOK_SUFFIXES if suffix != ".txt")
ENDINGS = (*LISTS, *BOOKS)
TABLES = (".csv", ".tsv", ".jsonl")


def read_input(path: Path, reader: InputOptions) -> BatchInput:
    """Read a list, subtitles or a book.

    Args:
        path: a list or table (.txt, .csv, .tsv, .jsonl), subtitles (.srt, .vtt) or a book
            (`BOOKS`).
        reader: how it becomes items.

    Returns:
        Its items, and an error for every line that gives none.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read, has another suffix, or gives no item at all.
    """
    _check_file(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"file name must end in one of {', '.join(ENDINGS)}; got {path.name!r}")
    if reader.book and ending not in (".txt", *BOOKS):
        raise ValueError(f"--book needs a .txt list, got {path.name!r}")
    if (reader.text_column, reader.id_column) != ("text", "id") and ending not in TABLES:
        raise ValueError(
            f"--text-column and --id-column need a list in {', '.join(TABLES)}; got {path.name!r}"
        )
    gathering = BatchInputBuilder(reader, path.stem, path.name, path.parent)
    if is_book(path, reader):
        book.read_book_input(path, gathering)
    else:
        _check_no_book(path, reader)
        LISTS[ending](_data(path), gathering)
    return not_empty(gathering.listing())


def is_book(path: Path, reader: InputOptions) -> bool:
    """Whether a file is read as a book: by its ending, or a .txt with the option."""
    return reader.book or path.suffix.lower() in BOOKS


def check_book(path: Path, reader: InputOptions) -> None:
    """Check that a file is there, and is read as a book."""
    if not is_book(path, reader):
        raise ValueError(f"--list needs a book, got {path.name!r}; add --book for a .txt")
    _check_file(path)


def _check_no_book(path: Path, reader: InputOptions) -> None:
    """Check that a list is read without the options of books."""
    if (reader.selection, reader.book_options) != (READ_BY_DEFAULT, DEFAULT_BOOK_OPTIONS):
        raise ValueError(
            "--chapters, --front-matter, --notes and --alt need a book, "
            f"got {path.name!r}; add --book for a .txt"
        )


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {os_error_reason(error)}") from error


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f"no such file: {path}")
    if not path.is_file():  # reading a pipe or a device may never end
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ValueError(f"cannot read {path}: it is {kind}")


def not_empty(listing: BatchInput) -> BatchInput:
    """An input with items; without any, a ValueError that says why."""
    if listing.items:
        return listing
    for first in listing.errors[:1]:
        place = listing.place(first.line, first.chapter, first.text)
        raise ValueError(f"{place}: {first.message}")
    if listing.left_out:
        raise ValueError(
            f"{listing.file} has no text to speak but {_named(listing.left_out)}; "
            "choose parts with --chapters, or read all with --front-matter"
        )
    raise ValueError(f"{listing.file} has no text to speak")


def _named(left_out: Sequence[LeftOut]) -> str:
    """The kinds of parts that are left out."""
    return ", ".join(dict.fromkeys(part.why for part in left_out))

"""Read the input of a batch; its format is known by the suffix of the file."""

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
    ".tsv": table.read_tsv,
    ".jsonl": table.read_jsonl,
    ".srt": dubbing.read_srt,
    ".epub": book.read_epub,
}
TABLES = (".csv", ".tsv", ".jsonl")


def read_input(path: Path, reader: InputOptions) -> BatchInput:
    """Read a list, subtitles or a book.

    Args:
        path: a .txt, .csv, .tsv, .jsonl, .srt or .epub file; text is in an encoding that
            `tts.text.files.plain.decode_text` knows.
        reader: how it becomes items.

    Returns:
        Its items, and an error for every line that gives none.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it cannot be read, has another suffix, or gives no item at all.
    """
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise ValueError(f"file name must end in one of {', '.join(KINDS)}; got {path.name!r}")
    if reader.book and ending != ".txt":
        raise ValueError(f"--book needs a .txt list, got {path.name!r}")
    if (reader.text_column, reader.id_column) != ("text", "id") and ending not in TABLES:
        raise ValueError(
            f"--text-column and --id-column need a list in {', '.join(TABLES)}; got {path.name!r}"
        )
    gathering = BatchInputBuilder(reader, path.stem, path.name, path.parent)
    gather = book.read_text_book if reader.book else KINDS[ending]
    gather(_data(path), gathering)
    return _filled(gathering.listing())


def _data(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(f"no such file: {path}")
    if not path.is_file():  # reading a pipe or a device may never end
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ValueError(f"cannot read {path}: it is {kind}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {os_error_reason(error)}") from error


def _filled(listing: BatchInput) -> BatchInput:
    if listing.items:
        return listing
    for first in listing.errors[:1]:
        raise ValueError(f"{listing.place(first.line)}: {first.message}")
    raise ValueError(f"{listing.file} has no text to speak")

"""Books: chapters of passages, whose ids depend on their text and not on their place."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tts.error_messages import os_error_reason
from tts.text.files.book import Book
from tts.text.files.markdown import TextBlock, split_blocks
from tts.text.files.passages import split_passages
from tts.text.files.read_book import read_book

from ..audio.cover import usable_cover
from ..item import LeftOut, fingerprint
from .builder import BatchInputBuilder, InputEntry, InputOptions
from .chapters import NOT_CHOSEN, BookPart, select_parts


def read_book_input(path: Path, gathering: BatchInputBuilder) -> None:
    """Read a book of any kind.

    Raises:
        ValueError: it cannot be read, or a chapter that is asked for is not there.
    """
    add_book(open_book(path, gathering.reader), gathering)


def open_book(path: Path, reader: InputOptions) -> Book:
    """Read a book as a whole; errors are a ValueError."""
    try:
        return read_book(path, reader.book_options)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {os_error_reason(error)}") from error


def add_book(book: Book, gathering: BatchInputBuilder) -> None:
    """Add the chapters of a book that are read, its metadata, and what is left out."""
    for note in book.notes:
        gathering.note(note)
    parts = select_parts(book, gathering.reader.selection)
    gathering.describe_book(_details(book, gathering), _left_out(parts), _track_count(parts))
    ids, line = _PassageIds(), 1
    for part in parts:
        if not part.why:
            gathering.begin(part.title, part.number, part.track)
            line += _add(split_blocks(part.text), gathering, ids, line)


def _details(book: Book, gathering: BatchInputBuilder) -> dict[str, object]:
    """The metadata of a book as fields of `BatchInput`."""
    cover = usable_cover(book.cover) if book.cover else None
    if book.cover and not cover:
        gathering.note(f"the cover cannot be read as a picture ({book.cover.media_type})")
    return {
        "title": book.title or gathering.title,
        "author": book.author,
        "language": book.language,
        "date": book.date,
        "cover": cover,
    }


def _left_out(parts: Iterable[BookPart]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(part.number, part.title, part.why) for part in parts if part.why)


def _track_count(parts: Iterable[BookPart]) -> int:
    """How many files the whole book has: all parts but front matter that is not asked for."""
    return sum(not part.why or part.why == NOT_CHOSEN for part in parts)


class _PassageIds:
    """Ids of passages: a hash of the text and of how often the same text came before."""

    def __init__(self) -> None:
        self._said = Counter[str]()

    def __call__(self, text: str) -> str:
        self._said[text] += 1
        return f"p{fingerprint([text, self._said[text]])[:16]}"


def _add(
    blocks: Iterable[TextBlock], gathering: BatchInputBuilder, ids: _PassageIds, first: int
) -> int:
    """Add the passages of a chapter, numbered from `first`; return their count."""
    delivery = gathering.reader.delivery
    passages = split_passages(blocks, delivery.reading)
    for number, passage in enumerate(passages, first):
        pause = delivery.pause_seconds(passage.pause)
        id, text = ids(passage.text), passage.text
        gathering.add(InputEntry(line=number, id=id, text=text, pause=pause))
    return len(passages)

"""The parts of a book, with those marked that a batch reads."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tts.text.files.book import Book
from tts.text.files.chapter_selection import ChapterSelection

from ..file_names import fold_file_name

NOT_CHOSEN = "not chosen"
NO_TEXT = "no text; --alt reads its pictures"


@dataclass(frozen=True, slots=True)
class BookPart:
    """A part of a book: its number among all parts, its title, and how it is read.

    Args:
        number: from 1, as `--list` shows it.
        title: its title; no two parts of a book have the same.
        text: its text.
        track: the number of its file, from 1; 0 if it is not read.
        why: the reason why it is not read, such as `index`; empty if it is.
    """

    number: int
    title: str
    text: str
    track: int
    why: str


def select_parts(book: Book, selection: ChapterSelection) -> list[BookPart]:
    """All parts of a book, with those marked that are read.

    A file has the same number in a run of some chapters as in one of the whole book.

    Raises:
        ValueError: a number is beyond the last part.
    """
    selection.check(len(book.chapters))
    parts: list[BookPart] = []
    track = 0
    titles = _distinct([chapter.title for chapter in book.chapters])
    for number, (chapter, title) in enumerate(zip(book.chapters, titles, strict=True), 1):
        wanted = selection.has(number, chapter)
        chosen = wanted and bool(chapter.text)
        track += chosen or not chapter.matter
        unread = NO_TEXT if wanted else chapter.matter or NOT_CHOSEN
        why = "" if chosen else unread
        parts.append(BookPart(number, title, chapter.text, track if chosen else 0, why))
    return parts


def _distinct(titles: list[str]) -> Iterator[str]:
    """Titles that also differ as file names: the second of a name gets a number."""
    used = Counter(fold_file_name(title) for title in titles)
    seen = Counter[str]()
    for title in titles:
        name = fold_file_name(title)
        seen[name] += 1
        if not title or seen[name] == 1:
            yield title
            continue
        number = seen[name]
        while used[fold_file_name(f"{title} ({number})")]:
            number += 1
        used[fold_file_name(f"{title} ({number})")] += 1
        yield f"{title} ({number})"

"""Which chapters of a book are read: all but front and back matter, or those asked for."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tts.error_messages import quoted
from tts.text.files.book import Book, Chapter

from ..file_names import fold_file_name

RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
NOT_CHOSEN = "not chosen"
NO_TEXT = "no text; --alt reads its pictures"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChapterSelection:
    """Which parts of a book are read.

    Args:
        chapters: first and last numbers of ranges of parts, as `--list` numbers them; empty for
            all parts that are read by default.
        front_matter: read the parts that are left out by default, too: title page, contents,
            index and the like (`tts.text.files.book.MATTERS`).

    Raises:
        ValueError: both are given.
    """

    chapters: tuple[tuple[int, int], ...] = ()
    front_matter: bool = False

    def __post_init__(self) -> None:
        if self.chapters and self.front_matter:
            raise ValueError(
                "--chapters and --front-matter exclude each other; add the numbers of the parts"
            )

    @classmethod
    def parse(cls, chapters: str | None, front_matter: bool = False) -> "ChapterSelection":
        """A selection from the options of the command.

        Args:
            chapters: such as `3-9,12`; None for the default.
            front_matter: as in the class.

        Raises:
            ValueError: the numbers are no numbers, or a range ends before it begins.

        Example:
            >>> ChapterSelection.parse("3-9, 12").chapters
            ((3, 9), (12, 12))
        """
        if chapters is None:
            return cls(front_matter=front_matter)
        found = [RANGE.fullmatch(part.strip()) for part in chapters.split(",")]
        ranges = [(int(one[1]), int(one[2] or one[1])) for one in found if one]
        if len(ranges) < len(found) or any(not 0 < low <= high for low, high in ranges):
            raise ValueError(f"chapters must be numbers such as 3-9,12; got {quoted(chapters)}")
        return cls(chapters=tuple(ranges), front_matter=front_matter)

    def has(self, number: int, chapter: Chapter) -> bool:
        """Whether the part of this number is read."""
        if self.chapters:
            return any(low <= number <= high for low, high in self.chapters)
        return self.front_matter or not chapter.matter

    def check(self, count: int) -> None:
        """Check that a book of so many parts has all of them (ValueError)."""
        for low, high in self.chapters:
            if high > count:
                wrong = low if low > count else high
                raise ValueError(
                    f"chapters must be from 1 to {count}, got {wrong}; --list shows them"
                )


READ_BY_DEFAULT = ChapterSelection()
EVERY_PART = ChapterSelection(front_matter=True)


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

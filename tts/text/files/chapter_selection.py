"""Which chapters of a book are read: all but front and back matter, or those asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tts.error_messages import quoted
from tts.text.files.book import Chapter

RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


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

    def select(self, chapters: Sequence[Chapter]) -> list[Chapter]:
        """The chapters of a book that are read and have a text.

        Raises:
            ValueError: a number is beyond the last chapter.
        """
        self.check(len(chapters))
        return [one for number, one in enumerate(chapters, 1) if one.text and self.has(number, one)]

    def check(self, count: int) -> None:
        """Check that a book of so many parts has all of them (ValueError)."""
        for low, high in self.chapters:
            if high > count:
                wrong = low if low > count else high
                raise ValueError(
                    f"chapters must be from 1 to {count}, got {wrong}; "
                    "`tts batch FILE --list` shows them"
                )


READ_BY_DEFAULT = ChapterSelection()
EVERY_PART = ChapterSelection(front_matter=True)

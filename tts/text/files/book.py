"""A book as it is read from a file: its chapters, its metadata and its cover."""

from dataclasses import dataclass
from typing import Literal

# Parts of a book that are not read by default, by what `Chapter.matter` says of them.
MATTERS = (
    "cover",
    "title page",
    "copyright page",
    "table of contents",
    "list of illustrations",
    "index",
    "glossary",
    "bibliography",
    "notes",
    "advertisement",
    "picture",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BookOptions:
    """What of a book is read.

    Args:
        notes: `silent` leaves footnotes and endnotes out; `inline` reads each at its reference.
        alt: whether the alternative texts of pictures are read.
    """

    notes: Literal["silent", "inline"] = "silent"
    alt: bool = False


DEFAULT_BOOK_OPTIONS = BookOptions()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a book.

    Args:
        title: its title in the table of contents, or else its first heading, the name of
            its page or of its kind, or its number among the parts.
        text: its text, with a blank line between blocks; empty for a part that has only
            pictures whose alternative texts are not read.
        matter: one of `MATTERS` for a part that is not read by default; empty for others.
    """

    title: str
    text: str
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """The picture of a cover: the bytes of its file, and its media type, such as `image/jpeg`."""

    data: bytes
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """A book.

    Args:
        chapters: its chapters in reading order, with those that are not read by default.
        title: its title; empty if unknown, as are the other texts.
        author: its authors, separated by commas.
        language: its language, such as `en-US`.
        date: the date of its publication, as the file gives it.
        cover: its cover; None if it has none.
        notes: sentences for the user on how the file was read.
    """

    chapters: tuple[Chapter, ...]
    title: str = ""
    author: str = ""
    language: str = ""
    date: str = ""
    cover: Cover | None = None
    notes: tuple[str, ...] = ()

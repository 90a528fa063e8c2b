"""Names of parts of a book that have neither an entry in the contents nor a heading."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from tts.text.files.epub.notes import BookPage

# EPUB types, ARIA roles without `doc-`, and types of a guide, of parts that are read.
NAMED_TYPES = (
    "abstract",
    "acknowledgements",
    "acknowledgments",
    "afterword",
    "appendix",
    "conclusion",
    "dedication",
    "epigraph",
    "epilogue",
    "foreword",
    "introduction",
    "preamble",
    "preface",
    "prologue",
)
BETWEEN = re.compile(r"\s+[-\u2013\u2014|:\u00b7]\s+|:\s+")
FILE_NAME = re.compile(r"[\w.-]*[\d_][\w.-]*|[\w-]+\.x?html?|untitled|unknown|no title", re.I)
MAX_NAME_CHARACTERS = 100


def name_pages(pages: Iterable[BookPage], title: str, author: str) -> dict[str, str]:
    """The names of pages by their `title` elements, without those that do not tell them apart.

    Args:
        pages: the pages.
        title: the title of the book, which is no name of a page.
        author: its authors, separated by commas.
    """
    known = {one.casefold() for one in (title, author, *author.split(", "))}
    names = {page.place: _without(page.title, known) for page in pages}
    used = Counter(name.casefold() for name in names.values())
    return {
        place: name
        for place, name in names.items()
        if used[name.casefold()] == 1 and _is_name(name, place)
    }


def name_of_types(names: str) -> str:
    """The name of EPUB types or ARIA roles, by spaces; empty for others, such as `chapter`.

    Example:
        >>> name_of_types("frontmatter dedication")
        'Dedication'
    """
    return next((one.capitalize() for one in names.split() if one in NAMED_TYPES), "")


def _without(title: str, known: set[str]) -> str:
    """A title without the title of the book or its authors before or after it."""
    line = " ".join(title[: 4 * MAX_NAME_CHARACTERS].split())
    if line.casefold() in known:
        return ""
    parts = BETWEEN.split(line)
    own = [one for one in parts if one.casefold() not in known]
    return line if len(own) == len(parts) else " ".join(own)


def _is_name(name: str, place: str) -> bool:
    path = PurePosixPath(place)
    is_file = FILE_NAME.fullmatch(name) or name.casefold() in (
        path.name.casefold(),
        path.stem.casefold(),
    )
    return len(name) <= MAX_NAME_CHARACTERS and any(map(str.isalpha, name)) and not is_file

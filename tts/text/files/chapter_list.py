"""The chapters of a book from the sections of a text: what is not read, and titles that differ."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tts.text.files.book import Chapter
from tts.text.files.matter import matter_of_title

PART = re.compile(r"(?:part|book|volume|act|canto|section)\b", re.IGNORECASE)
AUTHOR_LINE = re.compile(r"(?:written )?by:?\s+(?P<author>[^\W\d_].{1,80})", re.IGNORECASE)
MAX_TITLE_PAGE_CHARACTERS = 300  # of a title with its subtitle and authors; chosen by hand


def list_chapters(sections: Iterable[tuple[str, str]], title: str) -> tuple[Chapter, ...]:
    """The chapters of a book from its sections.

    Args:
        sections: the title and the text of each, whose first line is its heading if it has a
            title.
        title: the title of the book, for a section without one.

    Returns:
        The sections that have words. A list of headings before the chapters is the table of
        contents, and the book's title before them is the title page. No two have one title: where
        two do, the part of the book is named, or else a number.
    """
    found = [Chapter(name, text) for name, text in sections if any(map(str.isalnum, text))]
    listed = [one for one in _join_contents(found) if not _is_emptied(one)]
    chapters = [Chapter(one.title or title, one.text, _matter(one)) for one in listed]
    first = next((index for index, one in enumerate(chapters) if not one.matter), 0)
    if chapters[first + 1 :] and _is_title_page(chapters[first].text, title):
        chapters[first] = replace(chapters[first], matter="title page")
    if all(chapter.matter for chapter in chapters):
        chapters = [replace(chapter, matter="") for chapter in chapters]
    return tuple(_tell_apart(chapters))


def _join_contents(chapters: list[Chapter]) -> Iterator[Chapter]:
    """The chapters; headings that come again with a text are one table of contents."""
    last = {_folded(chapter.title): index for index, chapter in enumerate(chapters)}
    held: list[Chapter] = []
    for index, chapter in enumerate(chapters):
        bare = _is_bare(chapter) and chapter.title
        if bare and last[_folded(chapter.title)] > index:
            held.append(chapter)
            continue
        yield from _contents(held)
        held = []
        yield chapter
    yield from _contents(held)


def _contents(held: list[Chapter]) -> list[Chapter]:
    if len(held) < 2:
        return held
    text = "\n\n".join(chapter.text for chapter in held)
    return [Chapter("Contents", text, "table of contents")]


def _matter(chapter: Chapter) -> str:
    return chapter.matter or matter_of_title(chapter.title)


def _is_title_page(text: str, title: str) -> bool:
    """Whether a text is nothing but the title of the book, with a subtitle or the authors."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    short = len(text) <= MAX_TITLE_PAGE_CHARACTERS and len(lines) <= 6
    sentences = any(line.endswith((".", "!", "?", '"', "”")) for line in lines[1:])
    return short and _folded(title) in _folded(" ".join(lines)) and not sentences


def _tell_apart(chapters: list[Chapter]) -> Iterator[Chapter]:
    """The chapters with titles that differ, also on systems that ignore case."""
    counts = Counter(_folded(chapter.title) for chapter in chapters)
    used = Counter[str]()
    part = ""
    for chapter in chapters:
        title = chapter.title
        if _is_part(chapter):
            part = title
        elif part and counts[_folded(title)] > 1 and not chapter.matter:
            title = f"{part}, {title}"
        wanted = title
        while used[_folded(wanted)]:
            used[_folded(title)] += 1
            wanted = f"{title} ({used[_folded(title)]})"
        used[_folded(wanted)] += 1
        yield replace(chapter, title=wanted)


def _is_part(chapter: Chapter) -> bool:
    return _is_bare(chapter) and PART.match(chapter.title) is not None


def _is_bare(chapter: Chapter) -> bool:
    """Whether a chapter is its heading alone."""
    return _folded(chapter.text) == _folded(chapter.title)


def _is_emptied(chapter: Chapter) -> bool:
    """Whether a chapter is a heading such as `Notes`, whose text was read elsewhere or is not."""
    return _is_bare(chapter) and matter_of_title(chapter.title) not in ("", "title page", "cover")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())

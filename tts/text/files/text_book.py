"""The reader of plain text as a book: its title, its author and its chapters."""

import re
from collections.abc import Iterator
from itertools import takewhile

from tts.text.files.book import Book
from tts.text.files.chapter_list import AUTHOR_LINE, list_chapters
from tts.text.files.markdown import TextBlock, split_blocks, split_chapters
from tts.text.files.matter import matter_of_title

MAX_TITLE_CHARACTERS = 100  # of a first line that is the title; chosen by hand
SENTENCE_END = re.compile(r"[.,;:\u2026\"\u201d\u2019']$")
# Project Gutenberg's texts say where the book begins and ends, and what it is.
GUTENBERG_MARK = re.compile(
    r"^\*{3} ?(START|END) OF TH(?:E|IS) PROJECT GUTENBERG EBOOK.*$", re.MULTILINE | re.IGNORECASE
)
GUTENBERG_FIELD = re.compile(r"^(Title|Author|Language|Release date): (.+)$", re.MULTILINE)
LANGUAGES = {"english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it"}


def read_text_book(text: str, name: str) -> Book:
    """Read a plain text as a book.

    Args:
        text: the text. Chapters begin at lines such as `Chapter 7`, and at Markdown headings.
        name: the title of a book whose first line is not one.

    Returns:
        The book. Its title is its first line, if that is short and not a sentence or the heading
        of a chapter; a line such as `by Jane Austen` below it names the author.

    Example:
        >>> book = read_text_book("A Tale\\n\\nby Ann Lee\\n\\nChapter 1\\n\\nIt was late.", "tale")
        >>> book.title, book.author, [chapter.title for chapter in book.chapters]
        ('A Tale', 'Ann Lee', ['A Tale', 'Chapter 1'])
    """
    before, text, after = _without_licence(text)
    fields = {key.lower(): value.strip() for key, value in GUTENBERG_FIELD.findall(before)}
    title, author = _title_page(text)
    title = fields.get("title") or title or name
    sections = [*_licence(before), *split_sections(text), *_licence(after)]
    language = fields.get("language", "")
    return Book(
        chapters=list_chapters(sections, title),
        title=title,
        author=fields.get("author") or author,
        language=LANGUAGES.get(language.lower(), language),
        date=fields.get("release date", "").partition("[")[0].strip(),
    )


def split_sections(text: str) -> Iterator[tuple[str, str]]:
    """The titles and the texts of the chapters of a text, and of its table of contents."""
    for chapter in split_chapters(text):
        title, blocks = chapter.title, list[TextBlock]()
        for block in chapter.blocks:
            line = " ".join(block.text.split())
            if block.level != 1 and matter_of_title(line) == "table of contents":
                yield title, _joined(blocks)
                title, blocks = line, []
            blocks.append(block)
        yield title, _joined(blocks)


def _joined(blocks: list[TextBlock]) -> str:
    return "\n\n".join(block.text for block in blocks)


def _title_page(text: str) -> tuple[str, str]:
    """The title of a text and its author, of its first blocks; empty where it names none."""
    blocks = list(zip(range(3), split_blocks(text), strict=False))
    if not blocks or (blocks[0][1].level == 1 and not text.lstrip().startswith("#")):
        return "", ""
    lines = [line for _, block in blocks for line in block.text.split("\n")]
    title = lines[0].strip()
    own = blocks[0][1].text.split("\n")
    author = next(filter(None, map(AUTHOR_LINE.fullmatch, lines[1:4])), None)
    alone = len(own) == 1 or (author is not None and author[0] in own)
    if not alone or len(title) > MAX_TITLE_CHARACTERS or SENTENCE_END.search(title):
        return "", ""
    return title if any(map(str.isalnum, title)) else "", author["author"] if author else ""


def _without_licence(text: str) -> tuple[str, str, str]:
    """What stands before a Gutenberg book, the book, and what stands after it."""
    marks = list(GUTENBERG_MARK.finditer(text))
    starts = [mark for mark in marks if mark[1].upper() == "START"]
    ends = list(takewhile(lambda mark: mark[1].upper() == "END", reversed(marks)))
    start = starts[0].end() if starts else 0
    stop = ends[-1].start() if ends else len(text)
    return (
        text[: starts[0].start()] if starts else "",
        text[start:stop],
        text[ends[-1].end() :] if ends else "",
    )


def _licence(text: str) -> list[tuple[str, str]]:
    return [("License", text.strip())] if text.strip() else []

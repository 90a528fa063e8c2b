"""The reader of .rtf files as books, by striprtf."""

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from tts.text.files.book import Book, BookOptions
from tts.text.files.chapter_list import list_chapters
from tts.text.files.text_book import read_text_book

# striprtf keeps neither the ranks of headings nor paragraphs apart from lines, and writes the
# address of a link after it. These control words become characters that it leaves alone.
CELL, HEADING, NOTE, NOTE_END = "\ue001", "\ue002", "\ue003", "\ue004"
LINK = re.compile(r"(\\fldinst[^\\{}]*[{ ]*)HYPERLINK\b")
PARAGRAPH = re.compile(r"\\par(?![a-z])")
CELL_WORD = re.compile(r"\\(?:nest)?cell(?![a-z]) ?")
OUTLINE = re.compile(r"\\outlinelevel([01])(?![0-9]) ?")
FOOTNOTE = re.compile(r"\{\\(?:\*\\)?footnote(?:\\ftnalt)?(?![a-z]) ?")
NOTE_NUMBER = re.compile(r"\\chftn(?![a-z]) ?")
BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
FIELD = {
    "title": re.compile(r"\{\\title ([^{}]*)\}"),
    "author": re.compile(r"\{\\author ([^{}]*)\}"),
}
NOTE_START = re.compile(rf"{NOTE}\s*")
BLANK = re.compile(r"\n[ \t]*\n\s*")


def read_rtf(data: bytes, name: str, options: BookOptions) -> Book:
    """Read an .rtf file as a book.

    Args:
        data: the bytes of the file.
        name: the title of a book that names none.
        options: what of it is read.

    Returns:
        The book. A chapter begins at a paragraph with an outline level of a heading of the first
        or second rank, or else at a line such as `Chapter 7`.

    Raises:
        ValueError: it is not an .rtf file, or is damaged.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ValueError("not an .rtf file; save it again as .rtf")
    source = data.decode("latin-1")  # RTF is ASCII; striprtf decodes what is escaped
    fields = {key: _plain(found[1]) for key, found in _fields(source)}
    text = NOTE_START.sub(" (", _plain(_marked(source, options))).replace(NOTE_END, ")")
    lines = [_line(line) for line in text.split("\n")]
    text = BLANK.sub("\n\n", "\n".join(lines)).strip()
    if HEADING not in text:
        book = read_text_book(text, fields.get("title") or name)
        title, author = fields.get("title") or book.title, fields.get("author") or book.author
        return Book(chapters=book.chapters, title=title, author=author)
    title = fields.get("title") or name
    chapters = list_chapters(_sections(text), title)
    return Book(chapters=chapters, title=title, author=fields.get("author", ""))


def _fields(source: str) -> Iterator[tuple[str, re.Match[str]]]:
    for key, pattern in FIELD.items():
        if found := pattern.search(source):
            yield key, found


def _plain(source: str) -> str:
    whole = source if source.lstrip().startswith("{\\rtf") else f"{{\\rtf1\\ansi {source}}}"
    try:
        return str(rtf_to_text(whole)).strip()  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, IndexError, TypeError, OverflowError) as error:
        raise ValueError(f"damaged: {error}; save it again as .rtf") from error


def _marked(source: str, options: BookOptions) -> str:
    """The source with marks that `_line` and `_sections` read."""
    source = LINK.sub(r"\1", source)
    source = _without_notes(source) if options.notes == "silent" else _with_notes(source)
    source = PARAGRAPH.sub(r"\\par\\par ", source)
    source = CELL_WORD.sub(lambda _: _escaped(CELL), source)
    return OUTLINE.sub(lambda _: _escaped(HEADING), source)


def _escaped(mark: str) -> str:
    return rf"\u{ord(mark) - 0x10000}? "


def _without_notes(source: str) -> str:
    return NOTE_NUMBER.sub("", "".join(part for part, is_note in _parts(source) if not is_note))


def _with_notes(source: str) -> str:
    """The source with notes as groups of its text, in parentheses."""
    said = (
        f"{_escaped(NOTE)}{{{FOOTNOTE.sub('', part, count=1)}{_escaped(NOTE_END)}"
        if is_note
        else part
        for part, is_note in _parts(source)
    )
    return NOTE_NUMBER.sub("", "".join(said))


def _parts(source: str) -> Iterator[tuple[str, bool]]:
    """The text between notes, and the groups that are notes."""
    start = 0
    for found in FOOTNOTE.finditer(source):
        if found.start() < start:  # within a note
            continue
        yield source[start : found.start()], False
        depth, start = 0, len(source)
        for brace in BRACES.finditer(source, found.start()):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if not depth and brace[0] == "}":
                start = brace.end()
                break
        yield source[found.start() : start], True
    yield source[start:], False


def _line(line: str) -> str:
    """A line with single spaces, and with commas between the cells of a table."""
    cells = (" ".join(cell.split()) for cell in line.split(CELL))
    return ", ".join(filter(None, cells))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    before, *parts = text.split(HEADING)
    yield "", before.strip()
    for part in parts:
        if any(map(str.isalnum, part)):
            heading = part.strip().partition("\n\n")[0]
            yield " ".join(heading.split()), part.strip()

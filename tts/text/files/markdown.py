"""The reader of plain text and Markdown as chapters of paragraphs and headings.

A chapter begins at a Markdown heading, or at a line such as `Chapter 7` between blank lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from tts.text.sentences import HEADING_LINE

COUNT = (
    r"(?:[0-9]{1,4}|(?-i:[IVXLC]{1,9})|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-?\s?)?"
    r"(?:one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth)|ten|eleven|"
    r"twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty)"
)
NUMBERED = (
    r"(?:chapter|part|book|volume|act|canto|letter|stave|kapitel|teil|cap[ií]tulo|parte)"
    rf"\s+(?:the\s+)?{COUNT}"
)
UNNUMBERED = (
    r"(?:prologue|epilogue|preface|foreword|introduction|interlude|conclusion|afterword|dedication|"
    r"postscript|acknowledge?ments|appendix(?: [A-Z0-9])?|author['\u2019]s note)"
)
# A title may follow the number of a chapter: after a punctuation mark, or with a capital.
CHAPTER_LINE = re.compile(
    rf"(?:{NUMBERED}|{UNNUMBERED})(?:\s*[.:\u2010-\u2015-]\s*.*"
    r"|\s+(?-i:[A-Z\d\"'\u2018\u201c][^.?!]*))?",
    re.IGNORECASE,
)
MAX_TITLE_CHARACTERS = 100  # a longer line is not a chapter heading; chosen by hand
ATX_HEADING = re.compile(r"(?P<level>#{1,6})\s+(?P<title>.*?\w.*?)[\s#]*")
SETEXT_UNDERLINE = re.compile(r"={3,}|-{3,}")
CLOSING = "\"')\u2019\u201d\xbb"


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph or a heading.

    Args:
        line: the number of its first line in the text, counted from 1.
        text: its lines.
        level: 0 for a paragraph, 1 for a heading that begins a chapter, 2 for other headings.
    """

    line: int
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class TextChapter:
    """A chapter: its title and its blocks, of which the first is the heading.

    Blocks before the first heading are a chapter with an empty title.
    """

    title: str
    blocks: tuple[TextBlock, ...]


def split_chapters(text: str) -> list[TextChapter]:
    """Split a text into chapters, each with at least one block.

    Example:
        >>> [chapter.title for chapter in split_chapters("Chapter 1\\n\\nIt was late.")]
        ['Chapter 1']
    """
    chapters: list[TextChapter] = []
    title, blocks = "", list[TextBlock]()
    for block in split_blocks(text):
        if block.level == 1:
            chapters += [TextChapter(title, tuple(blocks))] if blocks else []
            title, blocks = " ".join(block.text.split()), []
        blocks.append(block)
    return [*chapters, TextChapter(title, tuple(blocks))] if blocks else chapters


def split_blocks(text: str) -> Iterator[TextBlock]:
    """Split a text into paragraphs and headings, at blank lines and at Markdown headings.

    A line without letters and digits, such as `* * *`, is a block of its own.
    """
    held: list[str] = []
    line = 0
    for line, written in enumerate(StringIO(text, newline=None), 1):
        words = written.strip()
        if len(held) == 1 and SETEXT_UNDERLINE.fullmatch(words) and HEADING_LINE.fullmatch(held[0]):
            yield TextBlock(line - 1, held[0], 1)
            held = []
        elif not any(map(str.isalnum, words)) or ATX_HEADING.fullmatch(words):
            yield from _block(held, line - len(held))
            yield from _block([words] if words else [], line)
            held = []
        else:
            held.append(words)
    yield from _block(held, line + 1 - len(held))


def _block(lines: list[str], line: int) -> Iterator[TextBlock]:
    """The block of some lines: a heading with `#`, a line that looks like a heading, or a
    paragraph."""
    if len(lines) == 1 and (marked := ATX_HEADING.fullmatch(lines[0])):
        yield TextBlock(line, marked["title"], 1 if len(marked["level"]) < 3 else 2)
    elif lines:
        yield TextBlock(line, "\n".join(lines), _level(lines))


def _level(lines: list[str]) -> int:
    """The heading level of lines without marks; a chapter's title may be on a second line."""
    if len(lines) == 1:
        looks = HEADING_LINE.fullmatch(lines[0].rstrip(CLOSING))
        return 1 if _begins_chapter(lines[0]) else 2 if looks else 0
    titled = len(lines) == 2 and lines[1][0].isupper() and HEADING_LINE.fullmatch(lines[1])
    return 1 if titled and _begins_chapter(lines[0]) and not _begins_chapter(lines[1]) else 0


def _begins_chapter(line: str) -> bool:
    short = len(line) <= MAX_TITLE_CHARACTERS
    return short and line[0].isupper() and CHAPTER_LINE.fullmatch(line) is not None

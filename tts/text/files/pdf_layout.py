"""Paragraphs from the lines of printed pages, without running heads and page numbers.

The numbers were chosen by hand on printed books and manuals.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import pairwise
from textwrap import dedent

from tts.text.files.markdown import CHAPTER_LINE

PAGE_NUMBER = re.compile(
    r"(?:[Pp]age\s+)?[-\u2013\u2014\[|(\s]*(?:[0-9]{1,4}|[ivxlc]{1,7})[-\u2013\u2014\])|\s]*"
    r"(?:(?:of|/)\s*[0-9]{1,4})?"
)
START_NUMBER = re.compile(r"\W{0,4}([0-9]{1,4})(?!\w)")
END_NUMBER = re.compile(r"(?<!\w)([0-9]{1,4})\W{0,4}$")
LEADER = re.compile(r"(?:\.\s?){5,}\s*\w*$")  # of a line of a table of contents
EDGE_LINES = 2  # lines at the top and at the foot of a page that may be running heads
MIN_REPEATS = 3  # pages with a line that is a running head
WORD_BREAK = re.compile(r"([^\W\d_]+)[-\u00ad\u2010]$")
HYPHENS = ("-", "\u2010")
HYPHENATED = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+")
WORD = re.compile(r"[^\W\d_]+")
SENTENCE_END = re.compile(r"[.!?:\u2026][\"'\u2019\u201d)\]]*$")
BULLET = re.compile(r"[\u2022\u2023\u25aa\u25cf\u25e6\u2013-]\s")
SHORT_SHARE = 0.8  # of the width; a line that ends before it, and a sentence, ends a paragraph
VERY_SHORT_SHARE = 0.6  # no line within a paragraph of prose ends before it
MIN_INDENT, MAX_INDENT = 2, 12  # characters at the first line of a paragraph
DOUBLE_SPACED_SHARE = 0.6  # of lines with a blank line before them
MIN_SPACED_LINES = 6
MIN_GUTTER_SHARE = 0.9  # of lines with a space where two columns part
MIN_COLUMN_LINES = 10


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph and the page, from 0, on which it begins."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed line: its text, where it begins and ends in characters, and blanks before it."""

    page: int
    text: str
    indent: int
    end: int
    blanks: int


def read_paragraphs(
    pages: list[str], headings: Collection[tuple[int, str]] = ()
) -> list[Paragraph]:
    """Join the lines of pages, which keep their indents and blank lines, to paragraphs.

    Words that are broken at the end of a line are joined; a hyphen stays where the same word has
    one within a line.

    Args:
        pages: the text of each page.
        headings: pages, from 0, and the letters of headings on them, each a paragraph of its own.

    Example:
        >>> [one.text for one in read_paragraphs(["Two extra-\\nordinary lines.\\n\\nOne more."])]
        ['Two extraordinary lines.', 'One more.']
    """
    printed = [_page_lines(number, page) for number, page in enumerate(pages)]
    body = _without_running_heads(printed, headings)
    lines = [line for page in _single_spaced(list(map(_from_margin, body))) for line in page]
    words, width = _Words("\n".join(pages)), _usual_width(lines)
    found: list[tuple[int, list[str]]] = [(line.page, [line.text]) for line in lines[:1]]
    for before, line in pairwise(lines):
        apart = any((one.page, fold_letters(one.text)) in headings for one in (before, line))
        if apart or _begins(before, line, width):
            found.append((line.page, [line.text]))
        elif before.end < VERY_SHORT_SHARE * width:  # a line of verse or of an address
            found[-1][1].extend(("\n", line.text))
        else:
            words.join(found[-1][1], line.text)
    return [Paragraph(page, "".join(parts)) for page, parts in found]


def fold_letters(text: str) -> str:
    """The letters and digits of a text, by which headings are compared."""
    return "".join(filter(str.isalnum, text.casefold()))


def _page_lines(number: int, page: str) -> list[_Line]:
    lines, blanks = list[_Line](), 0
    for written in _columns(page.expandtabs().split("\n")):
        text = " ".join(written.split())
        if LEADER.search(text[-40:]):
            continue
        if text:
            indent = len(written) - len(written.lstrip())
            lines.append(_Line(number, text, indent, len(written.rstrip()), blanks))
        blanks = 0 if text else blanks + 1
    return lines


def _columns(lines: list[str]) -> list[str]:
    """The lines of the left column and then of the right one, if there are two."""
    width = max(map(len, lines), default=0)
    long = [line for line in lines if len(line.rstrip()) > 0.6 * width]
    if len(long) < MIN_COLUMN_LINES:
        return lines
    free = Counter(
        place
        for line in long
        for place in range(int(0.35 * width), int(0.65 * width))
        if line[place : place + 3].isspace()
    )
    place, count = max(free.items(), key=lambda item: item[1], default=(0, 0))
    if count < MIN_GUTTER_SHARE * len(long):
        return lines
    right = dedent("\n".join(line[place:] for line in lines)).split("\n")
    return [line[:place] for line in lines] + right


def _without_running_heads(
    pages: list[list[_Line]], headings: Collection[tuple[int, str]]
) -> list[list[_Line]]:
    counts = Counter(key for page in pages for key in {*map(_repeatable, _edges(page))})
    least = min(MIN_REPEATS, max(2, len(pages)))
    offset = _page_offset(pages, least)
    kept: set[str] = set()

    def is_head(line: _Line) -> bool:
        if (line.page, fold_letters(line.text)) in headings or _is_numbered_heading(line.text):
            return False
        if numbers := _numbers(line.text):
            if offset is None or line.page + offset in numbers:
                return offset is not None or PAGE_NUMBER.fullmatch(line.text) is not None
        elif PAGE_NUMBER.fullmatch(line.text):
            return True
        head = counts[_repeatable(line)] >= least
        if head and CHAPTER_LINE.fullmatch(line.text) and line.text not in kept:
            kept.add(line.text)  # the heading, of which the running heads are copies
            return False
        return head

    return [_trimmed(page, is_head) for page in pages]


def _is_numbered_heading(text: str) -> bool:
    """Whether a line is such as `Chapter 7`, whose number is not that of the page."""
    alone = END_NUMBER.sub("", text).strip()
    return CHAPTER_LINE.fullmatch(text) is not None and not CHAPTER_LINE.fullmatch(alone)


def _trimmed(page: list[_Line], is_head: Callable[[_Line], bool]) -> list[_Line]:
    """A page without the heads among its outermost lines."""
    start, stop = 0, len(page)
    while start < min(EDGE_LINES, stop) and is_head(page[start]):
        start += 1
    while stop > max(start, len(page) - EDGE_LINES) and is_head(page[stop - 1]):
        stop -= 1
    return page[start:stop]


def _edges(page: list[_Line]) -> list[_Line]:
    """The lines of a page that may be running heads, each once."""
    return page if len(page) <= 2 * EDGE_LINES else page[:EDGE_LINES] + page[-EDGE_LINES:]


def _repeatable(line: _Line) -> str:
    return line.text.casefold()


def _numbers(text: str) -> set[int]:
    """The numbers at the start and at the end of a line, one of which may be that of the page."""
    edges = (START_NUMBER.match(text), END_NUMBER.search(text[-12:]))
    return {int(edge[1]) for edge in edges if edge}


def _page_offset(pages: list[list[_Line]], least: int) -> int | None:
    """The printed number of a page less its index, where enough pages agree; None otherwise."""
    counts = Counter(
        number - page[0].page
        for page in pages
        for number in {one for line in _edges(page) for one in _numbers(line.text)}
    )
    offset, count = max(counts.items(), key=lambda item: item[1], default=(0, 0))
    return offset if count >= max(least, len(pages) // 3) else None


def _from_margin(page: list[_Line]) -> list[_Line]:
    """The lines with their indents from the left margin, which most lines begin at."""
    usual = Counter(line.indent for line in page).most_common(1)
    margin = usual[0][0] if usual else 0
    return [replace(line, indent=line.indent - margin) for line in page]


def _single_spaced(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The lines with as many blanks as there are more than usual."""
    apart = [line.blanks > 0 for page in pages for line in page[1:]]
    if len(apart) < MIN_SPACED_LINES or sum(apart) < DOUBLE_SPACED_SHARE * len(apart):
        return pages
    usual = Counter(line.blanks for page in pages for line in page[1:]).most_common(1)[0][0]
    return [[replace(line, blanks=max(0, line.blanks - usual)) for line in page] for page in pages]


def _usual_width(lines: list[_Line]) -> int:
    """Where full lines end: nine of ten lines end there or before."""
    ends = sorted(line.end for line in lines)
    return ends[int(0.9 * len(ends))] if ends else 0


def _begins(before: _Line, line: _Line, width: int) -> bool:
    """Whether a line begins a paragraph."""
    if BULLET.match(line.text):
        return True
    if BULLET.match(before.text) and before.end >= SHORT_SHARE * width:
        return line.blanks > 0
    if MIN_INDENT <= line.indent <= MAX_INDENT and before.indent < line.indent:
        return True
    ended = SENTENCE_END.search(before.text) is not None
    short = before.end < SHORT_SHARE * width
    heading = before.end < VERY_SHORT_SHARE * width <= line.end and not line.text[0].islower()
    if before.page != line.page:
        return heading or (short and (ended or not line.text[0].islower()))
    return line.blanks > 0 or heading or (short and ended) or line.indent > MAX_INDENT


class _Words:
    """The words of a text, which tell whether a word broken at the end of a line has a hyphen."""

    def __init__(self, text: str) -> None:
        folded = text.casefold()
        self._plain = set(WORD.findall(folded))
        self._hyphenated = set(HYPHENATED.findall(folded))

    def join(self, parts: list[str], line: str) -> None:
        """Append a line to the parts of a paragraph."""
        above = parts[-1]
        broken, rest = WORD_BREAK.search(above), WORD.match(line)
        if broken is None or rest is None or not line[0].islower():
            parts += [line] if above.endswith(HYPHENS) else [" ", line]
            return
        start, end = broken[1].casefold(), rest[0].casefold()
        if f"{start}-{end}" not in self._hyphenated or start + end in self._plain:
            parts[-1] = above[:-1]
        parts.append(line)

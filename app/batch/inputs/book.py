"""Books: chapters of paragraphs, each with a name that its words give it, wherever it stands."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import pairwise

from tts.delivery import Delivery
from tts.text.files import epub as epubs
from tts.text.files.plain import decode_utf8
from tts.text.sections import normalise_document as read_aloud
from tts.text.sentences import (
    HEADING_LINE,
    HEADING_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
    split_sentences,
)

from ..item import fingerprint
from .builder import BatchInputBuilder, InputEntry, has_words

SCENE, CHAPTER = 1.2, 2.0  # seconds of silence after the last paragraph of each
MAX_PASSAGE_CHARACTERS = 1500  # characters of a passage
SPACE = re.compile(r"\s+")

COUNT = (
    r"(?:[0-9]{1,4}|(?-i:[IVXLC]{1,9})|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-?\s?)?"
    r"(?:one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth)|ten|eleven|"
    r"twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty)"
)
PART = r"(?:chapter|part|book|volume|act|canto|letter|stave|kapitel|teil|cap[ií]tulo|parte)"
APART = (
    r"(?:prologue|epilogue|preface|foreword|introduction|interlude|conclusion|afterword|dedication|"
    r"postscript|acknowledge?ments|appendix(?: [A-Z0-9])?|author['\u2019]s note)"
)
# After its name a chapter may have a title: behind a mark, or with a capital.
NAMED = re.compile(
    rf"(?:{PART}\s+(?:the\s+)?{COUNT}|{APART})(?:\s*[.:\u2010-\u2015-]\s*.*"
    r"|\s+(?-i:[A-Z\d\"'\u2018\u201c][^.?!]*))?",
    re.IGNORECASE,
)
LONGEST_TITLE = 100
MARKED = re.compile(r"(?P<level>#{1,6})\s+(?P<title>.*?\w.*?)[\s#]*")
UNDERLINE = re.compile(r"={3,}|-{3,}")
CLOSING = "\"')\u2019\u201d\xbb"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, the first of them so numbered, and the level of a heading: 1
    begins a chapter, 2 does not, and 0 is none."""

    line: int
    text: str
    level: int = 0


def read_epub(data: bytes, gathering: BatchInputBuilder) -> None:
    """The chapters that its table of contents names; a passage's line is its number in the book."""
    title, gathering.author = epubs.read_epub_metadata(data)
    gathering.title = title or gathering.title
    names, line = _Names(), 1
    for chapter in epubs.read_epub(data):
        gathering.begin(chapter.title)
        line += _add(list(_blocks(chapter.text)), gathering, names, line)


def read_text_book(data: bytes, gathering: BatchInputBuilder) -> None:
    """Chapters begin at headings that stand alone; without any, the whole is one."""
    names, chapter = _Names(), list[Block]()
    for block in _blocks(decode_utf8(data, gathering.title)):
        if block.level == 1:
            _add(chapter, gathering, names)
            chapter = []
            gathering.begin(" ".join(block.text.split()))
        chapter.append(block)
    _add(chapter, gathering, names)


class _Names:
    """Names of texts: another for each time that the same is said, and none by its place."""

    def __init__(self) -> None:
        self._said = Counter[str]()

    def __call__(self, text: str) -> str:
        self._said[text] += 1
        return f"p{fingerprint([text, self._said[text]])[:16]}"


def _add(
    blocks: list[Block], gathering: BatchInputBuilder, names: _Names, first: int | None = None
) -> int:
    """The passages of a chapter, numbered from the first or by their lines; how many there are."""
    delivery = gathering.reader.delivery
    passages = _passages(blocks, delivery)
    for number, passage in enumerate(passages):
        line = passage.line if first is None else first + number
        pause = delivery.pause_seconds(passage.pause)
        gathering.add(replace(passage, id=names(passage.text), line=line, pause=pause))
    return len(passages)


def _passages(blocks: list[Block], delivery: Delivery) -> list[InputEntry]:
    """What is said, and how long to be silent after it; what has no word is where a scene ends."""
    found: list[InputEntry] = []
    for block in blocks:
        said = [part for part in _parts(block.text, delivery) if has_words(part, delivery.reading)]
        found += [
            InputEntry(line=block.line, id="", text=part, pause=SENTENCE_PAUSE_SECONDS)
            for part in said
        ]
        if found:
            after = HEADING_PAUSE_SECONDS if block.level else PARAGRAPH_PAUSE_SECONDS
            found[-1] = replace(found[-1], pause=after if said else SCENE)
    if found:
        found[-1] = replace(found[-1], pause=CHAPTER)
    return found


def _blocks(text: str) -> Iterator[Block]:
    """Paragraphs, between blank lines or lines that always stand alone."""
    held: list[str] = []
    line = 0
    for line, written in enumerate(StringIO(text, newline=None), 1):
        words = written.strip()
        if len(held) == 1 and UNDERLINE.fullmatch(words) and HEADING_LINE.fullmatch(held[0]):
            yield Block(line - 1, held[0], 1)
            held = []
        elif not any(map(str.isalnum, words)) or MARKED.fullmatch(words):
            yield from _block(held, line - len(held))
            yield from _block([words] if words else [], line)
            held = []
        else:
            held.append(words)
    yield from _block(held, line + 1 - len(held))


def _block(lines: list[str], line: int) -> Iterator[Block]:
    """A paragraph, or a heading: marked as one, or a line that looks like one."""
    if len(lines) == 1 and (marked := MARKED.fullmatch(lines[0])):
        yield Block(line, marked["title"], 1 if len(marked["level"]) < 3 else 2)
    elif lines:
        yield Block(line, "\n".join(lines), _level(lines))


def _level(lines: list[str]) -> int:
    """A chapter may have its title in a line of its own."""
    if len(lines) == 1:
        looks = HEADING_LINE.fullmatch(lines[0].rstrip(CLOSING))
        return 1 if _is_name(lines[0]) else 2 if looks else 0
    titled = len(lines) == 2 and lines[1][0].isupper() and HEADING_LINE.fullmatch(lines[1])
    return 1 if titled and _is_name(lines[0]) and not _is_name(lines[1]) else 0


def _is_name(line: str) -> bool:
    return len(line) <= LONGEST_TITLE and line[0].isupper() and NAMED.fullmatch(line) is not None


def _parts(text: str, delivery: Delivery) -> Iterator[str]:
    """A text in parts that are short enough, cut where a sentence ends as far as one does."""
    start = 0
    while len(text) - start > MAX_PASSAGE_CHARACTERS:
        stop = start + _cut(text[start : start + MAX_PASSAGE_CHARACTERS], delivery)
        yield text[start:stop].strip()
        start = stop
    yield text[start:].strip()


def _cut(text: str, delivery: Delivery) -> int:
    """Where in the second half of a text a sentence last begins, or else a phrase or a word."""
    words = text.rfind(" ") + 1 or len(text)
    try:
        said = split_sentences(read_aloud(text, delivery.reading), text)
    except ValueError:  # wrong markup is for whoever speaks it to tell
        return words
    ends: dict[bool, int] = {}
    for part, following in pairwise(said):
        stop, start = part.spans[-1][1], following.spans[0][0]
        gap = SPACE.search(text, stop, start)
        if start > len(text) // 2:
            ends[part.text[-1] in ".?!"] = gap.end() if gap else start
    return ends.get(True) or ends.get(False) or words

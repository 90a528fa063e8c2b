"""Books: chapters of passages, whose ids depend on their text and not on their place."""

from collections import Counter
from collections.abc import Iterable

from tts.text.files import epub
from tts.text.files.markdown import TextBlock, split_blocks, split_chapters
from tts.text.files.passages import split_passages
from tts.text.files.plain import decode_text

from ..item import fingerprint
from .builder import BatchInputBuilder, InputEntry


def read_epub(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read an EPUB: chapters by its table of contents; a passage's line is its number."""
    book = epub.read_epub(data)
    gathering.title, gathering.author = book.title or gathering.title, book.author
    names, line = _Names(), 1
    for chapter in [one for one in book.chapters if not one.matter] or book.chapters:
        gathering.begin(chapter.title)
        line += _add(split_blocks(chapter.text), gathering, names, line)


def read_text_book(data: bytes, gathering: BatchInputBuilder) -> None:
    """Read a text as a book: chapters begin at headings; without headings it is one chapter."""
    names = _Names()
    decoded = decode_text(data, gathering.title)
    if decoded.note:
        gathering.note(decoded.note)
    for chapter in split_chapters(decoded.text):
        if chapter.title:
            gathering.begin(chapter.title)
        _add(chapter.blocks, gathering, names)


class _Names:
    """Ids of passages: a hash of the text and of how often the same text came before."""

    def __init__(self) -> None:
        self._said = Counter[str]()

    def __call__(self, text: str) -> str:
        self._said[text] += 1
        return f"p{fingerprint([text, self._said[text]])[:16]}"


def _add(
    blocks: Iterable[TextBlock],
    gathering: BatchInputBuilder,
    names: _Names,
    first: int | None = None,
) -> int:
    """Add the passages of a chapter, numbered from `first` or by line; return their count."""
    delivery = gathering.reader.delivery
    passages = split_passages(blocks, delivery.reading)
    for number, passage in enumerate(passages):
        line = passage.line if first is None else first + number
        pause = delivery.pause_seconds(passage.pause)
        id, text = names(passage.text), passage.text
        gathering.add(InputEntry(line=line, id=id, text=text, pause=pause))
    return len(passages)

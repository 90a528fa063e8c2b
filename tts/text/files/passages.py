"""Splitting of long text into passages that are short enough for one call of the synthesizer."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from tts.text.files.markdown import TextBlock
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.options import TextOptions
from tts.text.pauses import (
    CHAPTER_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SCENE_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)
from tts.text.sections import has_words, normalise_document
from tts.text.sentences import split_sentences

MAX_PASSAGE_CHARACTERS = 1500  # about a minute and a half of speech; chosen by hand
SPACE = re.compile(r"\s*")
GAP = re.compile(r"\s+")

FindCut = Callable[[str, int, int], int]  # from a text, a start and a stop to the place of the cut


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with words to speak.

    Args:
        line: the number of the line in which its block begins, counted from 1.
        text: the text.
        pause: silence after it, in seconds.
    """

    line: int
    text: str
    pause: float


def split_passages(
    blocks: Iterable[TextBlock], options: TextOptions = DEFAULT_TEXT_OPTIONS
) -> list[Passage]:
    """Split the blocks of a chapter into passages.

    Args:
        blocks: the blocks of one chapter; one without words, such as `* * *`, ends a scene.
        options: the text options, which decide what is spoken.

    Returns:
        Passages of at most 1500 characters that have words. The pause after each depends on what
        follows: a sentence, a paragraph, a scene or a chapter (`tts.text.pauses`).
    """
    found: list[Passage] = []
    for block in blocks:
        parts = split_at_sentences(block.text, MAX_PASSAGE_CHARACTERS, options)
        spoken = [part for part in parts if has_words(part, options)]
        found += [Passage(block.line, part, SENTENCE_PAUSE_SECONDS) for part in spoken]
        if found:
            after = HEADING_PAUSE_SECONDS if block.level else PARAGRAPH_PAUSE_SECONDS
            found[-1] = replace(found[-1], pause=after if spoken else SCENE_PAUSE_SECONDS)
    if found:
        found[-1] = replace(found[-1], pause=CHAPTER_PAUSE_SECONDS)
    return found


def split_at_sentences(
    text: str, max_characters: int, options: TextOptions = DEFAULT_TEXT_OPTIONS
) -> Iterator[str]:
    """Split a text into parts of at most `max_characters`, at the ends of spoken sentences."""

    def find_cut(text: str, start: int, stop: int) -> int:
        return start + _last_sentence(text[start:stop], options)

    return _split(text, max_characters, find_cut)


def split_at_paragraphs(text: str, max_characters: int) -> Iterator[str]:
    """Split a text into parts of at most `max_characters`, at the ends of paragraphs, or else of
    lines, sentences or words."""
    return _split(text.strip(), max_characters, _last_paragraph)


def _split(text: str, max_characters: int, find_cut: FindCut) -> Iterator[str]:
    start = 0
    while len(text) - start > max_characters:
        stop = find_cut(text, start, start + max_characters)
        yield text[start:stop].strip()
        start = stop
    yield text[start:].strip()


def _last_sentence(text: str, options: TextOptions) -> int:
    """The last start of a sentence in the second half of a text, or else of a phrase or a word."""
    words = text.rfind(" ") + 1 or len(text)
    try:
        sentences = split_sentences(normalise_document(text, options), text)
    except ValueError:  # wrong markup is reported when the passage is spoken
        return words
    ends: dict[bool, int] = {}
    for sentence, following in pairwise(sentences):
        stop, start = sentence.spans[-1][1], following.spans[0][0]
        gap = GAP.search(text, stop, start)
        if start > len(text) // 2:
            ends[sentence.text[-1] in ".?!"] = gap.end() if gap else start
    return ends.get(True) or ends.get(False) or words


def _last_paragraph(text: str, start: int, stop: int) -> int:
    """The start of the next part, after the best break in the second half of a range."""
    places = (text.rfind(gap, (start + stop + 1) // 2, stop) for gap in ("\n\n", "\n", ". ", " "))
    cut = next((place + 1 for place in places if place > start), stop)
    return SPACE.match(text, cut).end()  # type: ignore[union-attr]

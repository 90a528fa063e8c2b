"""Sentence splitting: normalised text in sentences, each with the pause after it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tts.text.markup.tags import TAG
from tts.text.normalise.spans import Span, SpannedText
from tts.text.pauses import (
    BREATH_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    ITEM_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)

MAX_SENTENCE_CHARACTERS = 300  # a longer sentence is split; chosen by hand
END = re.compile(r"[.?!] (?P<small>(?=[a-z]))?")
# The places to split a long sentence, the best first.
BREATHS = (re.compile(r".*[.?!] "), re.compile(r".*[;:] "), re.compile(r".*, "), re.compile(r".* "))

BLANK_LINE = re.compile(r"\n\s*\n")
RULE = re.compile(r"\n[=-]{3,}\s*\n")
BULLET = re.compile(r"\s*(?:[-*+•]|[0-9]{1,3}[.)])\s")
HEADING_LINE = re.compile(r"(?![-*+•]\s).{0,79}[^.,;:?!]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a part of a long one, and the silence after it in seconds."""

    spoken: SpannedText
    pause: float = 0.0

    @property
    def text(self) -> str:
        return self.spoken.text

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.spoken.spans


def split_sentences(spoken: SpannedText, original: str = "") -> list[Sentence]:
    """Split normalised text into sentences.

    A full stop before a small letter does not end a sentence, as it probably belongs to an
    abbreviation, unless a paragraph or a list item begins there.

    Args:
        spoken: normalised text, with spans in the original text.
        original: the original text, which shows paragraphs, headings and lists; without it, there
            are none.

    Returns:
        Sentences of at most 300 characters, each with at least one word. The last has no pause.

    Example:
        >>> from tts.text.normalise.normalise import normalise
        >>> text = "Dr. Lee came. She sat."
        >>> [(one.text, one.pause) for one in split_sentences(normalise(text), text)]
        [('Doctor Lee came.', 0.25), ('She sat.', 0.0)]
    """
    page = unify_line_ends(original)
    parts = split_speakable(spoken, page)
    pauses = [pause_between(*pair, page) for pair in pairwise(parts)]
    return [Sentence(part, pause) for part, pause in zip(parts, [*pauses, 0.0], strict=False)]


def unify_line_ends(original: str) -> str:
    """The text with `\\n` as the only line end, and all other characters in their places."""
    return original.replace("\r\n", " \n").replace("\r", "\n").replace("\u2029", "\n")


def split_speakable(spoken: SpannedText, page: str) -> list[SpannedText]:
    """The sentences of a text that have a word."""
    return [part for part in _cut(spoken, page) if any(map(str.isalpha, part.text))]


def _cut(spoken: SpannedText, page: str) -> Iterator[SpannedText]:
    text, start = spoken.text, 0
    ends = [match.end() for match in END.finditer(text) if _is_end(match, spoken, page)]
    for end in [*ends, len(text)]:
        for first, last in _parts(text, start, end):
            yield spoken[first:last].strip()
        start = end


def _is_end(match: re.Match[str], spoken: SpannedText, page: str) -> bool:
    if match["small"] is None:
        return True
    mark, following = spoken.spans[match.start()][0], spoken.spans[match.end()][0]
    return "\n" in page[mark:following] and (
        BLANK_LINE.search(page, mark, following) is not None or _is_item(page, following)
    )


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in parts of limited length, split at the best mark, or else between words."""
    while end - start > MAX_SENTENCE_CHARACTERS:
        cut = _breath(text, start, start + MAX_SENTENCE_CHARACTERS)
        yield start, cut
        start = cut
    yield start, end


def _breath(text: str, start: int, end: int) -> int:
    third = start + MAX_SENTENCE_CHARACTERS // 3
    for breath in BREATHS:
        if found := breath.match(text, third, end):
            return found.end()
    return end


def pause_between(part: SpannedText, following: SpannedText, page: str) -> float:
    """The pause in seconds between two adjacent parts of a text, by marks and page layout.

    Args:
        part: the part before the pause.
        following: the part after it.
        page: the original text, with unified line ends.
    """
    if part.text[-1] not in ".?!":
        return BREATH_PAUSE_SECONDS
    end, start = _last(part), following.spans[0][0]
    gap = page[end:start]
    if "\n" not in gap:
        return SENTENCE_PAUSE_SECONDS
    if _is_item(page, start):
        return ITEM_PAUSE_SECONDS
    if RULE.search(gap) or _is_heading(page, end):
        return HEADING_PAUSE_SECONDS
    return PARAGRAPH_PAUSE_SECONDS if BLANK_LINE.search(gap) else SENTENCE_PAUSE_SECONDS


def _is_item(page: str, place: int) -> bool:
    """Whether the line at a place is an item of a list."""
    return BULLET.match(page, page.rfind("\n", 0, place) + 1) is not None


def _is_heading(page: str, place: int) -> bool:
    """Whether the line at a place is a Markdown heading, or stands alone without an end mark."""
    start, stop = page.rfind("\n", 0, place) + 1, page.find("\n", place)
    line = TAG.sub("", page[start:stop]).strip()
    if line.startswith("#"):
        return True
    above = page[page.rfind("\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
    alone = not above.strip() and BLANK_LINE.match(page, stop) is not None
    return alone and HEADING_LINE.fullmatch(line) is not None


def _last(part: SpannedText) -> int:
    """The end of the last word of a part in the original text."""
    last = max(place for place, character in enumerate(part.text) if character.isalnum())
    return part.spans[last][1]

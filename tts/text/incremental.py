"""Incremental text: text that arrives in pieces is passed on in complete sentences.

A sentence is complete when the next one has begun, since a full stop may belong to an abbreviation
such as `Dr.`, or at a blank line. Open tags, and SSML documents, are held until they are closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tts.text.markup.ssml import may_become_ssml
from tts.text.markup.tags import TAG
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.normalise.spans import SpannedText
from tts.text.options import TextOptions
from tts.text.sections import split_sections
from tts.text.sentences import (
    MAX_SENTENCE_CHARACTERS,
    pause_between,
    split_speakable,
    unify_line_ends,
)

# The tokens of the search: a bracketed part, a bracket without an end nearby, a word, a space.
TOKEN = re.compile(
    r"\[[^\[\]\n]{0,80}\]|\[(?=[^\[\]\n]{81}|[^\[\]\n]{0,80}[\[\n])|[^\s\[]+(?=[\s\[])|\s"
)
END = re.compile(r"[\s\[]")  # the end of a word
WORD = re.compile(r"(?!\[).*[^\W_].*")
MARK = re.compile(r".*[.?!…][\"'”’»)\]*_]*")
# Each search for an end reads all of the held text again. To keep the total time linear, a long
# text is searched only after it has grown by a quarter, and so is a short one after OFTEN searches.
# The numbers were chosen by hand.
LONG, RARELY = 2 * MAX_SENTENCE_CHARACTERS, 1.25
OFTEN = 8
# A placeholder for the text after a blank line.
AFTER = "A"


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A part of an incremental text.

    Args:
        text: the part.
        start: its position in the whole text, in characters.
        pause: the usual silence after it, in seconds.
        silent: whether it has nothing to speak.
    """

    text: str
    start: int
    pause: float = 0.0
    silent: bool = False


class IncrementalText:
    """A text that arrives in pieces and is passed on in complete sentences.

    The chunks joined are the whole text, and do not depend on how the pieces were cut. An object
    must not be used by several threads at once.

    Args:
        reading: the text options.

    Example:
        >>> text = IncrementalText()
        >>> [chunk.text for chunk in text.feed("Dr. Lee came. She ")]
        ['Dr. Lee came. ']
        >>> [chunk.text for chunk in text.flush()]
        ['She ']
    """

    def __init__(self, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> None:
        self._reading = reading
        self._text = ""
        self._before = self._begun = self._seen = self._tried = self._looks = 0
        self._turned = self._blank = False

    def feed(self, stretch: str) -> list[TextChunk]:
        """Add a piece of text, and return the chunks that it completes."""
        in_a_word = self._text[self._seen : self._seen + 1] not in ("", "[")
        self._text += stretch
        if in_a_word and not END.search(stretch):
            return []  # searching a long word again for each letter would take quadratic time
        parts = list(self._complete())
        self._before += self._begun
        self._text, self._seen, self._begun = self._text[self._begun :], self._seen - self._begun, 0
        return parts

    def flush(self) -> list[TextChunk]:
        """Return the rest of the text, complete or not; text fed later begins anew."""
        text, start = self._text, self._before
        self._text, self._before = "", start + len(text)
        self._again()
        return [TextChunk(text, start, silent=_is_silent(text, self._reading))] if text else []

    def _again(self) -> None:
        """Reset the search to the start of a chunk."""
        self._seen, self._tried, self._looks = self._begun, 0, 0
        self._turned = self._blank = False

    def _complete(self) -> Iterator[TextChunk]:
        while token := TOKEN.match(self._text, self._seen):
            self._seen = token.end()
            ended, begun = self._is_paragraph(token.group()), self._is_sentence(token.group())
            if not self._is_time(ended or begun):
                continue
            self._tried, self._looks = self._seen - self._begun, self._looks + 1
            if part := self._first(self._text[self._begun : self._seen], ended):
                yield part
                self._begun += len(part.text)
                self._again()

    def _is_paragraph(self, token: str) -> bool:
        """Whether the token ends a blank line."""
        ended = token == "\n" and self._blank
        self._blank = token == "\n" or (self._blank and token.isspace())
        self._turned |= token == "\n"
        return ended

    def _is_sentence(self, token: str) -> bool:
        """Whether the token is the first word after an end mark, or of a line."""
        word = WORD.fullmatch(token) is not None
        turned, self._turned = self._turned, self._turned and not word
        self._turned |= MARK.fullmatch(token) is not None
        return word and turned

    def _is_time(self, turned: bool) -> bool:
        """Whether to search for an end: at each possible one, but less often in a long text, and
        there at any word."""
        length = self._seen - self._begun
        grown = length >= RARELY * self._tried
        return turned and (grown or self._looks < OFTEN) if length < LONG else grown

    def _first(self, text: str, ended: bool) -> TextChunk | None:
        """The first sentence of a text as a chunk, if it is complete."""
        start = self._before + self._begun
        if may_become_ssml(text):
            return TextChunk(text, start) if text.rstrip().endswith("</speak>") else None
        probe = text + AFTER * ended
        try:
            said = _said(probe, self._reading)
        except ValueError:  # wrong markup is reported when the text is spoken
            return None
        for (last, exact), (following, _) in pairwise(said):
            if stop := _between(probe, last, following):
                pause = 0.0 if exact else pause_between(last, following, unify_line_ends(probe))
                return TextChunk(text[:stop], start, pause)
        return None


def _said(text: str, reading: TextOptions) -> list[tuple[SpannedText, bool]]:
    """The sentences of a text, each with whether markup sets the pause after it."""
    closed = text + "".join(f"[/{name}]" for name in reversed(_open(text)))
    page, said = unify_line_ends(closed), list[tuple[SpannedText, bool]]()
    for section in split_sections(closed, reading):
        said += [(part, False) for part in split_speakable(section.spoken, page)]
        if said and section.pause and section.pause.exact:
            said[-1] = said[-1][0], True
    return said


def _between(text: str, last: SpannedText, following: SpannedText) -> int:
    """The place to cut between two sentences: the start of a line, or else of a word, where no tag
    is open; 0 if there is none."""
    first, stop = last.spans[-1][0], following.spans[0][0]
    places = [place for place in range(first + 1, stop + 1) if text[place - 1].isspace()]
    best = sorted(places, key=lambda place: (text[place - 1] != "\n", -place))
    return next((place for place in best if not _open(text[:place])), 0)


def _open(text: str) -> list[str]:
    """The names of the tags that are open at the end of a text."""
    names: list[str] = []
    for tag in TAG.finditer(text):
        if tag["closed"] and names:
            names.pop()
        elif tag["name"] not in (None, "pause"):
            names.append(tag["name"])
    return names


def _is_silent(text: str, reading: TextOptions) -> bool:
    try:
        return not _said(text, reading)
    except ValueError:
        return False

"""Text that arrives as it is typed or generated, given on sentence by sentence.

A sentence ends for certain once the next has begun, for only then is `Dr.` no sentence, and a
blank line ends whatever stands before it. Tags that are open are waited for, and so is the end of
a document in SSML.
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

# What is seen whole: something in brackets, a bracket that is not closed soon, a word, a space.
TOKEN = re.compile(
    r"\[[^\[\]\n]{0,80}\]|\[(?=[^\[\]\n]{81}|[^\[\]\n]{0,80}[\[\n])|[^\s\[]+(?=[\s\[])|\s"
)
END = re.compile(r"[\s\[]")  # of a word
WORD = re.compile(r"(?!\[).*[^\W_].*")
MARK = re.compile(r".*[.?!…][\"'”’»)\]*_]*")
# In a sentence this long we look for its end more rarely, and for a place to breathe.
LONG, RARELY = 2 * MAX_SENTENCE_CHARACTERS, 1.25
OFTEN = 8  # looks at one sentence, before we look more rarely too
# What might come after a blank line.
AFTER = "A"


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A stretch of a text that starts at `start` of it, and seconds of usual silence after it.

    A silent part holds nothing to say.
    """

    text: str
    start: int
    pause: float = 0.0
    silent: bool = False


class IncrementalText:
    """A text of which more may come. The parts that it gives, joined, are all of it, and they are
    the same however the text was cut on its way."""

    def __init__(self, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> None:
        self._reading = reading
        self._text = ""
        self._before = self._begun = self._seen = self._tried = self._looks = 0
        self._turned = self._blank = False

    def feed(self, stretch: str) -> list[TextChunk]:
        """The parts that are complete now that this has come."""
        in_a_word = self._text[self._seen : self._seen + 1] not in ("", "[")
        self._text += stretch
        if in_a_word and not END.search(stretch):
            return []  # to look at a word again with each of its letters would take their square
        parts = list(self._complete())
        self._before += self._begun
        self._text, self._seen, self._begun = self._text[self._begun :], self._seen - self._begun, 0
        return parts

    def flush(self) -> list[TextChunk]:
        """All that is left, complete or not; what comes after it is a text of its own."""
        text, start = self._text, self._before
        self._text, self._before = "", start + len(text)
        self._again()
        return [TextChunk(text, start, silent=_is_silent(text, self._reading))] if text else []

    def _again(self) -> None:
        """Where a part begins, nothing of it has been seen."""
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
        """Whether a line ends here that has nothing in it."""
        ended = token == "\n" and self._blank
        self._blank = token == "\n" or (self._blank and token.isspace())
        self._turned |= token == "\n"
        return ended

    def _is_sentence(self, token: str) -> bool:
        """Whether this is the first word after a mark, or of a line."""
        word = WORD.fullmatch(token) is not None
        turned, self._turned = self._turned, self._turned and not word
        self._turned |= MARK.fullmatch(token) is not None
        return word and turned

    def _is_time(self, turned: bool) -> bool:
        """Whether to look for an end: at each turn, but only now and then of what is held for long,
        and then at any word, or of what was often looked at."""
        length = self._seen - self._begun
        grown = length >= RARELY * self._tried
        return turned and (grown or self._looks < OFTEN) if length < LONG else grown

    def _first(self, text: str, ended: bool) -> TextChunk | None:
        """The sentence that a text begins with, if it has ended."""
        start = self._before + self._begun
        if may_become_ssml(text):
            return TextChunk(text, start) if text.rstrip().endswith("</speak>") else None
        probe = text + AFTER * ended
        try:
            said = _said(probe, self._reading)
        except ValueError:  # it is for whoever says the text to refuse it
            return None
        for (last, exact), (following, _) in pairwise(said):
            if stop := _between(probe, last, following):
                pause = 0.0 if exact else pause_between(last, following, unify_line_ends(probe))
                return TextChunk(text[:stop], start, pause)
        return None


def _said(text: str, reading: TextOptions) -> list[tuple[SpannedText, bool]]:
    """The sentences of a text, each with whether a silence was asked for after it."""
    closed = text + "".join(f"[/{name}]" for name in reversed(_open(text)))
    page, said = unify_line_ends(closed), list[tuple[SpannedText, bool]]()
    for section in split_sections(closed, reading):
        said += [(part, False) for part in split_speakable(section.spoken, page)]
        if said and section.pause and section.pause.exact:
            said[-1] = said[-1][0], True
    return said


def _between(text: str, last: SpannedText, following: SpannedText) -> int:
    """Where to cut between two sentences: where a line begins, or else a word, and no tag is open.

    Nowhere, which is 0, where there is no such place.
    """
    first, stop = last.spans[-1][0], following.spans[0][0]
    places = [place for place in range(first + 1, stop + 1) if text[place - 1].isspace()]
    best = sorted(places, key=lambda place: (text[place - 1] != "\n", -place))
    return next((place for place in best if not _open(text[:place])), 0)


def _open(text: str) -> list[str]:
    """The tags of a text that are still open, by their names."""
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

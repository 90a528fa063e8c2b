"""What stands on the screen, and when: cues of at most two lines, broken where a reader would."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from typing import TypeVar

from tts.speech import TimedWord
from tts.text.markup.visible import HIDDEN

MAX_LINE_CHARACTERS = 42  # characters
MIN_CUE_SECONDS, MAX_CUE_SECONDS = 1.0, 7.0  # seconds
READING_CHARACTERS_PER_SECOND = 17.0  # characters a second
MIN_PAUSE_SECONDS = 0.1

# How bad it is to break after something, beside how uneven the parts are: from 0 to 1.
SENTENCE_BREAK_COST, CLAUSE_BREAK_COST, WORD_BREAK_COST = 0.0, 0.1, 0.4

TOKEN = re.compile(r"\S+")
CLOSING = r"""["')\]}»”\u2019*_]*$"""
STOP = re.compile(rf"[.?!…]{CLOSING}")
CLAUSE = re.compile(rf"(?:[,;:—\u2013]|^-+){CLOSING}")
BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines of the original text, and the seconds from which and to which they are shown."""

    start: float
    end: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaptionToken:
    """What no line takes apart, when it is said, and how bad it is to break after it."""

    text: str
    start: float
    end: float
    bad: float = WORD_BREAK_COST


Timed = tuple[re.Match[str], float, float]
Pieces = Sequence[CaptionToken]
Item = TypeVar("Item")


def make_cues(words: Sequence[TimedWord], original: str) -> list[Cue]:
    """All that was written, in order, in lines of readable length, while it is said.

    A sentence that is over leaves the screen before the next, unless it is too short to be read;
    no sentence is cut that could be read at once. Where nothing is said nothing is shown.
    """
    parts = [part for sentence in _sentences(words, original) for part in _divided(sentence)]
    return [
        Cue(part[0].start, _end(part, after), _lines(part))
        for part, after in _followed(_joined(parts))
    ]


def _sentences(words: Sequence[TimedWord], original: str) -> Iterator[Pieces]:
    pieces: list[CaptionToken] = []
    for (token, start, end), after in _followed(list(_timed(words, original))):
        pieces.append(CaptionToken(_seen(token), start, end, _bad(original, token, end, after)))
        if after is None or pieces[-1].bad == SENTENCE_BREAK_COST:
            yield pieces
            pieces = []


def _bad(original: str, token: re.Match[str], end: float, after: Timed | None) -> float:
    """A full stop ends a sentence where there is silence after it; `Dr.` does not."""
    if after is None:
        return SENTENCE_BREAK_COST
    gap, silence = original[token.end() : after[0].start()], after[1] - end > MIN_PAUSE_SECONDS
    if BLANK_LINE.search(gap) or (silence and (STOP.search(_seen(token)) or "\n" in gap)):
        return SENTENCE_BREAK_COST
    return CLAUSE_BREAK_COST if silence or CLAUSE.search(_seen(token)) else WORD_BREAK_COST


def _seen(token: re.Match[str]) -> str:
    return token.group().replace(HIDDEN, "")


def _timed(words: Sequence[TimedWord], original: str) -> Iterator[Timed]:
    """What is written between spaces, and when it is said.

    What is said as one, or in silence after it, shares the time of its words by its length.
    """
    heard = deque(word for word in words if word.end > word.start)
    blocks: list[tuple[list[re.Match[str]], list[TimedWord]]] = [([], [])]
    for token in filter(_seen, TOKEN.finditer(original)):
        tokens, said = blocks[-1]
        if said and heard and said[-1].span[1] <= token.start() and heard[0].span[0] < token.end():
            tokens, said = [], []
            blocks.append((tokens, said))
        tokens.append(token)
        while heard and heard[0].span[0] < token.end():
            said.append(heard.popleft())
    for tokens, said in blocks:
        if said:
            yield from _shared(tokens, said[0].start, said[-1].end)


def _shared(tokens: Sequence[re.Match[str]], start: float, end: float) -> Iterator[Timed]:
    *most, total = accumulate((len(_seen(token)) for token in tokens), initial=0)
    times = [*(start + (end - start) * place / total for place in most), end]
    for token, pair in zip(tokens, pairwise(times), strict=True):
        yield token, *pair


def _divided(pieces: Pieces) -> Iterator[Pieces]:
    """Parts that can be read at once, as few and as even as the best places to break allow."""
    if _fit(pieces):
        yield pieces
        return
    seconds = pieces[-1].end - pieces[0].start
    parts = max(
        2, ceil(len(_text(pieces)) / (2 * MAX_LINE_CHARACTERS)), ceil(seconds / MAX_CUE_SECONDS)
    )
    cut = _cut(pieces, range(1, len(pieces)), parts // 2 / parts)
    yield from _divided(pieces[:cut])
    yield from _divided(pieces[cut:])


def _fit(pieces: Pieces) -> bool:
    seconds = pieces[-1].end - pieces[0].start
    return len(pieces) == 1 or (seconds <= MAX_CUE_SECONDS and bool(_lines(pieces)))


def _lines(pieces: Pieces) -> tuple[str, ...]:
    """One line or two, if they are no longer than lines may be; a word alone may be longer."""
    places = _places(pieces)

    def fits(start: int, stop: int) -> bool:
        return stop - start == 1 or places[stop] - places[start] - 1 <= MAX_LINE_CHARACTERS

    whole = len(pieces)
    if fits(0, whole):
        return (_text(pieces),)
    cuts = [cut for cut in range(1, whole) if fits(0, cut) and fits(cut, whole)]
    if not cuts:
        return ()
    cut = _cut(pieces, cuts, 0.5)
    return _text(pieces[:cut]), _text(pieces[cut:])


def _cut(pieces: Pieces, cuts: Sequence[int], share: float) -> int:
    """Of some places to break at, the best that leaves about this share of the text before it."""
    places = _places(pieces)
    return min(cuts, key=lambda cut: pieces[cut - 1].bad + abs(places[cut] / places[-1] - share))


def _places(pieces: Pieces) -> list[int]:
    """Where each piece would start on one line, and where another would."""
    return list(accumulate((len(piece.text) + 1 for piece in pieces), initial=0))


def _joined(parts: Sequence[Pieces]) -> list[Pieces]:
    """The same, but what would leave the screen too soon stays for what it can stand beside."""
    joined: list[Pieces] = []
    for part, after in _followed(parts):
        brief = after is not None and after[0].start - part[0].start < MIN_CUE_SECONDS
        if joined and (brief or part[0].start - joined[-1][0].start < MIN_CUE_SECONDS):
            both = [*joined[-1], *part]
            if _fit(both):
                joined[-1] = both
                continue
        joined.append(part)
    return joined


def _end(part: Pieces, after: Pieces | None) -> float:
    """It stays until it can have been read, or until the next one comes."""
    wanted = part[0].start + min(
        MAX_CUE_SECONDS, max(MIN_CUE_SECONDS, len(_text(part)) / READING_CHARACTERS_PER_SECOND)
    )
    end = max(part[-1].end, wanted)
    return min(end, after[0].start) if after else end


def _followed(items: Sequence[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Each with the one after it; the last has none."""
    return zip(items, [*items[1:], None], strict=False)


def _text(pieces: Pieces) -> str:
    return " ".join(piece.text for piece in pieces)

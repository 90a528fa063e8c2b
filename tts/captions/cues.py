"""Subtitle cues: at most two lines of readable length, with the time they are shown.

The limits are those of Netflix's Timed Text Style Guide for English: two lines of 42 characters, up
to 7 s, and 17 characters a second. The shortest cue lasts 1 s, where the guide has 5/6 s.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil
from typing import TypeVar

from tts.speech import TimedWord
from tts.text.markup.visible import HIDDEN

MAX_LINE_CHARACTERS = 42
MIN_CUE_SECONDS, MAX_CUE_SECONDS = 1.0, 7.0
READING_CHARACTERS_PER_SECOND = 17.0
MIN_PAUSE_SECONDS = 0.1  # shorter silence does not end a sentence; chosen by hand

# Costs of a break after a token. They are added to how far the break is from an even division, as a
# share of the text, from 0 to 1. Chosen by hand.
SENTENCE_BREAK_COST, CLAUSE_BREAK_COST, WORD_BREAK_COST = 0.0, 0.1, 0.4

TOKEN = re.compile(r"\S+")
CLOSING = r"""["')\]}»”\u2019*_]*$"""
STOP = re.compile(rf"[.?!…]{CLOSING}")
CLAUSE = re.compile(rf"(?:[,;:—\u2013]|^-+){CLOSING}")
OPENING = re.compile(r"[♩♪♫♬•*#>\-\u2010-\u2015]+|\.{2,}|…")  # markers that open a sentence
BLANK_LINE = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines of the original text, shown from `start` to `end`, in seconds."""

    start: float
    end: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaptionToken:
    """An indivisible part of a caption: text, times in seconds, and cost of a break after it."""

    text: str
    start: float
    end: float
    break_cost: float = WORD_BREAK_COST


Timed = tuple[re.Match[str], float, float]
Pieces = Sequence[CaptionToken]
Item = TypeVar("Item")


def make_cues(words: Sequence[TimedWord], original: str) -> list[Cue]:
    """Cues that show the original text while it is spoken.

    A cue holds one sentence, or neighbouring ones where one is too short to be read. A sentence is
    divided only if it does not fit into two lines or lasts longer than `MAX_CUE_SECONDS`.

    Args:
        words: in order, with their times in seconds and their places in `original`.
        original: the text with its markup masked (`tts.text.markup.visible.mask_markup`).

    Returns:
        Cues in order, which do not overlap; none without words that last.
    """
    parts = [part for sentence in _sentences(words, original) for part in _divided(sentence)]
    return [
        Cue(part[0].start, _end(part, after), _lines(part))
        for part, after in _followed(_joined(parts))
    ]


def _sentences(words: Sequence[TimedWord], original: str) -> Iterator[Pieces]:
    pieces: list[CaptionToken] = []
    stopped = worded = False
    for (token, start, end), after in _followed(list(_timed(words, original))):
        if not _is_marker(token):
            stopped, worded = STOP.search(_seen(token)) is not None, True
        # markers alone are no sentence
        cost = _break_cost(original, token, end, after, stopped) if worded else WORD_BREAK_COST
        pieces.append(CaptionToken(_seen(token), start, end, cost))
        if after is None or pieces[-1].break_cost == SENTENCE_BREAK_COST:
            yield pieces
            pieces, stopped, worded = [], False, False


def _break_cost(
    original: str, token: re.Match[str], end: float, after: Timed | None, stopped: bool
) -> float:
    """The cost of a break after a token. A full stop ends a sentence only before silence; it may
    stand before markers without words (`stopped`)."""
    if after is None:
        return SENTENCE_BREAK_COST
    gap, silence = original[token.end() : after[0].start()], after[1] - end > MIN_PAUSE_SECONDS
    if BLANK_LINE.search(gap) or (
        silence and (stopped or STOP.search(_seen(token)) or "\n" in gap)
    ):
        return SENTENCE_BREAK_COST
    return CLAUSE_BREAK_COST if silence or CLAUSE.search(_seen(token)) else WORD_BREAK_COST


def _seen(token: re.Match[str]) -> str:
    return token.group().replace(HIDDEN, "")


def _timed(words: Sequence[TimedWord], original: str) -> Iterator[Timed]:
    """The tokens between spaces, with their times.

    Tokens that are spoken as one word share its time in proportion to their characters, as do
    markers without words after a word. Those that open a line or a sentence, such as ♪ or a dash,
    share the time of the word after them.
    """
    audible = deque(word for word in words if word.end > word.start)
    blocks: list[tuple[list[re.Match[str]], list[TimedWord]]] = [([], [])]
    for token in filter(_seen, TOKEN.finditer(original)):
        tokens, spoken = blocks[-1]
        if (
            spoken
            and audible
            and spoken[-1].span[1] <= token.start()
            and audible[0].span[0] < token.end()
        ):
            tokens, spoken = [], []
            blocks.append((tokens, spoken))
        tokens.append(token)
        while audible and audible[0].span[0] < token.end():
            spoken.append(audible.popleft())
    for (tokens, spoken), (following, said) in pairwise(blocks):
        if spoken:
            silence = bool(said) and said[0].start - spoken[-1].end > MIN_PAUSE_SECONDS
            opening = _opening(tokens, spoken[-1].span[1], original, silence)
            following[:0] = tokens[opening:]
            del tokens[opening:]
    for tokens, spoken in blocks:
        if spoken:
            yield from _shared(tokens, spoken[0].start, spoken[-1].end)


def _opening(tokens: Sequence[re.Match[str]], stop: int, original: str, silence: bool) -> int:
    """The place of the first marker that opens what follows, among tokens spoken until `stop`."""
    place = len(tokens)
    while place > 1 and tokens[place - 1].start() >= stop and _is_marker(tokens[place - 1]):
        place -= 1
    for before, token in pairwise(tokens[place - 1 :]):
        starts_line = "\n" in original[before.end() : token.start()]
        opens = silence and OPENING.fullmatch(_seen(token)) and STOP.search(_seen(before))
        if starts_line or opens:
            break
        place += 1
    return place


def _is_marker(token: re.Match[str]) -> bool:
    """Whether a token has no words, such as ♪, ... or an emoji."""
    return not any(map(str.isalnum, token.group()))


def _shared(tokens: Sequence[re.Match[str]], start: float, end: float) -> Iterator[Timed]:
    *most, total = accumulate((len(_seen(token)) for token in tokens), initial=0)
    times = [*(start + (end - start) * place / total for place in most), end]
    for token, pair in zip(tokens, pairwise(times), strict=True):
        yield token, *pair


def _divided(pieces: Pieces) -> Iterator[Pieces]:
    """Divide a sentence into parts that fit into a cue: few, even, and broken at low cost."""
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
    """One line or two of at most `MAX_LINE_CHARACTERS`; a longer token has a line of its own.

    Nothing if they do not fit.
    """
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
    """The cheapest of some places to break at, with about `share` of the text before it."""
    places = _places(pieces)
    return min(
        cuts, key=lambda cut: pieces[cut - 1].break_cost + abs(places[cut] / places[-1] - share)
    )


def _places(pieces: Pieces) -> list[int]:
    """Where each piece starts if all stand on one line, and where one more would."""
    return list(accumulate((len(piece.text) + 1 for piece in pieces), initial=0))


def _joined(parts: Sequence[Pieces]) -> list[Pieces]:
    """Join parts shown for less than `MIN_CUE_SECONDS` to a neighbour, where both fit."""
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
    """When a cue ends: when it has been spoken and read, or when the next one begins."""
    readable = part[0].start + min(
        MAX_CUE_SECONDS, max(MIN_CUE_SECONDS, len(_text(part)) / READING_CHARACTERS_PER_SECOND)
    )
    end = max(part[-1].end, readable)
    return min(end, after[0].start) if after else end


def _followed(items: Sequence[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Each item with the one after it; the last with None."""
    return zip(items, [*items[1:], None], strict=False)


def _text(pieces: Pieces) -> str:
    return " ".join(piece.text for piece in pieces)

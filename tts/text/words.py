"""The words of a text and the slice of its phonemes that each is, for times and highlights."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tts.text.espeak import Piece, alone
from tts.text.lexicon import WORD, Lexicon
from tts.text.matching import Slice, cut
from tts.text.phonemes import MARK, NOTHING, parse
from tts.text.spoken import Span, Spoken


@dataclass(frozen=True, slots=True)
class Word:
    """A word, the span of the original text it stands for, and the slice of phonemes it is.

    It knows why, if it is not said as espeak-ng would.
    """

    text: str
    span: Span
    start: int
    stop: int
    why: str = ""


def words(
    spoken: Spoken,
    phonemes: str,
    lexicon: Lexicon | None = None,
    given: Mapping[Span, str] = NOTHING,
) -> tuple[Word, ...]:
    """The words of a text in order, by the phonemes that were made of it with the same lexicon.

    Their slices do not overlap and hold every phone; only a word without a sound has none.
    """
    clauses, _ = parse(spoken, lexicon, given)
    found: list[Word] = []
    start = 0
    for clause, heard in zip(clauses, MARK.split(phonemes), strict=True):
        found += _words(spoken, clause, heard, start)
        start += len(heard) + 1
    return tuple(found)


def _words(spoken: Spoken, clause: Sequence[Piece], heard: str, offset: int) -> Iterator[Word]:
    slices = cut(heard, [piece.phones or alone(piece.text) for piece in clause])
    for piece, parts in zip(clause, slices, strict=True):
        for (first, last), (start, stop) in _paired(spoken, piece, parts):
            span = spoken.spans[first][0], spoken.spans[last - 1][1]
            yield Word(spoken.text[first:last], span, offset + start, offset + stop, piece.why)


def _paired(spoken: Spoken, piece: Piece, parts: Sequence[Slice]) -> Iterator[tuple[Slice, Slice]]:
    """The characters and the phones of each word of a piece, or of all where they do not pair."""
    places = [word.span() for word in WORD.finditer(spoken.text, piece.start, piece.stop)]
    if len(places) == len(parts):
        yield from zip(places, parts, strict=True)
    else:
        yield (piece.start, piece.stop), (parts[0][0], parts[-1][1])

"""Words to phonemes: what a user wants, then what we know, then espeak-ng in running text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from itertools import chain, groupby

from tts.text.espeak import Piece, say
from tts.text.heteronyms import heteronyms
from tts.text.lexicon import WORD, Lexicon, Saying
from tts.text.spoken import Span, Spoken
from tts.text.symbols import PUNCTUATION

MARK = re.compile(f"[{PUNCTUATION}]")
TOKEN = re.compile(f"{WORD.pattern}|{MARK.pattern}")
# espeak-ng takes a capital A for the article, also among initials and between names.
LETTER_A = re.compile(
    r"\bA\b(?= [A-Z]\b)|(?<=\b[A-Z] )A\b|(?<=\b[A-Z])(?P<name>[a-z]+ )A(?= [A-Z])"
)
NOTHING: Mapping[Span, str] = {}
# Why a word is not said as espeak-ng would say it.
GIVEN, LEXICON, HETERONYM, CORRECTION = "phonemes", "lexicon", "heteronym", "correction"
NO_SAYING = Saying()

Found = tuple[int, int, Saying]


def phonemes(
    text: str | Spoken, lexicon: Lexicon | None = None, given: Mapping[Span, str] = NOTHING
) -> str:
    """The phonemes of a text, all of them in the inventory, its punctuation where it was.

    A lexicon wins over what is known here, and phones given for spans of the original text, as
    `tts.text.inline` finds them, win over both.
    """
    clauses, marks = parse(text, lexicon, given)
    said = say([clause for clause in clauses if clause])
    phones = iter(said)
    parts = (next(phones) if clause else "" for clause in clauses)
    joined = "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True))
    return re.sub(f"([{PUNCTUATION}])(?=[^{PUNCTUATION}])", r"\1 ", joined)


def parse(
    text: str | Spoken, lexicon: Lexicon | None = None, given: Mapping[Span, str] = NOTHING
) -> tuple[list[list[Piece]], list[str]]:
    """The clauses of a text, each of the pieces it is said in, and the marks between them."""
    spoken = Spoken.verbatim(text) if isinstance(text, str) else text
    tokens = list(TOKEN.finditer(spoken.text))
    words = [token.group() for token in tokens]
    known = _first_of(_given(tokens, spoken, given) if given else (), _found(words, lexicon))
    clauses: list[list[Piece]] = [[]]
    marks: list[str] = []
    for piece in _pieces(tokens, _readings(words), known):
        if piece.text in PUNCTUATION:
            marks.append(piece.text)
            clauses.append([])
        else:
            clauses[-1].append(piece)
    return clauses, marks


def _pieces(
    tokens: Sequence[re.Match[str]], readings: Sequence[str], known: Mapping[int, Found]
) -> Iterator[Piece]:
    place = 0
    while place < len(tokens):
        _, stop, saying = known.get(place, (place, place + 1, NO_SAYING))
        start, end = tokens[place].start(), tokens[stop - 1].end()
        text = saying.words or " ".join(readings[place:stop])
        yield Piece(start, end, text, saying.phones, saying.why)
        place = stop


def _readings(words: Sequence[str]) -> Sequence[str]:
    """The words as espeak-ng needs them written."""
    if "A" not in words:
        return words
    return LETTER_A.sub(r"\g<name>eigh", " ".join(words)).split(" ")


def _first_of(*sources: Iterable[Found]) -> dict[int, Found]:
    """What was found, by where it begins; of what overlaps, only what was found first."""
    taken: set[int] = set()
    found: dict[int, Found] = {}
    for first, stop, saying in chain.from_iterable(sources):
        if taken.isdisjoint(range(first, stop)):
            taken.update(range(first, stop))
            found[first] = first, stop, saying
    return found


def _given(
    tokens: Sequence[re.Match[str]], spoken: Spoken, given: Mapping[Span, str]
) -> Iterator[Found]:
    """The words that stand for a stretch of the original text whose phones were given."""
    spans = spoken.spans
    near = [span for span in given if spans and span[1] > spans[0][0] and span[0] < spans[-1][1]]

    def stretch(place: int) -> Span | None:
        start = spans[tokens[place].start()][0]
        return next((span for span in near if span[0] <= start < span[1]), None)

    for span, group in groupby(range(len(tokens)), stretch):
        places = [place for place in group if tokens[place].group() not in PUNCTUATION]
        if span and places:
            saying = Saying(given[span], why=GIVEN)
            more = spans[tokens[places[-1]].end() - 1][1] > span[1]
            yield places[0], places[-1] + 1, saying.possessive() if more else saying


def _found(words: Sequence[str], lexicon: Lexicon | None) -> Iterator[Found]:
    if lexicon:
        yield from _because(LEXICON, lexicon.find(words))
    for place, phones, sense in heteronyms(words):
        yield place, place + 1, Saying(phones, why=f"{HETERONYM}: {sense}")
    yield from _because(CORRECTION, corrections().find(words))


def _because(why: str, found: Iterable[Found]) -> Iterator[Found]:
    for first, stop, saying in found:
        yield first, stop, replace(saying, why=why)


@cache
def corrections() -> Lexicon:
    """The words that espeak-ng is known to say wrong."""
    with as_file(files("tts.text").joinpath("corrections.tsv")) as path:
        return Lexicon.load(path)

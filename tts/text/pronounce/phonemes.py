"""Phonemes of normalised text.

The pronunciation of a word comes from the first of these that has it: phonemes given in the text,
the user's lexicon, spelt acronyms, the corrections of this package, and the dictionary (`g2p`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tts.text.normalise.spans import Span, SpannedText
from tts.text.pronounce.conventions import MISAKI, adapt
from tts.text.pronounce.dictionary import PAUSE
from tts.text.pronounce.g2p import Pronunciation, onset_class, pronounce, spell
from tts.text.pronounce.ipa import with_s
from tts.text.pronounce.lexicon import Lexicon, LexiconEntry
from tts.text.pronounce.sentence import (
    CORRECTION,
    LEXICON,
    MARKS,
    TaggedSentence,
    corrections,
    pronounce_entry,
)

LETTER = re.compile("[A-Z](?:'s)?(?![^-])")
ENDS_IN_LETTER = re.compile("(?<![^-])[A-Z]$")
NOTHING: Mapping[Span, str] = {}
GIVEN = "phonemes"  # the reason of words whose phonemes the text gives

LexiconMatch = tuple[int, int, LexiconEntry]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of normalised text and its place in the phonemes.

    Args:
        text: the word.
        span: its start and end in the original text, in characters.
        start: the index of its first phoneme.
        stop: the index after its last phoneme.
        reason: why it has these phonemes, if they are not the only ones of the dictionary.
    """

    text: str
    span: Span
    start: int
    stop: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PronouncedUnit:
    """Words that are pronounced together, or a punctuation mark, with their spans in the text."""

    token_spans: Sequence[Span]
    pronunciation: Pronunciation

    @property
    def start(self) -> int:
        return self.token_spans[0][0]

    @property
    def stop(self) -> int:
        return self.token_spans[-1][1]


def phonemise_words(
    text: str | SpannedText,
    lexicon: Lexicon | None = None,
    phone_overrides: Mapping[Span, str] = NOTHING,
    convention: str = MISAKI,
) -> tuple[str, tuple[Word, ...]]:
    """Convert normalised text to phonemes.

    Args:
        text: normalised text of one or more sentences.
        lexicon: the user's pronunciations, which come before the dictionary.
        phone_overrides: phones for spans of the original text, as
            `tts.text.markup.phoneme_tags` finds them; they come before the lexicon.
        convention: the phoneme convention of the voice, one of `tts.text.pronounce.conventions`.

    Returns:
        The phonemes with the punctuation of the text, in the symbols of the inventory
        (`tts.text.pronounce.symbols`); and the words in order. The slices of the words do not
        overlap and hold every phone; only a word without phonemes has an empty slice.

    Example:
        >>> phonemise_words("I record a record.")[0]
        'ˌI ɹəkˈɔɹd ə ɹˈɛkəɹd.'
    """
    spoken = SpannedText.of(text)
    said, words = "", list[Word]()
    for piece in _pieces(spoken, lexicon, phone_overrides):
        phones = piece.pronunciation.phones
        if piece.pronunciation.reason not in (GIVEN, LEXICON):
            phones = adapt(phones, spoken.text[piece.start : piece.stop], convention)
        if phones in MARKS:
            said += phones
            continue
        said += " " * bool(said)
        words += _words(spoken, piece, phones, len(said))
        said += phones
    return said, tuple(words)


def _words(spoken: SpannedText, piece: PronouncedUnit, phones: str, offset: int) -> Iterator[Word]:
    """The words of a unit with their phones; one word for all if they cannot be paired."""
    slices = [(0, len(phones))]
    if " " in phones and len(piece.token_spans) > 1:
        slices = [part.span() for part in re.finditer("[^ ]+", phones)]
    if len(slices) == len(piece.token_spans):
        places = piece.token_spans
    else:
        places, slices = ((piece.start, piece.stop),), [(0, len(phones))]
    for (first, last), (start, stop) in zip(places, slices, strict=True):
        span = spoken.spans[first][0], spoken.spans[last - 1][1]
        yield Word(
            spoken.text[first:last], span, offset + start, offset + stop, piece.pronunciation.reason
        )


def _pieces(
    spoken: SpannedText, lexicon: Lexicon | None, given: Mapping[Span, str]
) -> list[PronouncedUnit]:
    """The pronounced words and marks of a text, in order.

    They are pronounced from the last to the first, since `the` and `to` depend on the next word.
    """
    sentence = TaggedSentence.of(spoken, lexicon)
    known = {stop: (first, saying) for first, stop, saying in _known(sentence, lexicon, given)}
    pieces: list[PronouncedUnit] = []
    following, place = PAUSE, len(sentence.tokens)
    while place:
        first, saying = known.get(place, (place - 1, None))
        said = (
            pronounce_entry(saying, following, saying.reason)
            if saying
            else sentence.pronounce(first, following)
        )
        pieces.append(PronouncedUnit(sentence.token_spans(first, place), said))
        following = PAUSE if said.phones in MARKS else onset_class(said.phones, following)
        place = first
    return pieces[::-1]


def _known(
    sentence: TaggedSentence, lexicon: Lexicon | None, given: Mapping[Span, str]
) -> Iterable[LexiconMatch]:
    """The words that the dictionary does not decide: first and last token, and pronunciation."""
    sources = [
        _given(sentence, given) if given else (),
        _because(LEXICON, lexicon.find(sentence.words)) if lexicon else (),
        _acronyms(sentence),
        _because(CORRECTION, corrections().find(sentence.words)),
    ]
    taken: set[int] = set()
    for number, source in enumerate(sources):
        for first, stop, saying in source:
            certain = number < len(sources) - 1 or not sentence.is_homograph(first)
            if certain and taken.isdisjoint(range(first, stop)):
                taken.update(range(first, stop))
                yield first, stop, saying


def _given(sentence: TaggedSentence, given: Mapping[Span, str]) -> Iterator[LexiconMatch]:
    """The words from spans of the original text whose phones are given."""
    spans = sentence.spoken.spans
    near = [span for span in given if spans and span[1] > spans[0][0] and span[0] < spans[-1][1]]

    def stretch(place: int) -> Span | None:
        start, _ = sentence.span(place)
        return next((span for span in near if span[0] <= start < span[1]), None)

    for span, group in groupby(range(len(sentence.tokens)), stretch):
        places = [place for place in group if sentence.words[place] not in MARKS]
        if span and places:
            saying = LexiconEntry(given[span], reason=GIVEN)
            more = sentence.span(places[-1])[1] > span[1]
            yield places[0], places[-1] + 1, saying.possessive() if more else saying


def _acronyms(sentence: TaggedSentence) -> Iterator[LexiconMatch]:
    """Letters that were written together and are pronounced as one word: FBI, U.S., FBI-led."""
    place = 0
    while place < len(sentence.words):
        stop = place + 1
        while stop < len(sentence.words) and _goes_on(sentence, stop):
            stop += 1
        if stop - place > 1:
            yield place, stop, _spelt(sentence, place, stop)
        place = stop


def _goes_on(sentence: TaggedSentence, place: int) -> bool:
    """Whether a token begins with a letter and was written directly after the letter before it."""
    before, word = sentence.words[place - 1 : place + 1]
    if not ENDS_IN_LETTER.search(before) or not LETTER.match(word):
        return False
    return sentence.span(place)[0] <= sentence.span(place - 1)[1]


def _spelt(sentence: TaggedSentence, first: int, stop: int) -> LexiconEntry:
    """The pronunciation of spelt letters, with the parts that hyphens join to them."""
    last = stop - 1
    *head, initial = sentence.parts[first]
    final, *tail = sentence.parts[last]
    letters = "".join((initial, *sentence.words[first + 1 : last], final[0]))
    phones = spell(letters)
    said = pronounce(
        [*head, letters, *tail],
        [*sentence.tags[first][:-1], "NNP", *sentence.tags[last][1:]],
        [
            *sentence.senses[first][:-1],
            Pronunciation(phones if len(final) == 1 else with_s(phones)),
            *sentence.senses[last][1:],
        ],
        PAUSE,
    )
    return LexiconEntry(said.phones)


def _because(why: str, found: Iterable[LexiconMatch]) -> Iterator[LexiconMatch]:
    for first, stop, saying in found:
        yield first, stop, replace(saying, reason=why)

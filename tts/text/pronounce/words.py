"""Words of a text in phonemes that were made elsewhere, such as those of a corpus."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from tts.text.normalise.spans import SpannedText
from tts.text.pronounce.alignment import align
from tts.text.pronounce.phonemes import Word, phonemise_words
from tts.text.pronounce.sentence import MARK


def align_words(spoken: SpannedText, phonemes: str) -> tuple[Word, ...]:
    """Find the words of a text in given phonemes.

    Args:
        spoken: the normalised text.
        phonemes: its phonemes from elsewhere, with the same punctuation.

    Returns:
        The words in order, each with its slice of `phonemes`. Slices do not overlap and hold every
        phone; only a word without phonemes has an empty slice.

    Raises:
        ValueError: the punctuation of the phonemes differs from that of the text.
    """
    said, known = phonemise_words(spoken)
    by_clause = groupby(known, lambda word: len(MARK.findall(said, 0, word.start)))
    clauses = {place: list(group) for place, group in by_clause}
    heard = MARK.split(phonemes)
    if len(heard) != len(MARK.split(said)):
        raise ValueError(f"expected the punctuation of {said!r}, got {phonemes!r}")
    found: list[Word] = []
    start = 0
    for place, clause in enumerate(heard):
        found += _words(clauses.get(place, []), said, clause, start)
        start += len(clause) + 1
    return tuple(found)


def _words(clause: Sequence[Word], said: str, heard: str, offset: int) -> Iterator[Word]:
    slices = align(heard, [said[word.start : word.stop] for word in clause])
    for word, parts in zip(clause, slices, strict=True):
        yield replace(word, start=offset + parts[0][0], stop=offset + parts[-1][1])

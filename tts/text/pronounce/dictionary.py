"""The pronouncing dictionary: misaki's US lexicons, as one table that is searched where it lies.

A line of the table is a word, a tab and its phones. A word that is said in several ways has them by
key, `key=phones`: a key is what comes after the word (`PAUSE`, `VOWEL`), a Penn tag, a part of
speech (`NOUN`), or `DEFAULT`. Phones of words from the less certain lexicon follow a `~`.
`tts.training.pronunciation` makes the table.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

DEFAULT = "DEFAULT"
PAUSE, VOWEL = "PAUSE", "VOWEL"  # what comes after a word
UNCERTAIN = "~"
PARTS = {"VB": "VERB", "NN": "NOUN", "RB": "ADV", "JJ": "ADJ"}


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """How a word is said.

    Args:
        phones: the phones by key; a word that is always said alike has `DEFAULT` alone. Empty
            phones say that the word is spelt, letter by letter.
        certain: False for words of the lexicon whose entries nobody has checked.
    """

    phones: Mapping[str, str]
    certain: bool = True

    def choose(self, tag: str, *conditions: str) -> tuple[str, str]:
        """The key that decides and its phones: a condition first, then the tag, then its part."""
        for key in (*conditions, tag, coarse_tag(tag)):
            if key in self.phones:
                return key, self.phones[key]
        return DEFAULT, self.phones[DEFAULT]


def coarse_tag(tag: str) -> str:
    """The part of speech of a Penn tag: VERB for VBD, NOUN for NNS; others are their own."""
    return PARTS.get(tag[:2], tag)


@lru_cache(1 << 15)
def look_up(word: str) -> DictionaryEntry | None:
    """The entry of a word as it is written, or as it is at the start of a sentence, or of a name.

    `the` is found for `The`, and `Paris` for `paris`; not `THE`.
    """
    line = _search(word)
    if line is None and len(word) > 1:
        lower, capital = word.lower(), word.capitalize()
        if word == capital != lower:
            line = _search(lower)
        elif word == lower != capital:
            line = _search(capital)
    return None if line is None else _entry(line)


def _entry(line: str) -> DictionaryEntry:
    certain, phones = not line.startswith(UNCERTAIN), line.removeprefix(UNCERTAIN)
    if "=" not in phones:
        return DictionaryEntry({DEFAULT: phones}, certain)
    pairs = (pair.partition("=") for pair in phones.split(" "))
    return DictionaryEntry({key: said for key, _, said in pairs}, certain)


def _search(word: str) -> str | None:
    """What stands after a word in the table, whose lines are sorted: a binary search."""
    table, wanted = _table(), word.encode()
    low, high = 0, len(table)
    while low < high:
        start = table.rfind(b"\n", low, (low + high) // 2) + 1 or low
        stop = table.find(b"\n", start)
        found, _, phones = table[start:stop].partition(b"\t")
        if found == wanted:
            return phones.decode()
        if found < wanted:
            low = stop + 1
        else:
            high = start
    return None


@cache
def _table() -> bytes:
    return gzip.decompress(files("tts.text.pronounce").joinpath("dictionary.tsv.gz").read_bytes())

"""The pronunciation dictionary: misaki's two US lexicons as one sorted table.

A line of the table is a word, a tab and its phones. A word with several pronunciations has them by
key, `key=phones`. A key is what follows the word (`PAUSE`, `VOWEL`), a Penn tag, a part of speech
(`NOUN`), or `DEFAULT`. A `~` marks words of misaki's silver lexicon, which was not checked by hand.
`tts.training.pronunciation` makes the table.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

DEFAULT = "DEFAULT"
PAUSE, VOWEL = "PAUSE", "VOWEL"  # what follows a word
UNCERTAIN = "~"
PARTS = {"VB": "VERB", "NN": "NOUN", "RB": "ADV", "JJ": "ADJ"}


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """The pronunciations of a word.

    Args:
        phones: the phones by key; a word with one pronunciation has only `DEFAULT`. Empty phones
            mean that the word is spelt letter by letter.
        certain: False for words of the lexicon that was not checked by hand.
    """

    phones: Mapping[str, str]
    certain: bool = True

    def choose(self, tag: str, *conditions: str) -> tuple[str, str]:
        """Choose a pronunciation.

        Args:
            tag: the Penn tag of the word.
            conditions: other keys, such as what follows the word; they come before the tag.

        Returns:
            The first key that the entry has (a condition, the tag, its part of speech, or
            `DEFAULT`), and its phones.
        """
        for key in (*conditions, tag, coarse_tag(tag)):
            if key in self.phones:
                return key, self.phones[key]
        return DEFAULT, self.phones[DEFAULT]


def coarse_tag(tag: str) -> str:
    """The part of speech of a Penn tag: VERB for VBD, NOUN for NNS; other tags stay as they are."""
    return PARTS.get(tag[:2], tag)


@lru_cache(1 << 15)
def look_up(word: str) -> DictionaryEntry | None:
    """The entry of a word, or of the same word with its first letter in the other case.

    `the` is found for `The`, and `Paris` for `paris`, but nothing for `THE`.
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
    """The rest of a word's line in the table, by binary search over its sorted bytes."""
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

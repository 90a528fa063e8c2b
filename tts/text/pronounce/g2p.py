"""Grapheme to phoneme: a word's phones by the dictionary and its part of speech, or by espeak-ng.

The rules and their constants are those of misaki (https://github.com/hexgrad/misaki): stress of
capitals, spelt words, stems of inflected words, stress in compounds. The voice that read the
training corpus was trained on misaki's phonemes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tts.text.pronounce.dictionary import (
    DEFAULT,
    PAUSE,
    VOWEL,
    DictionaryEntry,
    coarse_tag,
    look_up,
)
from tts.text.pronounce.espeak import MAX_WORD_CHARACTERS, pronounce_with_espeak
from tts.text.pronounce.inflection import inflect, stems
from tts.text.pronounce.ipa import FULL_VOWEL, VOWELS
from tts.text.pronounce.stress import PRIMARY, SECONDARY, STRESSED, demote, ensure_stress

CONSONANT = "CONSONANT"
# Words that a capital does not stress, and that are not spelt in capitals.
WEAK = frozenset(("a", "am", "an", "i", "in", "the", "to"))
SCHWAS = {"ə": "", "ən": CONSONANT, "əm": CONSONANT}
LONG_NAME = 8  # a name with so many letters is looked up in small letters
DIPHTHONGS = frozenset("AIOWYʤʧ")  # symbols of two sounds, which count double in compound stress
PREFIXES = {"de": "dˌi", "inter": "ˌɪntəɹ", "re": "ɹˌi"}  # pronounced otherwise as single words
CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
ESPEAK = "espeak"
PART_OF_SPEECH = "part of speech"
NAMES = {
    "ADJ": "adjective",
    "ADV": "adverb",
    "DT": "determiner",
    "NOUN": "noun",
    "VERB": "verb",
}


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """The phones of a word, and the reason for them if the word has other pronunciations."""

    phones: str
    reason: str = ""


def pronounce(
    parts: Sequence[str],
    tags: Sequence[str],
    senses: Sequence[Pronunciation | None],
    following: str,
) -> Pronunciation:
    """The pronunciation of a word, or of a compound whose parts are joined by hyphens.

    Args:
        parts: the word, split at its hyphens.
        tags: the Penn tag of each part.
        senses: the pronunciation of each part where it is known already, or None.
        following: what follows the word: `PAUSE`, `VOWEL` or `CONSONANT`.

    Returns:
        The phones of the whole word, and the reason of the first part that has one.

    Example:
        >>> pronounce(["cat"], ["NN"], [None], PAUSE).phones
        'kˈæt'
    """
    if len(parts) == 1:
        return senses[0] or _word(parts[0], tags[0], following)
    said: list[Pronunciation] = []
    stop = len(parts)
    while stop:
        start = _longest_known(parts, stop)
        compound = "-".join(parts[start:stop])
        sense = senses[start] if stop - start == 1 else None
        tag = _tag_of(parts[start:stop], tags[start:stop])
        if stop < len(parts) and compound.lower() in PREFIXES:
            sense = Pronunciation(PREFIXES[compound.lower()])
        said.insert(0, sense or _word(compound, tag, following))
        following, stop = onset_class(said[0].phones, following), start
    why = next((one.reason for one in said if one.reason), "")
    return Pronunciation(_compound([one.phones for one in said], parts), why)


def onset_class(phones: str, otherwise: str = PAUSE) -> str:
    """Whether phones begin with a `VOWEL` or a `CONSONANT`, for the word before them.

    As in misaki, weak words that begin with a schwa do not count as vowels: for `a`, the class is
    `otherwise`, that of the word after it.
    """
    if phones in SCHWAS:
        return SCHWAS[phones] or otherwise
    bare = phones.lstrip(PRIMARY + SECONDARY + " ")
    if not bare:
        return otherwise
    return VOWEL if bare[0] in VOWELS else CONSONANT


def spell(word: str) -> str:
    """The names of letters as one word, with primary stress on the last."""
    names = [entry.phones[DEFAULT] for one in word.upper() if (entry := look_up(one))]
    said = demote("".join(names))
    head, mark, tail = said.rpartition(SECONDARY)
    return head + PRIMARY * bool(mark) + tail


def _longest_known(parts: Sequence[str], stop: int) -> int:
    """The start of the longest compound that ends at `stop` and is in the dictionary."""
    for start in range(max(0, stop - 4), stop - 1):
        if look_up("-".join(parts[start:stop])):
            return start
    return stop - 1


def _tag_of(parts: Sequence[str], tags: Sequence[str]) -> str:
    """The tag of the longest part."""
    longest = max(range(len(parts)), key=lambda place: len(parts[place]))
    return tags[longest]


def _compound(phones: Sequence[str], parts: Sequence[str]) -> str:
    """The phones of a compound: the lighter half of its stressed parts get secondary stress."""
    said = list(phones)
    weights = sorted(
        (PRIMARY in one, sum(2 if phone in DIPHTHONGS else 1 for phone in one), place)
        for place, one in enumerate(said)
        if one
    )
    if len(weights) == 2 and len(parts[weights[0][2]]) == 1:
        weights = weights[1:]
    elif sum(stressed for stressed, _, _ in weights) <= (len(weights) + 1) // 2:
        return "".join(said)
    else:
        weights = weights[: len(weights) // 2]
    for _, _, place in weights:
        said[place] = demote(said[place])
    return "".join(said)


def _word(word: str, tag: str, following: str) -> Pronunciation:
    if word.lower() in WEAK and (entry := _weak(word, tag)):
        return Pronunciation(entry.choose(tag, following)[1])
    spelling = _in_small_letters(word, tag)
    emphasis = "" if word.islower() else PRIMARY if word.isupper() else SECONDARY
    found = _known(spelling, tag, following, emphasis) or _inflected(
        spelling, tag, following, emphasis
    )
    return found or _unknown(word, tag, following)


def _weak(word: str, tag: str) -> DictionaryEntry | None:
    if word == "A" or (word.isupper() and len(word) > 1 and not tag.startswith("NN")):
        return look_up(word.lower())
    return look_up(word) if len(word) == 1 or not word.isupper() else None


def _in_small_letters(word: str, tag: str) -> str:
    """The form in which a word is looked up: in small letters, except a short name."""
    if (
        len(word) == 1
        or word.islower()
        or look_up(word)
        or (tag == "NNP" and len(word) < LONG_NAME)
    ):
        return word
    lower = word.lower()
    if word not in (word.upper(), word.capitalize()):
        return word
    return lower if look_up(lower) or any(_is_known(stem) for stem, _ in stems(lower)) else word


def _is_known(word: str) -> bool:
    if look_up(word):
        return True
    if not (word.isascii() and word.isalpha()):
        return False
    if len(word) == 1 or word[1:].isupper():
        return True
    lower = look_up(word.lower()) if word.isupper() else None
    return lower is not None and lower.certain


def _known(word: str, tag: str, following: str, emphasis: str) -> Pronunciation | None:
    """The pronunciation of a word of the dictionary, or of capitals that are spelt."""
    if not _is_known(word):
        return None
    entry = look_up(word)
    name = False
    if word.isupper() and not (entry and entry.certain):
        entry, name = look_up(word.lower()), tag == "NNP"
    if entry is None or (name and not entry.certain):
        return Pronunciation(spell(word))
    key, phones = entry.choose(tag, following)
    if not phones or (name and PRIMARY not in phones):
        return Pronunciation(spell(word), _why(entry, key, tag))
    return Pronunciation(
        ensure_stress(phones, emphasis) if emphasis else phones, _why(entry, key, tag)
    )


def _why(entry: DictionaryEntry, key: str, tag: str) -> str:
    """The part of speech as a reason, if it decides between several pronunciations."""
    tagged = {other for other in entry.phones if other not in (PAUSE, VOWEL)}
    name = NAMES.get(coarse_tag(tag), "")
    if len(tagged) == 1 or key in (PAUSE, VOWEL) or (key == DEFAULT and not name):
        return ""
    return f"{PART_OF_SPEECH}: {name or 'other'} ({tag})"


def _inflected(word: str, tag: str, following: str, emphasis: str) -> Pronunciation | None:
    """The pronunciation of an inflected word whose stem is known; `cats'` is as `cats`."""
    if word.endswith("'") and len(word) > 1:
        return _known(word[:-1], tag, following, emphasis) or _inflected(
            word[:-1], tag, following, emphasis
        )
    for stem, ending in stems(word):
        least = emphasis or (SECONDARY if ending == "ing" else "")
        if found := _known(stem, tag, following, least):
            return Pronunciation(inflect(found.phones, ending), found.reason)
    return None


def _unknown(word: str, tag: str, following: str) -> Pronunciation:
    """The pronunciation of a word by its parts, as in `YouTube`, or else by espeak-ng."""
    if len(word) > MAX_WORD_CHARACTERS:
        return Pronunciation(
            " ".join(pronounce_with_espeak(one) for one in word if one.isalnum()), ESPEAK
        )
    parts = CAMEL.split(word)
    if len(parts) > 1 and all(map(_is_known, parts)):
        count = len(parts)
        return pronounce(parts, [tag] * count, [None] * count, following)
    phones = pronounce_with_espeak(word).replace("ɪə", "iə").replace("ɹɹ", "ɹ")
    if len(parts) > 1:
        phones = phones.replace(" ", "")
    if not STRESSED.search(phones):
        phones = FULL_VOWEL.sub(PRIMARY, phones, count=1)
    return Pronunciation(phones, ESPEAK)

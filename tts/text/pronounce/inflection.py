"""Regular inflections: the phones of a word with -s, -ed or -ing from those of its stem.

The rules and the lists of phones are those of misaki.
"""

import re
from collections.abc import Iterator

from tts.text.pronounce.ipa import with_s

DOUBLED = re.compile(r"([bcdgklmnprstvxz])\1ing$|cking$")
FLAPPING = "AIOWYiuæɑəɛɪɹʊʌ"  # a t between these and -ed or -ing is a flap


def stems(word: str) -> Iterator[tuple[str, str]]:
    """The possible stems of a word in small letters, each with its ending."""
    yield from ((stem, "s") for stem in _stems_s(word))
    yield from ((stem, "ed") for stem in _stems_ed(word))
    yield from ((stem, "ing") for stem in _stems_ing(word))


def _stems_s(word: str) -> Iterator[str]:
    if len(word) < 3 or not word.endswith("s"):
        return
    if not word.endswith("ss"):
        yield word[:-1]
    if word.endswith("'s") or (len(word) > 4 and word.endswith("es") and word[-3] != "i"):
        yield word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        yield word[:-3] + "y"


def _stems_ed(word: str) -> Iterator[str]:
    if len(word) < 4 or not word.endswith("d"):
        return
    if not word.endswith("dd"):
        yield word[:-1]
    if len(word) > 4 and word.endswith("ed") and word[-3] != "e":
        yield word[:-2]


def _stems_ing(word: str) -> Iterator[str]:
    if len(word) < 5 or not word.endswith("ing"):
        return
    if len(word) > 5:
        yield word[:-3]
    yield word[:-3] + "e"
    if len(word) > 5 and DOUBLED.search(word):
        yield word[:-4]


def inflect(phones: str, ending: str) -> str:
    """The phones of a stem with its ending, `s`, `ed` or `ing`.

    Example:
        >>> inflect("kˈæt", "s"), inflect("wˈɑnt", "ed"), inflect("wˈAt", "ing")
        ('kˈæts', 'wˈɑntᵻd', 'wˈATɪŋ')
    """
    if ending == "s":
        return with_s(phones)
    if ending == "ed":
        return _with_ed(phones)
    return (phones[:-1] + "T" if _flaps(phones) else phones) + "ɪŋ"


def _with_ed(phones: str) -> str:
    if phones[-1] in "pkfθʃsʧ":
        return phones + "t"
    if phones[-1] not in "td":
        return phones + "d"
    return (phones[:-1] + "T" if _flaps(phones) else phones) + "ᵻd"


def _flaps(phones: str) -> bool:
    return len(phones) > 1 and phones[-1] == "t" and phones[-2] in FLAPPING

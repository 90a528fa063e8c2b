"""espeak-ng through phonemizer: words in, phones out, as they run together in a sentence.

espeak-ng keeps its state in global variables, so a process has one backend, behind a lock.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock

import espeakng_loader
from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper

from tts.text.ipa import VOWELS, fold

# A known stretch is said to espeak-ng as nonsense that begins and ends alike, so that the words
# beside it join it as they should: `the` and `to` before a vowel, a linking r after one.
STAND_IN = re.compile(r"(?<![^ ])[zɹ]?ˈYz(?P<end>ɑv|əɹ*)(?![^ ])")
ENDS = (("əɹ", "er"), ("ə", "a"), ("", "ov"))

_lock = Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `stop` of a text as espeak-ng is to read them, or phones if known.

    It knows why, if it is not said as espeak-ng would.
    """

    start: int
    stop: int
    text: str
    phones: str = ""
    why: str = ""


def say(clauses: Sequence[Sequence[Piece]]) -> list[str]:
    """The phones of each clause as they run together; what was known is there as it was."""
    plain = _espeak([" ".join(_readable(piece) for piece in clause) for clause in clauses])
    return [_restored(*pair) for pair in zip(clauses, plain, strict=True)]


@lru_cache(4096)
def alone(text: str) -> str:
    """The phones of words that nothing stands beside."""
    return _espeak([text])[0]


def _readable(piece: Piece) -> str:
    if not piece.phones:
        return piece.text
    sounds = piece.phones.lstrip("ˈˌ")
    start = "oy" if sounds[0] in VOWELS else "roy" if sounds[0] == "ɹ" else "zoy"
    return start + "z" + next(letters for end, letters in ENDS if sounds.endswith(end))


def _restored(clause: Sequence[Piece], plain: str) -> str:
    """The phones of a clause, with those that are known instead of their stand-ins."""
    known = [piece.phones for piece in clause if piece.phones]
    if not known:
        return plain
    if len(STAND_IN.findall(plain)) != len(known):
        # the text has such nonsense of its own
        return " ".join(piece.phones or alone(piece.text) for piece in clause)
    phones = iter(known)
    return STAND_IN.sub(lambda match: _linked(next(phones), match["end"]), plain)


def _linked(phones: str, end: str) -> str:
    """Known phones, with the r that links them to a vowel after them."""
    short = next(known for known, _ in ENDS if phones.endswith(known))
    return phones + end.removeprefix(short) if short else phones


def _espeak(clauses: Iterable[str]) -> list[str]:
    with _lock:
        return [fold(words.strip()) for words in _backend().phonemize(list(clauses))]


@cache
def _backend() -> EspeakBackend:
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    return EspeakBackend(
        "en-us",
        with_stress=True,
        tie="^",
        language_switch="remove-flags",
        logger=logging.Logger("espeak", logging.CRITICAL),
    )

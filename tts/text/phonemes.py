"""Words to phonemes: espeak-ng through phonemizer, folded to one character a phone.

espeak-ng keeps its state in global variables, so a process has one backend, behind a lock.
"""

import logging
import re
from functools import cache
from threading import Lock

import espeakng_loader
from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper

from tts.text.symbols import INVENTORY, PUNCTUATION

SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"
FOLDS = (
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("e", "A"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("o^ʊ", "O"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("ɐ", "ə"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("r", "ɹ"),
    ("x", "k"),
)
# espeak-ng takes a capital A for the article, also among initials and between names.
LETTER_A = re.compile(
    r"\bA\b(?= [A-Z]\b)|(?<=\b[A-Z] )A\b|(?<=\b[A-Z])(?P<name>[a-z]+ )A(?= [A-Z])"
)

_lock = Lock()


def phonemes(text: str) -> str:
    """The phonemes of a text, all of them in the inventory, its punctuation where it was."""
    clauses = [_readable(clause) for clause in re.split(f"([{PUNCTUATION}])", text)]
    words = iter(_espeak([clause for clause in clauses if _is_said(clause)]))
    said = "".join(_fold(next(words)) if _is_said(clause) else clause for clause in clauses)
    return re.sub(f"([{PUNCTUATION}])(?=[^{PUNCTUATION}])", r"\1 ", said)


def _readable(clause: str) -> str:
    """A clause without what espeak-ng would name aloud or read in another language."""
    words = " ".join(re.sub(f"[^A-Za-z0-9'{PUNCTUATION}-]", " ", clause).split())
    return LETTER_A.sub(r"\g<name>eigh", words) if _is_said(words) else words.strip(" '-")


def _is_said(clause: str) -> bool:
    return any(character.isalnum() for character in clause)


def _espeak(clauses: list[str]) -> list[str]:
    with _lock:
        return [words.strip() for words in _backend().phonemize(clauses)]


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


def _fold(ipa: str) -> str:
    """One character a phone; ties, length marks and what no English word needs are dropped."""
    for written, folded in FOLDS:
        ipa = ipa.replace(written, folded)
    ipa = re.sub(f"(.){SYLLABIC}", r"ᵊ\1", ipa)
    return "".join(symbol for symbol in ipa if symbol in INVENTORY)

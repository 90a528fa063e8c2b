"""espeak-ng through phonemizer: the phones of a word that no dictionary has.

espeak-ng keeps its state in global variables, so a process has one backend, behind a lock.
"""

import logging
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from tts.text.pronounce.ipa import fold_espeak_ipa

MAX_WORD_CHARACTERS = (
    64  # characters of a word; of some longer ones espeak-ng 1.52 aborts the process
)
_lock = Lock()


@lru_cache(4096)
def pronounce_with_espeak(text: str) -> str:
    """The phones of a word that nothing stands beside, in the symbols of the inventory.

    Raises:
        ValueError: if the word is longer than espeak-ng is trusted with.
    """
    if len(text) > MAX_WORD_CHARACTERS:
        raise ValueError(
            f"expected a word of at most {MAX_WORD_CHARACTERS} characters, not {len(text)}"
        )
    with _lock:
        (words,) = _backend().phonemize([text])
    return fold_espeak_ipa(words.strip())


@cache
def _backend() -> Any:
    # what most texts do without takes a third of the time of a start to import
    import espeakng_loader
    from phonemizer.backend import EspeakBackend
    from phonemizer.backend.espeak.wrapper import EspeakWrapper

    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    return EspeakBackend(
        "en-us",
        with_stress=True,
        tie="^",
        language_switch="remove-flags",
        logger=logging.Logger("espeak", logging.CRITICAL),
    )

"""espeak-ng through phonemizer: the phones of words that the dictionary lacks.

espeak-ng keeps its state in global variables, so a process has one backend, behind a lock.
"""

import logging
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from tts.text.pronounce.ipa import fold_espeak_ipa

# espeak-ng 1.52 aborts the process for some longer words. The limit was chosen by hand.
MAX_WORD_CHARACTERS = 64
_lock = Lock()


@lru_cache(4096)
def pronounce_with_espeak(text: str) -> str:
    """The phones of a single word by espeak-ng, in the symbols of the inventory.

    Calls from several threads are made one after another. Results are cached.

    Raises:
        ValueError: the word has more than 64 characters.
    """
    if len(text) > MAX_WORD_CHARACTERS:
        raise ValueError(
            f"a word must have at most {MAX_WORD_CHARACTERS} characters, got {len(text)}"
        )
    with _lock:
        (words,) = _backend().phonemize([text])
    return fold_espeak_ipa(words.strip())


@cache
def _backend() -> Any:
    # imported here, as most texts need no espeak-ng and the import takes a third of the start-up
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

"""The languages that can be read, and how each is written.

To add a language, write its rewrites and name them here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from tts.text.normalise.rule import Rewrite
from tts.text.options import TextOptions

Rewriting = Callable[[TextOptions, str], tuple[Rewrite, ...]]
SayAs = Callable[[str, str, TextOptions], str]
ASCII_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """Its code, its letters beyond A to Z, and the module that reads it.

    Another module says something as a number, a date or letters, when asked to.
    """

    code: str
    letters: str
    module: str
    say_as_module: str

    @property
    def alphabet(self) -> str:
        """All that its words and sentences are spelt with."""
        return ASCII_LETTERS + self.letters + "'- .,;:?!"

    def rewrites(self, reading: TextOptions) -> tuple[Rewrite, ...]:
        """Its rewrites, in order, for a reading; a module is imported when first read from."""
        made: Rewriting = import_module(self.module).rewrites
        return made(reading, self.letters)

    def sayings(self) -> Mapping[str, SayAs]:
        """What it can say something as: functions of what is written, a format and a reading."""
        readers: Mapping[str, SayAs] = import_module(self.say_as_module).READERS
        return readers


LANGUAGES = {
    language.code: language
    for language in (
        Language(
            code="en-us",
            letters="",
            module="tts.text.normalise.english",
            say_as_module="tts.text.normalise.english.say_as",
        ),
    )
}


def language_of(reading: TextOptions) -> Language:
    """The language of a reading."""
    return LANGUAGES[reading.language]


@lru_cache(64)
def rewrites_of(reading: TextOptions) -> tuple[Rewrite, ...]:
    """The rewrites of a reading, made once."""
    return language_of(reading).rewrites(reading)

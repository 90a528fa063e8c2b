"""The supported languages: the letters and the rewrites of each.

To add a language, write its modules of rewrites and add it to `LANGUAGES`.
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
    """A supported language.

    Args:
        code: its code, such as `en-us`.
        letters: its letters beyond A to Z, in both cases.
        module: the module whose `rewrites` makes its rewrites; imported when first used.
        say_as_module: the module whose `READERS` are its readings of the SSML element `say-as`.
    """

    code: str
    letters: str
    module: str
    say_as_module: str

    @property
    def alphabet(self) -> str:
        """The characters of its normalised text."""
        return ASCII_LETTERS + self.letters + "'- .,;:?!"

    def rewrites(self, reading: TextOptions) -> tuple[Rewrite, ...]:
        """Its rewrites for the given text options, in order."""
        made: Rewriting = import_module(self.module).rewrites
        return made(reading, self.letters)

    def sayings(self) -> Mapping[str, SayAs]:
        """Its `say-as` readings by name: functions of a text, a format and text options."""
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
    """The language of text options."""
    return LANGUAGES[reading.language]


@lru_cache(64)
def rewrites_of(reading: TextOptions) -> tuple[Rewrite, ...]:
    """The rewrites for text options, cached."""
    return language_of(reading).rewrites(reading)

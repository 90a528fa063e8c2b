"""A rewrite: a regular expression, and a function from a match to the words to speak."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from tts.text.normalise.spans import Replace, Span, SpannedText

DIGIT = re.compile(r"[0-9]")
SENTENCE_BEFORE = re.compile(r"""[.?!]["')\]]*\s+["'(]*$""")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rule of text normalisation; call it with a text to apply it.

    Args:
        name: its name, as in `tts explain`.
        description: one sentence, with an example, that `tts explain` prints.
        pattern: what it replaces; a string is compiled when a text is first searched for it.
        replace: a function from a match to the replacement.
        needs: a cheaper pattern; a text without a match of it is not searched for `pattern`.
    """

    name: str
    description: str
    pattern: str | re.Pattern[str]
    replace: Replace
    needs: re.Pattern[str] | None = None

    def __call__(self, spoken: SpannedText) -> SpannedText:
        if self.needs and not self.needs.search(spoken.text):
            return spoken
        return spoken.substitute(_compiled(self.pattern), self.replace, self.name)


def rewrite(
    pattern: str | re.Pattern[str], needs: str | re.Pattern[str] | None = None
) -> Callable[[Replace], Rewrite]:
    """A decorator that makes a rewrite of a function from a match to its replacement.

    The function's name and the first line of its docstring become the name and the description.

    Args:
        pattern: what the rewrite replaces.
        needs: a cheaper pattern that occurs in every text in which `pattern` may match.

    Example:
        >>> @rewrite("[0-9]+%")
        ... def say_percents(match):
        ...     '''5% is 5 percent.'''
        ...     return match.group()[:-1] + " percent"
        >>> say_percents(SpannedText.of("up 5%")).text
        'up 5 percent'
    """

    def named(say: Replace) -> Rewrite:
        law = (say.__doc__ or "").strip().partition("\n")[0]
        wanted = re.compile(needs) if isinstance(needs, str) else needs
        return Rewrite(say.__name__, law, pattern, say, wanted)

    return named


@cache
def _compiled(pattern: str | re.Pattern[str]) -> re.Pattern[str]:
    """Most texts need few rules, and all patterns together take 50 ms to compile."""
    return re.compile(pattern)


def set_apart(match: re.Match[str], words: str) -> str:
    """Replacement words with spaces between them and adjacent letters, and a capital where the
    match begins a sentence."""
    start = match.start()
    if words and SENTENCE_BEFORE.search(match.string, max(0, start - 6), start):
        words = words[0].upper() + words[1:]
    return space_apart(words, match.string, match.span(), str.isalpha)


def space_apart(
    words: str, text: str, span: Span, touches: Callable[[str], bool] = str.isalnum
) -> str:
    """Replacement words for a span, with a space on each side whose neighbour `touches` them."""
    before, after = text[max(0, span[0] - 1) : span[0]], text[span[1] : span[1] + 1]
    return " " * touches(before) + words + " " * touches(after)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


def preceded_by(*befores: str) -> str:
    """A lookbehind for any of the patterns, each of which has a fixed length."""
    return "(?:" + "|".join(f"(?<={before})" for before in befores) + ")"

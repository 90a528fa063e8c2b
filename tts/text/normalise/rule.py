"""A rewrite: a pattern of what is written, and a function that says what it matches."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tts.text.normalise.spans import Replace, Span, SpannedText

DIGIT = re.compile(r"[0-9]")
SENTENCE_BEFORE = re.compile(r"""[.?!]["')\]]*\s+["'(]*$""")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rule of reading, known by its name and by the one sentence that it keeps to.

    Where nothing that it `needs` occurs, a text is not searched for the costlier pattern.
    """

    name: str
    description: str
    pattern: re.Pattern[str]
    replace: Replace
    needs: re.Pattern[str] | None = None

    def __call__(self, spoken: SpannedText) -> SpannedText:
        if self.needs and not self.needs.search(spoken.text):
            return spoken
        return spoken.substitute(self.pattern, self.replace, self.name)


def rewrite(
    pattern: str | re.Pattern[str], needs: str | re.Pattern[str] | None = None
) -> Callable[[Replace], Rewrite]:
    """Makes a rewrite of a function from a match to words, named and described by it."""

    def named(say: Replace) -> Rewrite:
        law = (say.__doc__ or "").strip().partition("\n")[0]
        wanted = re.compile(needs) if isinstance(needs, str) else needs
        return Rewrite(say.__name__, law, re.compile(pattern), say, wanted)

    return named


def set_apart(match: re.Match[str], words: str) -> str:
    """Words that stand apart from the letters around them, with a capital to begin a sentence."""
    start = match.start()
    if words and SENTENCE_BEFORE.search(match.string, max(0, start - 6), start):
        words = words[0].upper() + words[1:]
    return space_apart(words, match.string, match.span(), str.isalpha)


def space_apart(
    words: str, text: str, span: Span, touches: Callable[[str], bool] = str.isalnum
) -> str:
    """Words to stand in a text in place of a span, apart from the letters and digits around it."""
    before, after = text[max(0, span[0] - 1) : span[0]], text[span[1] : span[1] + 1]
    return " " * touches(before) + words + " " * touches(after)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


def preceded_by(*befores: str) -> str:
    """A pattern for the place right after any of some patterns of fixed lengths."""
    return "(?:" + "|".join(f"(?<={before})" for before in befores) + ")"

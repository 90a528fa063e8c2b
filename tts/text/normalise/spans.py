"""Text under rewriting, in which each character keeps its position in the original text."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Span = tuple[int, int]
Replace = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement by a rule.

    Args:
        rule: the name of the rule.
        span: the start and end of what it replaced, in the original text.
        written: the text that it found; earlier rules may have rewritten it already.
        replacement: the text that it made.
    """

    rule: str
    span: Span
    written: str
    replacement: str


@dataclass(frozen=True, slots=True)
class SpannedText:
    """A text whose characters keep their spans in the original text.

    Args:
        text: the characters.
        spans: for each character the half-open span of the original text that it comes from.
            Starts and ends never decrease.
        changes: the replacements made so far, in order. A slice of a text keeps all of them.
    """

    text: str
    spans: tuple[Span, ...]
    changes: tuple[Change, ...] = ()

    @classmethod
    def verbatim(cls, text: str, start: int = 0) -> "SpannedText":
        """Wrap an original text, or a part of it that begins at `start`."""
        return cls(text, tuple((place, place + 1) for place in range(start, start + len(text))))

    @classmethod
    def of(cls, text: "str | SpannedText") -> "SpannedText":
        """The text itself if it has spans; a string becomes an original text."""
        return cls.verbatim(text) if isinstance(text, str) else text

    @classmethod
    def join(cls, parts: Iterable["SpannedText"]) -> "SpannedText":
        """Concatenate texts."""
        parts = list(parts)
        return cls(
            "".join(part.text for part in parts),
            tuple(span for part in parts for span in part.spans),
            tuple(change for part in parts for change in part.changes),
        )

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, part: slice) -> "SpannedText":
        return SpannedText(self.text[part], self.spans[part], self.changes)

    def strip(self) -> "SpannedText":
        """The text without spaces at either end."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(start, len(self.text.rstrip()))]

    def substitute(self, pattern: re.Pattern[str], say: Replace, rule: str = "") -> "SpannedText":
        """Replace each match of a pattern, and record the changes under the name of a rule.

        The common beginning and end of a match and its replacement keep their spans. Each character
        between them gets the span of all that was replaced.
        """
        texts: list[str] = []
        spans: list[Span] = []
        changes: list[Change] = []
        kept = 0
        for match in pattern.finditer(self.text):
            written, said = match.group(), say(match)
            if said == written:
                continue
            head = _shared(written, said)
            tail = _shared(written[head:][::-1], said[head:][::-1])
            start, end = match.start() + head, match.end() - tail
            between = said[head : len(said) - tail]
            texts += self.text[kept:start], between
            spans += self.spans[kept:start]
            spans += [self.original_span(start, end)] * len(between)
            changes.append(Change(rule, self.original_span(*match.span()), written, said))
            kept = end
        if not changes:
            return self
        text = "".join(texts) + self.text[kept:]
        return SpannedText(text, (*spans, *self.spans[kept:]), (*self.changes, *changes))

    def original_span(self, start: int, end: int) -> Span:
        """The span in the original text of the characters `start` to `end`."""
        if start == end:
            return self.spans[max(0, start - 1)]
        return self.spans[start][0], self.spans[end - 1][1]


def _shared(one: str, other: str) -> int:
    """The length of the common prefix of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))

"""Text on its way from written to spoken, which remembers where each character came from."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Span = tuple[int, int]
Replace = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class Change:
    """What a rule did: where in the original text, what it found there, and what it says."""

    rule: str
    span: Span
    written: str
    replacement: str


@dataclass(frozen=True, slots=True)
class SpannedText:
    """Characters, each with the half-open span of the original text that it stands for.

    Starts and ends of the spans never decrease. The changes are those of the whole text, in the
    order in which they were made, and a part of the text keeps them all.
    """

    text: str
    spans: tuple[Span, ...]
    changes: tuple[Change, ...] = ()

    @classmethod
    def verbatim(cls, text: str, start: int = 0) -> "SpannedText":
        """A text that stands for itself, wherever it starts."""
        return cls(text, tuple((place, place + 1) for place in range(start, start + len(text))))

    @classmethod
    def of(cls, text: "str | SpannedText") -> "SpannedText":
        """A text that knows where it came from; one that does not yet stands for itself."""
        return cls.verbatim(text) if isinstance(text, str) else text

    @classmethod
    def join(cls, parts: Iterable["SpannedText"]) -> "SpannedText":
        """One text of its parts in order."""
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
        """Without the spaces at either end."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(start, len(self.text.rstrip()))]

    def substitute(self, pattern: re.Pattern[str], say: Replace, rule: str = "") -> "SpannedText":
        """Each match said otherwise: what both begin or end with keeps its spans, and what is said
        between stands for all that was written there."""
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
        """The span that characters `start` to `end` stand for."""
        if start == end:
            return self.spans[max(0, start - 1)]
        return self.spans[start][0], self.spans[end - 1][1]


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))

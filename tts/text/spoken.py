"""Text on its way from written to spoken, which remembers where each character came from."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Characters, each with the half-open span of the original text that it stands for.

    Starts and ends of the spans never decrease.
    """

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def verbatim(cls, text: str) -> "Spoken":
        """A text that stands for itself."""
        return cls(text, tuple((place, place + 1) for place in range(len(text))))

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, part: slice) -> "Spoken":
        return Spoken(self.text[part], self.spans[part])

    def strip(self) -> "Spoken":
        """Without the spaces at either end."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(start, len(self.text.rstrip()))]

    def substitute(
        self, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]
    ) -> "Spoken":
        """Each match said otherwise: what both begin or end with keeps its spans, and what is said
        between stands for all that was written there."""
        texts: list[str] = []
        spans: list[Span] = []
        kept = 0
        for match in pattern.finditer(self.text):
            written, said = match.group(), replacement(match)
            if said == written:
                continue
            head = _shared(written, said)
            tail = _shared(written[head:][::-1], said[head:][::-1])
            start, end = match.start() + head, match.end() - tail
            between = said[head : len(said) - tail]
            texts += self.text[kept:start], between
            spans += self.spans[kept:start]
            spans += [self._span(start, end)] * len(between)
            kept = end
        if not texts:
            return self
        return Spoken("".join(texts) + self.text[kept:], (*spans, *self.spans[kept:]))

    def _span(self, start: int, end: int) -> Span:
        if start == end:
            return self.spans[max(0, start - 1)]
        return self.spans[start][0], self.spans[end - 1][1]


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))

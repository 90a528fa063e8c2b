"""What became of a text: each of its characters is spoken, silent by a rule, or reported."""

import itertools
from dataclasses import dataclass

from tts.text.normalise.spans import Span, SpannedText

# The rewrites for what can be neither said nor named.
REPORT_RULES = frozenset(("report_unknown", "report_long_words"))


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A stretch of the original, what is said for it, and by which rules, in their order.

    Without rules it is said as it is written; with nothing said it is silent.
    """

    span: Span
    written: str
    spoken: str
    rules: tuple[str, ...]


def trace_text(written: str, spoken: SpannedText) -> tuple[TracedPassage, ...]:
    """Passages that are, end to end, all that was written, and say all that is spoken."""
    said = [""] * len(written)
    for character, (start, _) in zip(spoken.text, spoken.spans, strict=True):
        said[start] += character

    touched = _touched(len(written), spoken)
    passages: list[TracedPassage] = []
    for start, end in _stretches(len(written), spoken):
        words = "".join(said[start:end])
        indices = {index for place in touched[start:end] for index in place}
        rules = dict.fromkeys(spoken.changes[index].rule for index in sorted(indices))
        same = words == written[start:end]
        _append(
            passages,
            TracedPassage((start, end), written[start:end], words, () if same else tuple(rules)),
        )
    return tuple(passages)


def _stretches(length: int, spoken: SpannedText) -> list[Span]:
    """Spans that meet end to end, none of which cuts through what was read as one."""
    inside = bytearray(length + 1)
    for start, end in {*spoken.spans, *(change.span for change in spoken.changes)}:
        inside[start + 1 : end] = b"\1" * (end - start - 1)
    cuts = [place for place in range(length + 1) if not inside[place]]
    return list(itertools.pairwise(cuts))


def _touched(length: int, spoken: SpannedText) -> list[list[int]]:
    """For each character of the original, the changes that it had a part in."""
    touched: list[list[int]] = [[] for _ in range(length)]
    for index, change in enumerate(spoken.changes):
        for place in range(*change.span):
            touched[place].append(index)
    return touched


def _append(passages: list[TracedPassage], passage: TracedPassage) -> None:
    """Neighbours that are both verbatim, or silent by the same rules, are one passage."""
    last = passages[-1] if passages else passage
    plain = not passage.rules or (not last.spoken and not passage.spoken)
    if not passages or not plain or last.rules != passage.rules:
        passages.append(passage)
        return
    span = (last.span[0], passage.span[1])
    joined = TracedPassage(
        span, last.written + passage.written, last.spoken + passage.spoken, last.rules
    )
    passages[-1] = joined

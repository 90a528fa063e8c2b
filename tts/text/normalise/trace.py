"""A trace of normalisation: for each part of the original text, its spoken form and the rules."""

import itertools
from dataclasses import dataclass

from tts.text.normalise.spans import Span, SpannedText

# The rewrites that drop what can be neither spoken nor named.
REPORT_RULES = frozenset(("report_unknown", "report_long_words"))


@dataclass(frozen=True, slots=True)
class TracedPassage:
    """A part of the original text, and what normalisation made of it.

    Args:
        span: its start and end in the original text, in characters.
        written: its text.
        spoken: its spoken form; empty if it is not spoken.
        rules: the names of the rules that changed it, in order; empty if it is unchanged.
    """

    span: Span
    written: str
    spoken: str
    rules: tuple[str, ...]


def trace_text(written: str, spoken: SpannedText) -> tuple[TracedPassage, ...]:
    """Trace what became of each part of a text.

    Args:
        written: the original text.
        spoken: the result of `normalise` or `normalise_document` for it.

    Returns:
        Passages in order. Their spans are adjacent and cover the original text; their spoken forms
        joined are the normalised text.

    Example:
        >>> from tts.text.normalise.normalise import normalise
        >>> [(one.written, one.spoken, one.rules) for one in trace_text("50%", normalise("50%"))]
        [('50%', 'fifty percent', ('say_percents',))]
    """
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
    """Adjacent spans that cover the text; none cuts a part that was rewritten as one."""
    inside = bytearray(length + 1)
    for start, end in {*spoken.spans, *(change.span for change in spoken.changes)}:
        inside[start + 1 : end] = b"\1" * (end - start - 1)
    cuts = [place for place in range(length + 1) if not inside[place]]
    return list(itertools.pairwise(cuts))


def _touched(length: int, spoken: SpannedText) -> list[list[int]]:
    """For each character of the original text, the indices of the changes that cover it."""
    touched: list[list[int]] = [[] for _ in range(length)]
    for index, change in enumerate(spoken.changes):
        for place in range(*change.span):
            touched[place].append(index)
    return touched


def _append(passages: list[TracedPassage], passage: TracedPassage) -> None:
    """Append a passage; join it to the last if both are unchanged, or dropped by the same rules."""
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

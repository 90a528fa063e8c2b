"""What became of a text: each of its characters is spoken, silent by a rule, or reported."""

from collections.abc import Iterator
from dataclasses import dataclass

from tts.text.spoken import Span, Spoken

REPORTS = "report_unknown"  # the rewrite for what can be neither said nor named


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the original, what is said for it, and by which rules, in their order.

    Without rules it is said as it is written; with nothing said it is silent.
    """

    span: Span
    written: str
    said: str
    rules: tuple[str, ...]

    @property
    def reported(self) -> bool:
        """Whether something here could be neither said nor named."""
        return REPORTS in self.rules


def account(written: str, spoken: Spoken) -> tuple[Passage, ...]:
    """Passages that are, end to end, all that was written, and say, end to end, all that is
    spoken."""
    touched = _touched(written, spoken)
    passages: list[Passage] = []
    for (start, end), said in _stretches(written, spoken):
        same = said == written[start:end]
        indices = set() if same else {index for place in touched[start:end] for index in place}
        rules = tuple(dict.fromkeys(spoken.changes[index].rule for index in sorted(indices)))
        passage = Passage((start, end), written[start:end], said, rules)
        if passages and _alike(passages[-1], passage):
            passages[-1] = _joined(passages[-1], passage)
        else:
            passages.append(passage)
    return tuple(passages)


def _touched(written: str, spoken: Spoken) -> list[list[int]]:
    """For each character of the original, the changes that it had a part in."""
    touched: list[list[int]] = [[] for _ in written]
    for index, change in enumerate(spoken.changes):
        for place in range(*change.span):
            touched[place].append(index)
    return touched


def _stretches(written: str, spoken: Spoken) -> Iterator[tuple[Span, str]]:
    """Spans that meet end to end, each with what is said for it and for nothing else."""
    start = end = 0
    said = ""
    for character, (first, last) in zip(spoken.text, spoken.spans, strict=True):
        if first >= end:
            if said:
                yield (start, end), said
            yield from (((place, place + 1), "") for place in range(end, first))
            start, said = first, ""
        end, said = max(end, last), said + character
    if said:
        yield (start, end), said
    yield from (((place, place + 1), "") for place in range(end, len(written)))


def _alike(one: Passage, other: Passage) -> bool:
    silent = not one.said and not other.said
    return one.rules == other.rules and (silent or not one.rules)


def _joined(one: Passage, other: Passage) -> Passage:
    span = (one.span[0], other.span[1])
    return Passage(span, one.written + other.written, one.said + other.said, one.rules)

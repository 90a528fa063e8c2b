"""The figures of many items: middle, ends and spread, and which are unlike the others."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .rows import Row

FAR = 4.0  # robust deviations from the median
ENOUGH = 8  # items of a kind, to say what is usual
BINS = 32


@dataclass(frozen=True)
class Measure:
    """A figure of an item by its name in the manifest, and how bad one is beside the median."""

    name: str
    title: str
    unit: str
    digits: int
    badness: Callable[[float, float], float]

    def of(self, row: Row) -> float | None:
        """The figure of an item, if it has one; silence has no loudness."""
        value = row.get("quality", {}).get(self.name)
        known = isinstance(value, int | float) and math.isfinite(value)
        return float(value) if known else None

    def shown(self, value: float | None) -> str:
        """As it is read, with a true minus."""
        return "" if value is None else f"{value:.{self.digits}f}".replace("-", "−")  # noqa: RUF001


def _far(value: float, median: float) -> float:
    return abs(value - median)


def _high(value: float, median: float) -> float:
    return value


def _low(value: float, median: float) -> float:
    return -value


PACE = Measure("characters_per_second", "Characters a second", "characters/s", 1, _far)
LOUDNESS = Measure("loudness", "Loudness, LUFS", "LUFS", 1, _far)
MEASURES = (
    PACE,
    LOUDNESS,
    Measure("true_peak", "True peak, dBTP", "dBTP peak", 1, _high),
    Measure("edge", "Sound at the edges, dBFS", "dBFS edge", 1, _high),
    Measure("longest_gap", "Longest gap, s", "s gap", 2, _high),
    Measure("distillmos", "DistillMOS", "MOS", 2, _low),
    Measure("wer", "Word error rate", "WER", 3, _high),
)


@dataclass(frozen=True)
class Summary:
    """What a measure is over many items."""

    measure: Measure
    low: float
    median: float
    high: float
    worst: Row
    counts: tuple[int, ...]


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """Of every measure that was taken: 5th percentile, median, 95th, the worst, and how many in
    each of equal steps from the least to the most."""
    return [summary for measure in MEASURES if (summary := _summary(measure, rows))]


def _summary(measure: Measure, rows: Sequence[Row]) -> Summary | None:
    known = [(value, row) for row in rows if (value := measure.of(row)) is not None]
    if not known:
        return None
    values = [value for value, _ in known]
    low, median, high = (float(one) for one in np.percentile(values, (5, 50, 95)))
    worst = max(known, key=lambda pair: measure.badness(pair[0], median))[1]
    ends = (min(values), max(values)) if min(values) < max(values) else (values[0], values[0] + 1)
    counts, _ = np.histogram(values, BINS, ends)
    return Summary(measure, low, median, high, worst, tuple(map(int, counts)))


def outliers(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Items that are spoken much faster or slower, or sound much louder or softer, than most of
    the same voice and pace, and why; those in trouble are known."""
    why: dict[str, str] = {}
    kinds = defaultdict(list)
    for row in rows:
        kinds[row["voice"], row["pace"]].append(row)
    for kind in kinds.values():
        for measure in (PACE, LOUDNESS):
            why |= {id: _joined(why.get(id), reason) for id, reason in _unlike(measure, kind)}
    return [(row, why[row["id"]]) for row in rows if row["id"] in why and not row["troubles"]]


def _unlike(measure: Measure, kind: Sequence[Row]) -> list[tuple[str, str]]:
    known = [(row["id"], value) for row in kind if (value := measure.of(row)) is not None]
    if len(known) < ENOUGH:
        return []
    values = np.array([value for _, value in known])
    median = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - median)))
    return [
        (id, f"{measure.shown(value)} {measure.unit}, where {measure.shown(median)} is usual")
        for id, value in known
        if abs(value - median) > FAR * spread > 0
    ]


def _joined(known: str | None, reason: str) -> str:
    return f"{known}; {reason}" if known else reason

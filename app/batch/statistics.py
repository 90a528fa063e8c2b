"""Statistics of the quality measures over the items of a batch, and its outliers."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .rows import Row

# Chosen by hand; not tuned.
FAR = 4.0  # robust standard deviations from the median, beyond which an item is an outlier
ENOUGH = 8  # fewest items of a voice and pace for their median to count
BINS = 32  # of a histogram
MAD_TO_DEVIATION = 1.4826  # median absolute deviation to standard deviation, for a normal law


@dataclass(frozen=True)
class Measure:
    """A quality measure: its name in the manifest, how to print and judge it, and its meaning."""

    name: str
    title: str
    unit: str
    digits: int
    badness: Callable[[float, float], float]
    about: str

    def of(self, row: Row) -> float | None:
        """The value of an item, or None if it has none, such as the loudness of silence."""
        value = row.get("quality", {}).get(self.name)
        known = isinstance(value, int | float) and math.isfinite(value)
        return float(value) if known else None

    def shown(self, value: float | None) -> str:
        """The value as text, with a typographic minus; empty for None."""
        return "" if value is None else f"{value:.{self.digits}f}".replace("-", "−")  # noqa: RUF001


def _far(value: float, median: float) -> float:
    return abs(value - median)


def _high(value: float, median: float) -> float:
    return value


def _low(value: float, median: float) -> float:
    return -value


PACE = Measure(
    "characters_per_second",
    "Characters a second",
    "characters/s",
    1,
    _far,
    "How fast it speaks at pace 1; too many may mean lost words, too few drawn-out ones.",
)
LOUDNESS = Measure(
    "loudness",
    "Loudness, LUFS",
    "LUFS",
    1,
    _far,
    "How loud it sounds as a whole (ITU-R BS.1770).",
)
MEASURES = (
    PACE,
    LOUDNESS,
    Measure(
        "true_peak",
        "True peak, dBTP",
        "dBTP peak",
        1,
        _high,
        "The highest level; above 0 a player may distort it.",
    ),
    Measure(
        "edge",
        "Sound at the edges, dBFS",
        "dBFS edge",
        1,
        _high,
        "The level of the first and last 10 ms; a high one means that speech is cut off.",
    ),
    Measure(
        "longest_gap",
        "Longest gap, s",
        "s gap",
        2,
        _high,
        "The longest silence within a sentence; a long one sounds like a dropout.",
    ),
    Measure(
        "distillmos",
        "DistillMOS",
        "MOS",
        2,
        _low,
        "How natural it sounds, from 1 to 5, as a model judges it.",
    ),
    Measure(
        "wer",
        "Word error rate",
        "WER",
        3,
        _high,
        "The share of the words that Whisper hears otherwise.",
    ),
)


@dataclass(frozen=True)
class Summary:
    """A measure over all items: 5th percentile, median, 95th percentile, worst item, histogram."""

    measure: Measure
    low: float
    median: float
    high: float
    worst: Row
    counts: tuple[int, ...]


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """A summary of every measure that at least one item has."""
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
    """Items far from the median rate or loudness of the same voice and pace, each with the reason.

    Items that have problems already are left out.
    """
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
    spread = MAD_TO_DEVIATION * float(np.median(np.abs(values - median)))
    return [
        (id, f"{measure.shown(value)} {measure.unit}; the median is {measure.shown(median)}")
        for id, value in known
        if abs(value - median) > FAR * spread > 0
    ]


def _joined(known: str | None, reason: str) -> str:
    return f"{known}; {reason}" if known else reason

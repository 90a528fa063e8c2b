"""Judgements of lines to figures of systems."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from training.intervals import estimate

Row = Mapping[str, Any]
GROUP = ("kind", "system", "voice")
RATES = {"wer": ("word_errors", "words"), "cer": ("character_errors", "characters")}
MEANS = ("dnsmos", "distillmos", "similarity", "similarity_to_recording")


def summarise(rows: Sequence[Row], reference: str) -> list[dict[str, Any]]:
    """Estimates for each kind of line, system and voice.

    `wer_above` is how far the word error rate lies above the reference system's on the same lines.
    """
    beside = {(row["voice"], row["id"]): row for row in rows if row["system"] == reference}
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in GROUP), []).append(row)
    return [
        {
            **dict(zip(GROUP, group, strict=True)),
            "lines": len(found),
            **_figures(found),
            **_above(found, beside, reference),
        }
        for group, found in groups.items()
    ]


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Error rates over all words and characters, and means of what was judged."""
    rates = {
        name: estimate([row[errors] for row in rows], [row[over] for row in rows])
        for name, (errors, over) in RATES.items()
    }
    judged = {name: [row[name] for row in rows if name in row] for name in MEANS}
    means = {name: estimate(values) for name, values in judged.items() if values}
    return {name: asdict(figure) for name, figure in (rates | means).items()}


def _above(
    rows: Sequence[Row], beside: Mapping[tuple[str, str], Row], reference: str
) -> dict[str, Any]:
    pairs = [(row, beside.get((row["voice"], row["id"]))) for row in rows]
    more = [
        (row["word_errors"] - other["word_errors"], row["words"]) for row, other in pairs if other
    ]
    if not more or rows[0]["system"] == reference:
        return {}
    return {"wer_above": asdict(estimate(*zip(*more, strict=True)))}

"""Summaries of judgements: figures of each system, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .bootstrap import Estimate, bootstrap_estimate

Row = Mapping[str, Any]
GROUP = ("kind", "system", "voice")
RATES = {"wer": ("word_errors", "words"), "cer": ("character_errors", "characters")}
MEANS = ("dnsmos", "distillmos", "similarity", "similarity_to_recording")
READER = "reader"


def summarise(rows: Sequence[Row], reference: str) -> list[dict[str, Any]]:
    """Estimates for each kind of line, system and voice.

    `wer_above` and `wer_above_reader` are word error rates minus those of the reference and of the
    reader; `distillmos_below` and `distillmos_below_reader` are their DistillMOS minus the
    system's. Differences are over the lines that both systems spoke.

    Args:
        rows: judgements of single lines.
        reference: name of the reference system.
    """
    reference_rows, reader_rows = _spoken_by(reference, rows), _spoken_by(READER, rows)
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in GROUP), []).append(row)
    return [
        {
            **dict(zip(GROUP, group, strict=True)),
            "lines": len(found),
            **_figures(found),
            **_differences(found, reference_rows, reader_rows),
        }
        for group, found in groups.items()
    ]


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Error rates over all words and characters, and means of scores."""
    rates = {
        name: bootstrap_estimate([row[errors] for row in rows], [row[over] for row in rows])
        for name, (errors, over) in RATES.items()
    }
    judged = {name: [row[name] for row in rows if name in row] for name in MEANS}
    means = {name: bootstrap_estimate(values) for name, values in judged.items() if values}
    return {name: asdict(figure) for name, figure in (rates | means).items()}


def _differences(
    rows: Sequence[Row],
    reference: Mapping[tuple[str, str], Row],
    reader: Mapping[tuple[str, str], Row],
) -> dict[str, Any]:
    """Paired differences from reference and reader, on the lines that both spoke."""
    found = {}
    for ending, others in (("", reference), ("_reader", reader)):
        pairs = _paired(rows, others)
        if pairs:
            found[f"wer_above{ending}"] = _more_errors(pairs)
        if judged := [(r, o) for r, o in pairs if "distillmos" in r and "distillmos" in o]:
            lower = [other["distillmos"] - row["distillmos"] for row, other in judged]
            found[f"distillmos_below{ending}"] = bootstrap_estimate(lower)
    return {name: asdict(figure) for name, figure in found.items()}


def _spoken_by(system: str, rows: Sequence[Row]) -> dict[tuple[str, str], Row]:
    return {(row["voice"], row["id"]): row for row in rows if row["system"] == system}


def _paired(rows: Sequence[Row], others: Mapping[tuple[str, str], Row]) -> list[tuple[Row, Row]]:
    pairs = [(row, others.get((row["voice"], row["id"]))) for row in rows]
    return [(row, o) for row, o in pairs if o is not None and o["system"] != row["system"]]


def _more_errors(pairs: Sequence[tuple[Row, Row]]) -> Estimate:
    more = [row["word_errors"] - other["word_errors"] for row, other in pairs]
    return bootstrap_estimate(more, [row["words"] for row, _ in pairs])

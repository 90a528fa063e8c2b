"""The figures of an evaluation as Markdown tables."""

from collections.abc import Mapping, Sequence
from typing import Any

HEADINGS = {
    "wer": "WER %",
    "wer_above": "WER above {reference}, points",
    "wer_above_reader": "WER above reader, points",
    "cer": "CER %",
    "dnsmos": "DNSMOS",
    "distillmos": "DistillMOS",
    "distillmos_below": "DistillMOS below {reference}",
    "distillmos_below_reader": "DistillMOS below reader",
    "similarity": "similarity",
    "similarity_to_recording": "similarity to recording",
}
PERCENT = ("wer", "wer_above", "wer_above_reader", "cer")
NOTE = """Temperature {temperature:g}, of the prosody {prosody_temperature:g}. Brackets:
95 % bootstrap intervals over lines.
"""
ALL_VOICES = "all"  # in place of a voice, in rows about all of them
SECTIONS = ("deviation", "bounds", "speed")


def page(results: Mapping[str, Any]) -> str:
    """The page of an evaluation: its temperatures and all its tables."""
    return "\n".join([NOTE.format(**results["subject"]), *tables(results)])


def tables(results: Mapping[str, Any]) -> list[str]:
    """A table for each kind of line, then those of deviation, bounds and speed."""
    summary = results["summary"]
    kinds = dict.fromkeys(row["kind"] for row in summary)
    judged = {kind: _judged([r for r in summary if r["kind"] == kind], results) for kind in kinds}
    measured = {name: _measured(results[name]) for name in SECTIONS if results.get(name)}
    return [f"## {title}\n\n{table}\n" for title, table in (judged | measured).items()]


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    ruled = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in ruled
    )


def estimate_cell(estimate: Mapping[str, float] | None, *, percent: bool, places: int) -> str:
    """An estimate with its interval, or an empty cell for None."""
    if estimate is None:
        return ""
    scale = 100 if percent else 1
    value, low, high = (f"{scale * estimate[part]:.{places}f}" for part in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _judged(rows: Sequence[Mapping[str, Any]], results: Mapping[str, Any]) -> str:
    known = [name for name in HEADINGS if any(name in row for row in rows)]
    heads = [HEADINGS[name].format(reference=results["reference"]) for name in known]
    body = [
        [row["system"], row["voice"], str(row["lines"]), *(_cell(row, name) for name in known)]
        for row in rows
    ]
    return markdown(["system", "voice", "lines", *heads], body)


def _measured(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = [head.replace("_", " ") for head in rows[0]]
    return markdown(heads, [[_figure(value) for value in row.values()] for row in rows])


def _cell(row: Mapping[str, Any], name: str) -> str:
    return estimate_cell(row.get(name), percent=name in PERCENT, places=1 if name in PERCENT else 2)


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

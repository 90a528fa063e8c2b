"""The table of a comparison, in Markdown."""

from collections.abc import Mapping
from typing import Any

from ..evaluation.table import markdown

HEADS = (
    "objective", "seeds", "updates", "passes, k", "deviation, training", "deviation, held out",
    "semigroup", "solution", "energy", "WER %", "DNSMOS", "DistillMOS",
    "DistillMOS above {reference}",
)  # fmt: skip


def table(results: Mapping[str, Any], steps: int = 1) -> str:
    """A row for each objective at a number of steps, and for the teacher, best energy first."""
    rows = [r for r in results["rows"] if r["share"] == 1 and r["steps"] == steps]
    rows += [r for r in results["rows"] if r["objective"] == results["teacher"]]
    rows = [row for row in rows if "held out" in row]
    rows.sort(key=lambda row: float(row["held out"]["energy"]["value"]))
    body = [_cells(row, results["training"].get(row["objective"], {})) for row in rows]
    failed = [
        [name, "0", *[""] * (len(HEADS) - 3), f"failed: {about['reason']}"]
        for name, about in results["training"].items()
        if not about["seeds"]
    ]
    heads = [head.format(reference=results["reference"]) for head in HEADS]
    return markdown(heads, [*body, *failed])


def caption(results: Mapping[str, Any]) -> str:
    """What the table is of, in a sentence or two."""
    about, clips = results["subject"], results["subject"]["clips"]
    counts = [about["seeds"] for about in results["training"].values()] or [0]
    seeds = " to ".join(f"{count}" for count in dict.fromkeys((min(counts), max(counts))))
    sentences = max(row.get("speech", {}).get("sentences", 0) for row in results["rows"])
    return (
        f"In one step, after the compute of {about['updates']:,} updates of flow matching; the "
        f"best energy score first. {clips} clips of each set, {sentences} sentences, "
        f"{seeds} seed{'' if seeds == '1' else 's'}."
    )


def _cells(row: Mapping[str, Any], trained: Mapping[str, Any]) -> list[str]:
    held_out, speech = row["held out"], row.get("speech", {})
    steps = "" if trained else f", {row['steps']} midpoint steps"
    return [
        row["objective"] + steps,
        str(trained.get("seeds", "")),
        _rounded(trained, "updates", 1, 0),
        _rounded(trained, "forward_passes", 1e-3, 0),
        _cell(row.get("training", {}), "deviation"),
        _cell(held_out, "deviation"),
        _cell(held_out, "semigroup"),
        _cell(held_out, "solution"),
        _cell(held_out, "energy", 3),
        _cell(speech, "wer", 1, 100),
        _cell(speech, "dnsmos"),
        _cell(speech, "distillmos"),
        _cell(row.get("difference", {}), "distillmos"),
    ]


def _rounded(found: Mapping[str, Any], name: str, scale: float, places: int) -> str:
    return f"{scale * found[name]:.{places}f}" if name in found else ""


def _cell(found: Mapping[str, Any], name: str, places: int = 2, scale: float = 1) -> str:
    """A figure and half the width of its interval."""
    if name not in found:
        return ""
    figure = found[name]
    half = scale * (figure["high"] - figure["low"]) / 2
    return f"{scale * figure['value']:.{places}f} ± {half:.{places}f}"

"""Quality and speed beside other small systems: what was measured here, and what makers claim."""

import json
from pathlib import Path
from typing import Any

MEASURED = {
    "wer": "word errors, %",
    "distillmos": "DistillMOS",
    "real_time_factor": "processor s per s of sound",
}
CLAIMED = {"utmos": "UTMOS", "real_time_factor": "s per s of sound"}
KINDS = {"measured": MEASURED, "claimed": CLAIMED}
HEADINGS = {
    "measured": "measured here, {sentences} sentences, one thread (lines: 95 % intervals)",
    "claimed": "claimed by makers, each on sentences and machines of its own",
}
FORMATS = {"wer": "{:.1f}", "real_time_factor": "{:.2g}"}
OURS = "ours"
TICKS = (0.002, 0.01, 0.1, 1)


def read(results: Path) -> dict[str, Any]:
    """Measured and claimed figures: rows of a system, its value and its interval."""
    found = json.loads((results / "peers.json").read_text(encoding="utf-8"))
    rows = found["figures"]
    kinds = {by: {what: _rows(rows, by, what) for what in named} for by, named in KINDS.items()}
    return kinds | {"sentences": len({row["id"] for row in found["lines"]})}


def _rows(rows: list[dict[str, Any]], by: str, what: str) -> list[list[Any]]:
    scale = 100 if what == "wer" else 1
    return [
        [
            f"{row['system']}, {row['voice']}" if by == "measured" else row["system"],
            *(scale * row.get(part, row["value"]) for part in ("value", "low", "high")),
        ]
        for row in rows
        if (row["by"], row["what"]) == (by, what)
    ]


def draw(data: dict[str, Any]) -> Any:
    """Measured figures above, claimed ones below; the two share no axis."""
    from .style import empty_figure

    made = empty_figure(5.4)
    parts = made.subfigures(2, 1, height_ratios=[1, 1.15])
    for part, (by, titles) in zip(parts, KINDS.items(), strict=True):
        heading = HEADINGS[by].format(sentences=data["sentences"])
        part.suptitle(heading, x=0.01, ha="left", weight="bold", fontsize=9)
        _row(part.subplots(1, len(titles)), data[by], titles, filled=by == "measured")
    return made


def _row(panels: Any, figures: dict[str, Any], titles: dict[str, str], *, filled: bool) -> None:
    names = list(dict.fromkeys(row[0] for rows in figures.values() for row in rows))
    for place, (axes, (what, title)) in enumerate(zip(panels, titles.items(), strict=True)):
        _dots(axes, figures[what], names, FORMATS.get(what, "{:.2f}"), filled=filled)
        axes.set_title(title)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), names if place == 0 else [""] * len(names))
        if what == "real_time_factor":
            axes.set_xscale("log")
            axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
            axes.set_xlim(TICKS[0], TICKS[-1])
            axes.minorticks_off()
        else:
            axes.margins(x=0.15)
            axes.locator_params(axis="x", nbins=5)


def _dots(axes: Any, rows: list[list[Any]], names: list[str], shown: str, *, filled: bool) -> None:
    from .style import BLUE, GREY, label

    for name, value, low, high in rows:
        colour = BLUE if name.startswith(OURS) else GREY
        y, inside = names.index(name), colour if filled else "white"
        axes.plot([low, high], [y, y], color=colour, linewidth=1)
        axes.plot([value], [y], "o", color=colour, markerfacecolor=inside)
        label(axes, value, y, shown.format(value), colour, xytext=(0, 6), ha="center", fontsize=7)

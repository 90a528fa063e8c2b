"""Quality and speed beside other small systems: what was measured here, and what makers claim."""

import json
from pathlib import Path
from typing import Any

MEASURED = {
    "wer": "word errors, %",
    "distillmos": "DistillMOS",
    "real_time_factor": "processor s for 1 s of sound",
}
CLAIMED = {"utmos": "UTMOS", "real_time_factor": "s for 1 s of sound"}
OURS = "ours"


def read(results: Path) -> dict[str, Any]:
    """For each way of knowing and each figure, rows of a system, its value and its interval."""
    rows = json.loads((results / "peers.json").read_text(encoding="utf-8"))["figures"]
    kinds = {"measured": MEASURED, "claimed": CLAIMED}
    return {by: {what: _rows(rows, by, what) for what in figures} for by, figures in kinds.items()}


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
    from .style import figure

    made = figure(5.2, 2, 6)
    grid = made.axes[0].get_gridspec()
    for axes in made.axes:
        axes.remove()
    above = [made.add_subplot(grid[0, 2 * place : 2 * place + 2]) for place in range(3)]
    below = [made.add_subplot(grid[1, 3 * place : 3 * place + 3]) for place in range(2)]
    _row(above, data["measured"], MEASURED, filled=True)
    _row(below, data["claimed"], CLAIMED, filled=False)
    above[0].annotate("measured here", (0, 1.2), xycoords="axes fraction", weight="bold")
    below[0].annotate(
        "claimed by makers, each on sentences and machines of its own",
        (0, 1.2),
        xycoords="axes fraction",
        weight="bold",
    )
    return made


def _row(
    panels: list[Any], figures: dict[str, Any], titles: dict[str, str], *, filled: bool
) -> None:
    names = list(dict.fromkeys(row[0] for rows in figures.values() for row in rows))
    for place, (axes, (what, title)) in enumerate(zip(panels, titles.items(), strict=True)):
        _dots(axes, figures[what], names, filled=filled)
        axes.set_title(title)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), names if place == 0 else [""] * len(names))
        if what == "real_time_factor":
            axes.set_xscale("log")
        elif what == "wer":
            axes.set_xlim(left=0)
        axes.margins(x=0.15)


def _dots(axes: Any, rows: list[list[Any]], names: list[str], *, filled: bool) -> None:
    from .style import BLUE, GREY, label

    for name, value, low, high in rows:
        colour = BLUE if name.startswith(OURS) else GREY
        y, inside = names.index(name), colour if filled else "white"
        axes.plot([low, high], [y, y], color=colour, linewidth=1)
        axes.plot([value], [y], "o", color=colour, markerfacecolor=inside)
        label(axes, value, y, f"{value:.3g}", colour, xytext=(0, 6), ha="center", fontsize=7)

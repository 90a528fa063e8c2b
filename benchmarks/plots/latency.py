"""A stream in time: when each piece of sound is ready, and when a listener needs it."""

import json
from pathlib import Path
from typing import Any

TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


def read(results: Path) -> dict[str, Any]:
    """Rows of a piece: when it is ready and needed, and how long it plays, in seconds."""
    found = json.loads((results / "latency.json").read_text(encoding="utf-8"))
    pieces = [[row[name] for name in ("ready", "needed", "seconds")] for row in found["pieces"]]
    return {"voice": found["voice"], "rounds": found["rounds"], "pieces": pieces}


def draw(data: dict[str, Any]) -> Any:
    """A row a piece, on a logarithmic axis of time."""
    from .style import BLUE, GREY, ORANGE, figure, label

    made = figure(2.9)
    (axes,) = made.axes
    for row, (ready, needed, _) in enumerate(data["pieces"]):
        axes.plot([ready, needed], [row, row], color=GREY, linewidth=1)
        axes.plot([ready], [row], "o", color=BLUE)
        axes.plot([needed], [row], "|", color=ORANGE, markersize=11, markeredgewidth=2)
        if row:
            label(axes, needed, row, f"{needed - ready:.2g} s to spare", GREY, xytext=(7, 0))
    first, last = data["pieces"][0], data["pieces"][-1]
    label(axes, first[0], 0, f"first sound after {1000 * first[0]:.0f} ms", BLUE, xytext=(9, 0))
    row = len(data["pieces"]) - 1
    label(axes, last[0], row, "ready", BLUE, xytext=(-6, 0), ha="right")
    label(axes, last[1], row, "needed", ORANGE, xytext=(-6, 7), ha="right")
    names = [f"{number}: {piece[2]:.2f} s" for number, piece in enumerate(data["pieces"], 1)]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(0.03, 40)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.minorticks_off()
    axes.set_ylabel("piece: its length")
    axes.set_xlabel(
        "processor time since the call, s (one thread); sound plays from the first piece"
    )
    return made

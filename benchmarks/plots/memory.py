"""The memory of each process of a batch, as sentences become sound."""

import json
from pathlib import Path
from typing import Any

LABEL_MIB = 70  # height of a label


def read(results: Path) -> dict[str, Any]:
    """For each process, how many sentences were ready and its resident memory in MiB."""
    found = json.loads((results / "memory.json").read_text(encoding="utf-8"))
    return {
        name: [[row["sentences"], row["rss"]] for row in rows if row["sentences"]]
        for name, rows in found["processes"].items()
    }


def draw(data: dict[str, Any]) -> Any:
    """A line a process, with its name at its end."""
    from .style import BLUE, GREY, ORANGE, apart, figure, label

    made = figure(2.7)
    (axes,) = made.axes
    colours = {name: (GREY, BLUE, ORANGE)[place % 3] for place, name in enumerate(data)}
    ends = {name: points[-1] for name, points in data.items() if points}
    for name, points in data.items():
        axes.plot(*zip(*points, strict=True), color=colours[name], linewidth=1.2)
    for name, height in apart({name: end[1] for name, end in ends.items()}, LABEL_MIB).items():
        text = f"{name}: {ends[name][1]:.0f} MiB"
        label(axes, ends[name][0], height, text, colours[name])
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.set_xlabel("sentences that are ready")
    axes.set_ylabel("resident memory, MiB")
    return made

"""Processor time for a second of sound against the wait for the first sound, of small systems."""

from math import log10
from pathlib import Path
from typing import Any

from benchmarks.speed.rows import read_rows
from benchmarks.speed.summary import figures
from benchmarks.speed.systems import OURS
from benchmarks.speed.texts import MEDIUM, WORDS

LABEL = 0.065  # height of a label, as a logarithm to base 10
TICKS = {"x": (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000), "y": (0.005, 0.01, 0.02, 0.05)}
TICKS["y"] += (0.1, 0.2, 0.5, 1)


def read(results: Path) -> list[list[Any]]:
    """A row for each system on one thread: first sound (p50 and p95, ms), processor seconds."""
    found = figures(read_rows(results / "speed.jsonl"))
    return [
        [one.system, one.first_sound[50], one.first_sound[95], one.processor_factor]
        for one in found
        if (one.threads, one.length) == (1, MEDIUM)
    ]


def draw(data: list[list[Any]]) -> Any:
    """A point for each system, on logarithmic axes; its line reaches to the 95th percentile."""
    from .style import BLUE, GREY, apart, figure, label

    made = figure(4.2)
    (axes,) = made.axes
    heights = apart({row[0]: log10(row[3]) for row in data}, LABEL)
    for system, middle, slow, factor in data:
        is_ours = system.startswith(OURS)
        colour = BLUE if is_ours else GREY
        axes.plot([middle, slow], [factor, factor], color=colour, linewidth=1)
        axes.plot([middle], [factor], "o" if is_ours else "s", color=colour)
        name = system.removeprefix(f"{OURS}, ") if is_ours else system
        label(axes, slow, 10 ** heights[system], name, colour)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(right=max(row[2] for row in data) * 4)
    _set_ticks(axes.xaxis, TICKS["x"], axes.get_xlim())
    _set_ticks(axes.yaxis, TICKS["y"], axes.get_ylim())
    axes.set_xlabel(
        f"first sound of a sentence of {WORDS[MEDIUM]} words, ms (point: p50, end of line: p95)"
    )
    axes.set_ylabel("processor s for 1 s of sound")
    axes.set_title(f"one thread; blue: {OURS}")
    return made


def _set_ticks(axis: Any, ticks: tuple[float, ...], limits: tuple[float, float]) -> None:
    shown = [tick for tick in ticks if limits[0] <= tick <= limits[1]]
    axis.set_ticks(shown, [f"{tick:g}" for tick in shown])
    axis.set_ticks([], minor=True)

"""Quality against the number of steps: the shipped flow map beside its teacher and the reader."""

import json
from pathlib import Path
from typing import Any

FIGURES = {"wer": "word errors, %", "distillmos": "DistillMOS", "dnsmos": "DNSMOS"}
VOICES = ("heart", "michael")
CURVES = ("flow map", "teacher")
LEVELS = ("reader", "teacher, midpoint")
NAMES = {
    "flow map": "shipped flow map",
    "teacher": "teacher, Euler's method",
    "teacher, midpoint": "teacher, 32 midpoint steps",
    "reader": "reader (Kokoro-82M)",
}


def read(results: Path) -> dict[str, Any]:
    """For each voice and figure, points of each curve, and horizontal levels of the references.

    A point is a number of steps, a value, and the interval's two ends.
    """
    rows = json.loads((results / "steps.json").read_text(encoding="utf-8"))["summary"]
    rows = sorted(rows, key=lambda row: row["steps"] or 0)
    lines = {row["lines"] for row in rows}
    panels = {
        f"{voice}, {name}": {
            "curves": {
                model: [
                    [row["steps"], *_estimate(row, name)]
                    for row in rows
                    if (row["voice"], row["model"]) == (voice, model)
                ]
                for model in CURVES
            },
            "levels": {
                row["model"]: _estimate(row, name)[0]
                for row in rows
                if row["voice"] == voice and row["model"] in LEVELS
            },
        }
        for voice in VOICES
        for name in FIGURES
    }
    return {"sentences": min(lines), "panels": panels}


def _estimate(row: dict[str, Any], name: str) -> list[float]:
    scale = 100 if name == "wer" else 1
    return [scale * row[name][part] for part in ("value", "low", "high")]


def draw(data: dict[str, Any]) -> Any:
    """A row a voice, a column a figure."""
    from .style import BLUE, GREEN, ORANGE, PURPLE, figure

    colours = dict(zip(NAMES, (BLUE, ORANGE, PURPLE, GREEN), strict=True))
    made = figure(4.6, len(VOICES), len(FIGURES), sharex=True, sharey="col")
    for axes, (title, panel) in zip(made.axes, data["panels"].items(), strict=True):
        for model, level in panel["levels"].items():
            style = "--" if model == "reader" else ":"
            axes.axhline(level, color=colours[model], linestyle=style, linewidth=1.2)
        for model, points in panel["curves"].items():
            _curve(axes, points, colours[model], "o" if model == CURVES[0] else "s")
        voice, name = title.split(", ")
        axes.set_title(f"{voice}: {FIGURES[name]}")
        axes.set_xscale("log", base=2)
        axes.set_xticks([1, 2, 4, 8, 32], ["1", "2", "4", "8", "32"])
        axes.minorticks_off()
    for axes in made.axes[-len(FIGURES) :]:
        axes.set_xlabel("steps (evaluations of the network)")
    _legend(made, colours, data["sentences"])
    return made


def _curve(axes: Any, points: list[list[float]], colour: str, marker: str) -> None:
    if not points:
        return
    steps, values, low, high = zip(*points, strict=True)
    ends = [
        [value - end for value, end in zip(values, low, strict=True)],
        [end - value for value, end in zip(values, high, strict=True)],
    ]
    axes.errorbar(steps, values, ends, color=colour, marker=marker, elinewidth=0.8, capsize=2)


def _legend(made: Any, colours: dict[str, str], sentences: int) -> None:
    """The names stand above the panels, each in its colour, with its line."""
    from matplotlib.lines import Line2D

    styles = {"flow map": ("-", "o"), "teacher": ("-", "s"), "teacher, midpoint": (":", "")}
    handles = [
        Line2D([], [], color=colours[name], linestyle=line, marker=marker, label=NAMES[name])
        for name in NAMES
        for line, marker in [styles.get(name, ("--", ""))]
    ]
    made.legend(handles=handles, loc="outside upper left", ncols=4, frameon=False, fontsize=7.5)
    made.supxlabel(
        f"{sentences} sentences a voice, Whisper base; bars: 95 of 100 draws of sentences",
        fontsize=7.5,
        x=0.01,
        ha="left",
    )

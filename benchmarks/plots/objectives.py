"""Objectives side by side: quality against steps, and against compute."""

import json
from pathlib import Path
from typing import Any

ENERGY, DISTILLMOS = "energy score, held out", "DistillMOS"
STEPS, COMPUTE = "steps (evaluations of the network)", "share of the compute"
SHOWN = ("split_mean_flow", "flow_matching", "regression_critics", "regression")


def read(results: Path) -> dict[str, Any]:
    """Points of each objective in each panel: where, value and the interval's two ends."""
    found = json.loads((results / "objectives.json").read_text(encoding="utf-8"))
    rows, teacher = found["rows"], found["teacher"]
    whole = [row for row in rows if row["share"] == 1 and row["objective"] != teacher]
    one_step = [row for row in rows if row["steps"] == 1]
    (level,) = [row for row in rows if row["objective"] == teacher]
    return {
        "sentences": level.get("speech", {}).get("sentences", 0),
        "panels": [
            {"title": ENERGY, "x": STEPS, **_curves(whole, "steps", "energy", level)},
            {"title": DISTILLMOS, "x": STEPS, **_curves(whole, "steps", "distillmos", level)},
            {
                "title": f"{ENERGY}, 1 step",
                "x": COMPUTE,
                **_curves(one_step, "share", "energy", level),
            },
        ],
    }


def _curves(rows: list[dict[str, Any]], x: str, name: str, level: dict[str, Any]) -> dict[str, Any]:
    curves: dict[str, list[list[float]]] = {}
    for row in sorted(rows, key=lambda row: float(row[x])):
        if figure := _figure(row, name):
            curves.setdefault(row["objective"], []).append([row[x], *figure])
    return {"curves": curves, "level": _figure(level, name)}


def _figure(row: dict[str, Any], name: str) -> list[float] | None:
    figure = row.get("held out", {}).get(name) or row.get("speech", {}).get(name)
    return [round(figure[part], 4) for part in ("value", "low", "high")] if figure else None


def draw(data: dict[str, Any]) -> Any:
    """A panel for each figure; the named objectives in colour, all others grey."""
    from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, figure

    colours = dict(zip(SHOWN, (BLUE, ORANGE, PURPLE, GREEN), strict=True))
    names = {name for panel in data["panels"] for name in panel["curves"]}
    colours |= dict.fromkeys(sorted(names - set(SHOWN)), GREY)
    made = figure(3.6, 1, len(data["panels"]))
    for axes, panel in zip(made.axes, data["panels"], strict=True):
        axes.set_title(panel["title"])
        axes.set_xlabel(panel["x"])
        axes.set_xscale("log", base=2)
        if panel["level"]:
            axes.axhline(panel["level"][0], color="black", linestyle=":", linewidth=1.2)
        for name, points in panel["curves"].items():
            _curve(axes, points, colours[name], name in SHOWN)
        ticks = sorted({point[0] for points in panel["curves"].values() for point in points})
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    _legend(made, {name: colours[name] for name in SHOWN}, data["sentences"])
    return made


def _curve(axes: Any, points: list[list[float]], colour: str, named: bool) -> None:
    x, values, low, high = zip(*points, strict=True)
    style = {"color": colour, "marker": "o" if named else ".", "linewidth": 1.6 if named else 0.7}
    axes.plot(x, values, **style)
    if named:
        ends = [[v - e for v, e in zip(values, low, strict=True)]]
        ends.append([e - v for v, e in zip(values, high, strict=True)])
        axes.errorbar(x, values, ends, color=colour, fmt="none", elinewidth=0.8, capsize=2)


def _legend(made: Any, colours: dict[str, str], sentences: int) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=c, marker="o", label=name) for name, c in colours.items()]
    handles.append(Line2D([], [], color="#666666", linewidth=0.7, label="other objectives"))
    handles.append(
        Line2D([], [], color="black", linestyle=":", label="their teacher, 32 midpoint steps")
    )
    made.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False, fontsize=7.5)
    made.supxlabel(
        f"{sentences} sentences; bars: 95 of 100 draws of clips or sentences",
        fontsize=7.5,
        x=0.01,
        ha="left",
    )

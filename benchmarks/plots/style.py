"""How all plots look, and how they are written.

Dark text on an opaque white ground reads on light and on dark pages. Colours are those of Okabe and
Ito, which colour-blind readers tell apart; markers differ too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#007A5A", "#AA3377", "#666666"
WIDTH = 7.2  # inches
DPI = 100  # of plots in pixels
SETTINGS = {
    "svg.hashsalt": "one-step-tts",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


def write(draw: Callable[[Any], Figure], data: Any, path: Path, digest: str) -> None:
    """Draw data and write the figure, with the digest of the data and without a date."""
    description = {"Description": f"data sha256:{digest}"}
    undated = {"Date": None} if path.suffix == ".svg" else {}
    with matplotlib.rc_context(SETTINGS):
        draw(data).savefig(path, dpi=DPI, metadata=description | undated)


def figure(height: float, rows: int = 1, columns: int = 1, **options: object) -> Figure:
    """A figure as wide as a page, with its axes in `figure.axes`, row by row."""
    made = empty_figure(height)
    made.subplots(rows, columns, **options)
    return made


def empty_figure(height: float) -> Figure:
    return Figure(figsize=(WIDTH, height), layout="constrained")


def label(axes: Axes, x: float, y: float, text: str, colour: str, **options: object) -> None:
    """Write a name beside what it names, in its colour."""
    place = {
        "xytext": (5, 0),
        "textcoords": "offset points",
        "va": "center",
        "fontsize": 8,
    } | options
    axes.annotate(text, (x, y), color=colour, annotation_clip=False, **place)


def apart(heights: dict[str, float], least: float) -> dict[str, float]:
    """Heights of labels, in order, with at least so much room between them."""
    placed: dict[str, float] = {}
    for name, height in sorted(heights.items(), key=lambda pair: pair[1]):
        lowest = max(placed.values(), default=-float("inf")) + least
        placed[name] = max(height, lowest)
    return placed

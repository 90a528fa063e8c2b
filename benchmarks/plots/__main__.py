"""python -m benchmarks.plots: draw every plot anew from `benchmarks/results`.

It reads results only: no sound and no model. The same results and the same version of matplotlib
give the same bytes.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from . import latency, mels, memory, objectives, peers, speed, steps

ROOT = Path(__file__).parents[2]
RESULTS, PLOTS_FOLDER = ROOT / "benchmarks" / "results", ROOT / "docs" / "plots"


@dataclass(frozen=True)
class Plot:
    """`read` takes the data of a plot from a folder of results, `draw` makes the figure."""

    read: Callable[[Path], Any]
    draw: Callable[[Any], Any]


PLOTS = {
    "quality-steps.svg": Plot(steps.read, steps.draw),
    "objectives.svg": Plot(objectives.read, objectives.draw),
    "quality-peers.svg": Plot(peers.read, peers.draw),
    "latency.svg": Plot(latency.read, latency.draw),
    "memory.svg": Plot(memory.read, memory.draw),
    "speed.svg": Plot(speed.read, speed.draw),
    "mels.png": Plot(mels.read, mels.draw),
}


def main(
    results: Annotated[Path, typer.Option(help="Folder of results.")] = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = PLOTS_FOLDER,
) -> None:
    """Draw every plot."""
    from .style import write

    out.mkdir(parents=True, exist_ok=True)
    for name, plot in PLOTS.items():
        data = plot.read(results)
        write(plot.draw, data, out / name, digest(data))
        sys.stdout.write(f"{out / name}\n")


def digest(data: Any) -> str:
    """The SHA-256 of the data that a plot shows; the plot's metadata holds it."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    typer.run(main)

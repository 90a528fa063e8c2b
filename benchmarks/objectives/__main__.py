"""python -m benchmarks.objectives FOLDER: the results of a comparison into the documentation.

Takes what `tts training compare` has measured so far in its folder; writes
`benchmarks/results/objectives.json`, the plot, and the table in `docs/flow-maps.md`.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from tts.training.compare.table import caption, table

from tts.files import write_json_file, write_text_file

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "objectives.json"
PAGE = ROOT / "docs" / "flow-maps.md"
PLOT = "objectives.svg"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def main(
    folder: Annotated[Path, typer.Argument(help="Folder of `tts training compare --out`.")],
    results: Annotated[Path, typer.Option(help="File of results to write.")] = RESULTS,
    page: Annotated[Path, typer.Option(help="Page whose table is replaced.")] = PAGE,
    plots: Annotated[Path, typer.Option(help="Folder of plots.")] = ROOT / "docs" / "plots",
) -> None:
    """Write the results, the plot and the table of a comparison."""
    from benchmarks.plots import objectives
    from benchmarks.plots.__main__ import digest
    from benchmarks.plots.style import write

    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    write_json_file(results, found)
    data = objectives.read(results.parent)
    write(objectives.draw, data, plots / PLOT, digest(data))
    write_text_file(page, with_table(page.read_text(encoding="utf-8"), found))
    for path in (results, plots / PLOT, page):
        sys.stdout.write(f"{path}\n")


def with_table(text: str, found: dict[str, Any]) -> str:
    """A page with the table of these results between its two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    if BEGIN not in text or END not in text:
        raise ValueError(f"no place for the table; give a page with {BEGIN.strip()} and its end")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{caption(found)}\n\n{table(found)}\n\n{END}{after}"


if __name__ == "__main__":
    typer.run(main)

"""python -m benchmarks.speed: this project and other small systems, measured in turn.

Every system has a process of its own for each number of threads. In each round, all of them speak
the same new texts, one after the other, so that a disturbance meets all. A stopped run goes on from
its file.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.speed.operations import per_second
from benchmarks.speed.rows import RowFile, read_rows
from benchmarks.speed.summary import page, results
from benchmarks.speed.systems import RUNTIMES, SYSTEMS, System, ours
from benchmarks.speed.texts import SHORT, WORDS
from benchmarks.speed.turns import Comparison, commit
from tts.checkpoint import read_config
from tts.files import write_json_file
from tts.synthesis import shipped_checkpoint

RESULTS = Path(__file__).parents[1] / "results" / "speed.jsonl"
STARTS = 5


def main(
    peers: Annotated[Path, typer.Option(help="Folder of `benchmarks.speed.install`.")] = Path(),
    threads: Annotated[str, typer.Option(help="Numbers of threads.")] = "1,2",
    rounds: Annotated[int, typer.Option(min=1, help="Texts of each length.")] = 15,
    out: Annotated[Path, typer.Option(help="File of raw rows.")] = RESULTS,
    only: Annotated[str, typer.Option(help="Beginnings of names of systems, with commas.")] = "",
    quick: Annotated[bool, typer.Option(help="Ours alone, one short text.")] = False,
    table: Annotated[bool, typer.Option(help="Print tables of --out; measure nothing.")] = False,
) -> None:
    """Compare the speed of this project with that of other small systems.

    Needs the environments of `python -m benchmarks.speed.install FOLDER`. A system that is not
    there gets a row that says so; ours then runs in this environment. Writes a row a measurement
    to --out and tables beside it (.json), and prints them.

    \b
    Example:
      python -m benchmarks.speed --peers ../peers
    """
    if not table:
        compared = Comparison(
            systems=[QUICK] if quick else chosen(only.split(",")),
            environments=peers.resolve(),
            threads=[1] if quick else [int(count) for count in threads.split(",")],
            lengths=[SHORT] if quick else list(WORDS),
            rounds=1 if quick else rounds,
            starts=1 if quick else STARTS,
            commit=commit(),
        )
        compared.measure(RowFile(out))
    rows = read_rows(out)
    if not table:
        write_json_file(out.with_suffix(".json"), results(rows, operations()))
    sys.stdout.write(page(rows, operations()) + "\n")


def chosen(beginnings: Sequence[str]) -> list[System]:
    return [system for system in SYSTEMS if system.name.startswith(tuple(beginnings))]


def operations() -> dict[str, float]:
    """The arithmetic of each of our systems for a second of sound."""
    acoustic = read_config(shipped_checkpoint("acoustic"), "acoustic")
    vocoder = read_config(shipped_checkpoint("vocoder"), "vocoder")
    return {
        ours(*runtime, steps).name: per_second(acoustic, vocoder, steps)
        for runtime in RUNTIMES
        for steps in (1, 4)
    }


QUICK = ours("onnx", "float32", 1)

if __name__ == "__main__":
    typer.run(main)

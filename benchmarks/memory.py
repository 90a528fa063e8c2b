"""python benchmarks/memory.py: the memory of each process of a batch, as sentences become sound.

The results hold memory against the number of sentences that were ready, which does not depend on
how busy the machine is. Memory is read from /proc, so this needs Linux.
"""

from bisect import bisect_right
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from batch import spliced
from watched import WatchedRun, watch_run

from tts.files import write_json_file

RESULTS = Path(__file__).parent / "results" / "memory.json"
OPTIONS = ("--workers", "2", "--mos", "10")


def main(
    sentences: Annotated[int, typer.Option(min=1, help="Sentences of the list.")] = 3_000,
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
) -> None:
    """Measure the memory of a batch with two workers, one item in ten judged.

    Needs the extras `batch` and `mos`. Writes the series of each process to --out.

    \b
    Example:
      python benchmarks/memory.py --sentences 3000
    """
    with TemporaryDirectory() as folder:
        written, into = Path(folder) / "list.txt", Path(folder) / "out"
        written.write_text("\n".join(spliced(sentences)), encoding="utf-8")
        run = watch_run(("batch", str(written), str(into), *OPTIONS), into)
    about = {"sentences": len(run.rows), "options": list(OPTIONS), "unit": "MiB"}
    write_json_file(out, about | {"processes": series(run)})


def series(run: WatchedRun) -> dict[str, list[dict[str, Any]]]:
    """For each process, its resident memory and how many sentences were ready by then."""
    ready = [at for at, _ in run.rows]
    return {
        name: [
            {"sentences": bisect_right(ready, at), "seconds": round(at, 1), "rss": round(size, 1)}
            for at, size in seen
            if size  # 0 is read of a process that has just ended
        ]
        for name, seen in run.memory.items()
    }


if __name__ == "__main__":
    typer.run(main)

"""python benchmarks/batch.py: speed and memory of batches and of a book.

Each row has the real-time factor from the first item to the last and in all, the seconds before and
after, and the memory of each process.
"""

import json
import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from watched import WatchedRun, watch_run

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "batch.json"
PACKAGES = ("torch", "numpy", "av", "soxr", "distillmos")


@dataclass(frozen=True)
class Case:
    """A list of sentences with a heading and the options of its batch."""

    heading: str
    sentences: int
    options: tuple[str, ...]


def main(
    sentences: Annotated[
        int, typer.Option(help="Sentences of each timed list; 0 skips them.")
    ] = 300,
    many: Annotated[
        int, typer.Option(help="Sentences of the list whose memory is watched; 0 skips it.")
    ] = 10_000,
    book: Annotated[int, typer.Option(help="Sentences of the book; 0 skips it.")] = 1_500,
    out: Annotated[
        Path, typer.Option(help="File of results (JSON); parts that are skipped stay as they are.")
    ] = RESULTS,
) -> None:
    """Measure speed and memory of batches with the shipped voices.

    Needs the batch and mos extras. Writes each row of results as it is
    measured.

    \b
    Examples:
      python benchmarks/batch.py
      python benchmarks/batch.py --sentences 20 --many 0 --book 0 --out batch.json
    """
    told = json.loads(out.read_text("utf-8")) if out.exists() else {}
    parts = {"lists": cases(sentences), "long": long(many), "book": books(book)}
    for part, wanted in parts.items():
        for place, case in enumerate(wanted):
            rows = told[part] = [] if place == 0 else told[part]
            rows.append({"what": case.heading, "options": case.options, **run_case(case).told()})
            told["machine"] = machine()
            out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            say(shown(rows[-1]))


def cases(sentences: int) -> list[Case]:
    """Cases of each share of judged items and each number of workers, and of batches of 8."""
    judged = {"10": "one in ten judged", "0": "none judged", "100": "all judged"}
    single = [
        Case(f"{workers} workers, {heading}", sentences, ("--workers", workers, "--mos", mos))
        for mos, heading in judged.items()
        for workers in ("2", "1")
    ]
    eight = Case("2 workers, 8 together", sentences, ("--workers", "2", "--batch-size", "8"))
    return [*single, eight] if sentences else []


def long(sentences: int) -> list[Case]:
    heading = f"{sentences:,} sentences, 2 workers"
    return [Case(heading, sentences, ("--workers", "2"))] if sentences else []


def books(sentences: int) -> list[Case]:
    options = ("--workers", "2", "--per", "book", "--format", "m4b", "--times", "srt")
    return [Case("a book as m4b, 2 workers", sentences, options)] if sentences else []


def run_case(case: Case) -> WatchedRun:
    """Run a case in a temporary folder and measure it from outside."""
    with TemporaryDirectory() as folder:
        written, into = Path(folder) / "list.txt", Path(folder) / "out"
        written.write_text("\n".join(spliced(case.sentences)), encoding="utf-8")
        return watch_run(("batch", str(written), str(into), *case.options), into)


def spliced(count: int) -> list[str]:
    """Distinct texts: the first half of one sentence and the second half of another."""
    rows = map(json.loads, (HERE / "texts.jsonl").read_text("utf-8").splitlines())
    known = [row["text"].split() for row in rows if row["kind"] == "sentence"]
    texts = dict[str, None]()
    for place in range(len(known) ** 2):
        first, other = place % len(known), (place + place // len(known)) % len(known)
        begun, ended = known[first], known[other]
        texts[" ".join([*begun[: len(begun) // 2], *ended[len(ended) // 2 :]])] = None
        if len(texts) == count:
            return list(texts)
    raise ValueError(f"there are too few texts for {count} sentences; ask for fewer")


def machine() -> dict[str, object]:
    told = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in told if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def shown(row: dict[str, Any]) -> str:
    """A result as a line: speed, and memory in the first minute, in the last, and at its peak."""
    memory = [
        f"{name} {told['first_minute']:.0f}, {told['last_minute']:.0f}, {told['most']:.0f} MiB"
        for name, told in row["memory_mib"].items()
    ]
    cells = (
        row["what"],
        f"{row['speech_s']:.0f} s",
        f"{row['times_real_time']} x",
        f"{row['times_real_time_in_all']} x",
        f"{row['until_the_first_s']} s before, {row['after_the_last_s']} s after",
        "; ".join(memory),
    )
    return f"| {' | '.join(cells)} |"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)

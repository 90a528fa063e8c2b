"""python -m benchmarks.robustness: all robustness tests, as one table.

Seeds are fixed: equal seeds try the same texts, requests, kills and damage.
"""

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import robust_batch, robust_files, robust_server, robust_texts

RESULTS = Path(__file__).parent / "results" / "robustness.json"


@dataclass(frozen=True, kw_only=True)
class Size:
    """Numbers of trials, seconds for which `/health` is watched, and the kind of files."""

    texts: int = 20_000
    requests: int = 2000
    seconds: float = 20
    kills: int = 10
    interrupts: int = 10
    alterations: int = 28
    files: str = ""


FULL = Size()
QUICK = Size(
    texts=500, requests=200, seconds=5, kills=3, interrupts=2, alterations=4, files="vocoder"
)
HEALTH, END = 1.0, 10.0  # seconds that `/health` and SIGTERM may take


@dataclass(frozen=True)
class Row:
    """A row of the table: a kind of test, its trials, those that did harm, and measurements."""

    what: str
    tried: int
    harmed: int
    measured: str


def rows(size: Size, seed: int, only: str = "") -> Iterator[Row]:
    """A row for every kind of harm.

    Args:
        size: how often each is tried.
        seed: of everything that is drawn.
        only: `texts`, `requests`, `batches` or `files`; all of them if empty.
    """
    if only in ("", "texts"):
        yield _texts(robust_texts.read_in_child(size.texts, seed))
    if only in ("", "requests"):
        yield from _server(robust_server.robustness(size.requests, seed, seconds=size.seconds))
    if only in ("", "batches"):
        told = robust_batch.robust_batch(
            kills=size.kills, interrupts=size.interrupts, alterations=size.alterations, seed=seed
        )
        yield from _batch(told)
    if only in ("", "files"):
        yield from _files(robust_files.run(seed, size.files))


def _texts(told: Mapping[str, Any]) -> Row:
    longest = f"longest {told.get('longest', 0)} s of processor time"
    return Row(
        "texts at the boundary of espeak-ng", told["texts"], _sum(told, "dead slow"), longest
    )


def _server(told: Mapping[str, Any]) -> Iterator[Row]:
    bad = sum(count for status, count in told["statuses"].items() if robust_server.is_bad(status))
    memory = f"{told['rss_mib_before']} MiB before, {told['rss_mib_after']} MiB after"
    dead = not told["alive"]
    yield Row(
        "requests at random", told["requests"], bad + dead + told["tracebacks_logged"], memory
    )
    health, end = told["longest_health_s"], told["sigterm_to_end_s"]
    slow = (health > HEALTH) + (end > END)
    measured = f"/health within {health} s, SIGTERM to end {end} s"
    yield Row("of the worst texts at once", told["worst_at_once"], slow, measured)


def _batch(told: Mapping[str, Any]) -> Iterator[Row]:
    phases = ", ".join(
        f"{told.get(f'kills_{phase}', 0)} {phase}" for phase in ("making", "joining", "reporting")
    )
    yield Row("kill -9 of a batch", told["kills"], _lost(told, "kills"), phases)
    harmed = max(
        _lost(told, "interrupts") + told["interrupts_orphans"],
        told["interrupts"] - told["interrupts_in_time"],
        told["interrupts"] - told["interrupts_exit_130"],
    )
    slowest = f"slowest end {told['interrupts_slowest_s']} s"
    yield Row("double Ctrl-C of a batch", told["interrupts"], harmed, slowest)
    what = "altered rows of a batch's manifest"
    yield Row(what, told["alterations"], _lost(told, "alterations"), "made again, same bytes")


def _lost(told: Mapping[str, Any], kind: str) -> int:
    """Runs that did not end in the same bytes, rows that were lost, and tracebacks."""
    different = told[kind] - told.get(f"{kind}_same", 0)
    return different + _sum(told, f"{kind}_rows_lost {kind}_tracebacks")


def _files(results: list[robust_files.Result]) -> Iterator[Row]:
    for kind in dict.fromkeys(result.kind for result in results):
        some = [result for result in results if result.kind == kind]
        told = robust_files.counts(some)
        harmed = _sum(told, " ".join(robust_files.FAULTS))
        slowest = max(result.seconds for result in some)
        measured = f"{told['tries']} tries, slowest {slowest:.1f} s"
        yield Row(f"damaged files: {kind}", told["files"], harmed, measured)


def _sum(told: Mapping[str, Any], names: str) -> int:
    return sum(int(told.get(name, 0)) for name in names.split())


def table(found: list[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| what was tried | times | did harm | measured |", "|---|---:|---:|---|"]
    lines += [f"| {row.what} | {row.tried:,} | {row.harmed} | {row.measured} |" for row in found]
    return "\n".join(lines) + "\n"


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="Run few of each, in a minute, and write no results.")
    ] = False,
    seed: Annotated[
        int, typer.Option(help="Seed of everything random; equal seeds repeat it.")
    ] = 0,
    only: Annotated[
        str, typer.Option(help="One kind: texts, requests, batches or files; all if empty.")
    ] = "",
) -> None:
    """Run all robustness tests, for about an hour; exit code 1 if anything does harm.

    Needs Linux and the train, serve and batch extras. Prints a table, and
    writes benchmarks/results/robustness.json, but not with --quick or
    --only.

    \b
    Examples:
      python -m benchmarks.robustness --quick
      python -m benchmarks.robustness --only files --seed 1
    """
    found = []
    for row in rows(QUICK if quick else FULL, seed, only):
        found.append(row)
        typer.echo(table([row]).splitlines()[-1], err=True)
    typer.echo(table(found))
    if not quick and not only:
        told = {"seed": seed, "python": platform.python_version(), "rows": [*map(asdict, found)]}
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if any(row.harmed for row in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

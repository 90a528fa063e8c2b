"""Figures of each system from the raw rows, and tables of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import numpy as np
from tts.training.evaluation.table import markdown

from benchmarks.speed.process import DROPPED
from benchmarks.speed.rows import Row
from benchmarks.speed.texts import LONG, MEDIUM, SHORT, WORDS

PERCENTILES = (50, 90, 95)
LENGTHS = (SHORT, MEDIUM, LONG)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures of a system with so many threads. Times of texts are of those of one length.

    Args:
        processor_factor: processor time for a second of sound, all threads together.
        wall_factor: seconds of the clock for a second of sound.
        first_sound: percentiles of the milliseconds from the text to the first piece.
        streamed_over_whole: processor time of a stream over that of the same text made at once;
            None where that is no different.
    """

    system: str
    version: str
    threads: int
    length: str
    processor_factor: float
    wall_factor: float
    first_sound: Mapping[int, float]
    streamed_over_whole: float | None


def counted(rows: Iterable[Row]) -> list[Row]:
    """Rows without the first runs of each process, which do not count."""
    return [row for row in rows if row.get("run", DROPPED) >= DROPPED]


def percentiles(seconds: Sequence[float]) -> dict[int, float]:
    """Percentiles in milliseconds, interpolated between the nearest two values."""
    found = 1000 * np.percentile(seconds, PERCENTILES)
    return dict(zip(PERCENTILES, found.tolist(), strict=True))


def newest(rows: Sequence[Row]) -> list[Row]:
    """Rows of the last version of each system, as they stand in the file."""
    last = {row.get("system"): row.get("version") for row in rows}
    return [row for row in rows if row.get("version") == last[row.get("system")]]


def figures(rows: Sequence[Row]) -> list[Figures]:
    """Figures of each system, number of threads and length, in the order of their rows."""
    groups: dict[tuple[str, str, int, str], list[Row]] = {}
    for row in counted(of(newest(rows), "run")):
        about = row["system"], row["version"], row["threads"], row["length"]
        groups.setdefault(about, []).append(row)
    return [_figures(*about, group) for about, group in groups.items()]


def _figures(system: str, version: str, threads: int, length: str, rows: list[Row]) -> Figures:
    streams = [row for row in rows if row["way"] == "stream"]
    wholes = [row for row in rows if row["way"] == "whole"]
    made = wholes or streams
    return Figures(
        system=system,
        version=version,
        threads=threads,
        length=length,
        processor_factor=_factor(made, "cpu"),
        wall_factor=_factor(made, "wall"),
        first_sound=percentiles([row["first_wall"] for row in streams]),
        streamed_over_whole=_factor(streams, "cpu") / _factor(wholes, "cpu") if wholes else None,
    )


def _factor(rows: Sequence[Row], clock: str) -> float:
    """The median over the texts, which one disturbed text does not move."""
    return median(row[clock] / row["seconds"] for row in rows)


def of(rows: Iterable[Row], what: str) -> list[Row]:
    return [row for row in rows if row["what"] == what]


def start_to_first_sound(rows: Sequence[Row], system: str, clock: str) -> float | None:
    """Median seconds from the start of a process to its first sound."""
    found = [row[clock] for row in of(newest(rows), "start") if row["system"] == system]
    return median(found) if found else None


def peak_mib(rows: Sequence[Row], system: str) -> float | None:
    """Peak memory of a process on one thread, over texts of all lengths."""
    runs = [row for row in of(newest(rows), "run") if row["system"] == system]
    return max((row["peak_mib"] or 0 for row in runs if row["threads"] == 1), default=None)


def installed(rows: Sequence[Row], system: str) -> Row:
    """Packages and millions of bytes, with the system among them; empty if not measured."""
    found = [row for row in of(newest(rows), "installed") if row["system"] == system]
    return found[-1] if found else {}


def peak_gflops(rows: Sequence[Row]) -> float | None:
    """Rate of a matrix product on one thread, in 1e9 operations a second."""
    found = [row["gflops"] for row in of(newest(rows), "matmul") if row["threads"] == 1]
    return median(found) if found else None


@dataclass(frozen=True)
class Table:
    """A table of cells with a caption, which may be empty."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        shown = markdown(self.heads, self.rows)
        return f"{self.caption}\n\n{shown}" if self.caption else shown


def tables(rows: Sequence[Row], operations: Mapping[str, float]) -> list[Table]:
    """A table for each number of threads, one of sizes and one of rates.

    Args:
        rows: raw rows.
        operations: for a second of sound, of the systems that they are known of.
    """
    every = figures(rows)
    threads = sorted({one.threads for one in every})
    found = [_speeds(every, count) for count in threads]
    found += [_sizes(rows, every), _rates(rows, every, operations)]
    return [table for table in found if table.rows]


def notes(rows: Sequence[Row]) -> list[str]:
    """A sentence for each system that is not measured."""
    return [f"{name} is not measured: {reason}." for name, reason in _missing(rows).items()]


def page(rows: Sequence[Row], operations: Mapping[str, float]) -> str:
    """All tables and notes, in Markdown."""
    return "\n\n".join([*map(str, tables(rows, operations)), *notes(rows)])


def results(rows: Sequence[Row], operations: Mapping[str, float]) -> Row:
    """The tables and notes, and the figures of each system on one thread, for pages."""
    main = [one for one in figures(rows) if (one.threads, one.length) == (1, MEDIUM)]
    return {
        "tables": [asdict(table) for table in tables(rows, operations)],
        "notes": notes(rows),
        "systems": [
            {
                **asdict(one),
                "start_wall": start_to_first_sound(rows, one.system, "wall"),
                "peak_mib": peak_mib(rows, one.system),
                "installed": installed(rows, one.system),
            }
            for one in main
        ],
    }


def _missing(rows: Sequence[Row]) -> dict[str, str]:
    """The last reason why a system is not measured; one that was measured since has none."""
    last = newest(rows)
    measured = {row["system"] for row in of(last, "run")}
    found = of(last, "missing")
    return {row["system"]: row["reason"] for row in found if row["system"] not in measured}


def _speeds(every: Sequence[Figures], threads: int) -> Table:
    named = [f"first sound, {WORDS[length]} words" for length in LENGTHS]
    heads = ["system", "processor s/s", "s/s", *named, "streamed/whole"]
    rows = []
    for system, found in _by_system(every, threads).items():
        main = found.get(MEDIUM) or next(iter(found.values()))
        first = [_sounds(found[length]) if length in found else "" for length in LENGTHS]
        factors = f"{main.processor_factor:.4f}", f"{main.wall_factor:.4f}"
        rows.append([system, *factors, *first, _number(main.streamed_over_whole, "{:.2f}")])
    caption = f"{threads} thread{'s' * (threads > 1)}. First sound: p50, p90, p95 in ms."
    return Table(caption, heads, rows)


def _sounds(found: Figures) -> str:
    return ", ".join(f"{found.first_sound[one]:.0f}" for one in PERCENTILES)


def _sizes(rows: Sequence[Row], every: Sequence[Figures]) -> Table:
    heads = ["system", "version", "start to first sound, s", "processor s"]
    heads += ["peak memory, MiB", "installed, MB", "packages"]
    body = []
    for system, found in _by_system(every, 1).items():
        size = installed(rows, system)
        body.append(
            [
                system,
                next(iter(found.values())).version,
                _number(start_to_first_sound(rows, system, "wall"), "{:.2f}"),
                _number(start_to_first_sound(rows, system, "cpu"), "{:.2f}"),
                _number(peak_mib(rows, system), "{:.0f}"),
                _number(size.get("megabytes"), "{:.0f}"),
                _number(size.get("packages"), "{}"),
            ]
        )
    return Table("", heads, body)


def _rates(rows: Sequence[Row], every: Sequence[Figures], operations: Mapping[str, float]) -> Table:
    peak = peak_gflops(rows)
    heads = ["system", "GFLOP for 1 s of sound", "GFLOP/s", "of the matrix product"]
    body = []
    for system, found in _by_system(every, 1).items():
        if peak and system in operations and MEDIUM in found:
            needed = operations[system] / 1e9
            rate = needed / found[MEDIUM].processor_factor
            body.append([system, f"{needed:.2f}", f"{rate:.1f}", f"{rate / peak:.0%}"])
    caption = f"A float32 matrix product on one thread: {peak or 0:.1f} GFLOP/s."
    return Table(caption, heads, body)


def _by_system(every: Sequence[Figures], threads: int) -> dict[str, dict[str, Figures]]:
    found: dict[str, dict[str, Figures]] = {}
    for one in every:
        if one.threads == threads:
            found.setdefault(one.system, {})[one.length] = one
    return found


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)

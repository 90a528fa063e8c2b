"""Files of an alignment that is under way: what was measured, and the clips that are done."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from tts.files import atomic_write, write_text_file

from ..processes import results
from .adaptation import Adaptation
from .segment import is_long

START, PART, SEGMENTS = "alignment.npz", "aligned.part.jsonl", "segments.jsonl"
CLIPS_A_WORKER = 100  # fewer are aligned sooner than another process starts
CHUNK = 8  # clips that a process takes at once
LINE_SECONDS = 10.0  # between lines where there is no terminal; chosen by hand

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AlignmentWork:
    """The files of an alignment in a work folder.

    Args:
        folder: the work folder.
        key: of all that the alignment depends on; files with another are made again.
    """

    folder: Path
    key: str

    def read_start(self) -> tuple[str, Adaptation] | None:
        """The start and the adaptation, if they were measured for this key."""
        path = self.folder / START
        if not path.is_file():
            return None
        with np.load(path) as saved:
            if str(saved["key"]) != self.key:
                return None
            values = {field.name: saved[field.name] for field in fields(Adaptation)}
            return str(saved["name"]), Adaptation(**{**values, "pace": float(values["pace"])})

    def write_start(self, name: str, adaptation: Adaptation) -> None:
        values = {field.name: getattr(adaptation, field.name) for field in fields(adaptation)}
        with atomic_write(self.folder / START) as partial, partial.open("wb") as file:
            np.savez(file, key=np.array(self.key), name=np.array(name), **values)

    def read_part(self) -> list[Row]:
        """The rows that are done; a line that was cut short ends them."""
        path = self.folder / PART
        lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
        if not lines or lines[0] != json.dumps({"key": self.key}).encode():
            return []
        return [json.loads(line) for line in lines[1:]]

    def append(self, rows: Iterator[Row], done: Sequence[Row]) -> list[Row]:
        """Write rows as they come, after those that are done."""
        every = list(done)
        write_text_file(self.folder / PART, "".join(map(_line, [{"key": self.key}, *done])))
        with (self.folder / PART).open("a", encoding="utf-8") as file:
            for row in rows:
                file.write(_line(row))
                file.flush()
                every.append(row)
        return every

    def read_segments(self) -> list[Row] | None:
        """The clips and reasons that long recordings became, if they were cut for this key."""
        path = self.folder / SEGMENTS
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        if not lines or json.loads(lines[0]) != {"key": self.key}:
            return None
        return [json.loads(line) for line in lines[1:]]

    def write_segments(self, rows: Sequence[Row]) -> None:
        write_text_file(self.folder / SEGMENTS, "".join(map(_line, [{"key": self.key}, *rows])))

    def finish(self, path: Path, rows: Sequence[Row]) -> None:
        """Write the manifest, whole or not at all."""
        write_text_file(path, "".join(map(_line, rows)))
        (self.folder / PART).unlink(missing_ok=True)


def with_segments(rows: Sequence[Row], work: Path) -> list[Row]:
    """The rows of recordings, with the clips that long ones were cut into in their place."""
    path = work / SEGMENTS
    if not path.is_file():
        return list(rows)
    cut = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    long = {row["source"] for row in rows if is_long(row)}
    sources = {row["source"] for row in cut if row["source"] in long}
    return [
        *(row for row in rows if row.get("source") not in sources),
        *(row for row in cut if row["source"] in sources and "reason" not in row),
    ]


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def aligned_in_parts(
    job: AlignmentWork,
    rows: Sequence[Mapping[str, Any]],
    align: Callable[[Mapping[str, Any]], Row],
    workers: int,
    console: Console,
) -> list[Row]:
    """Align all rows that are not done yet, in processes; the result has the order of the rows."""
    done = job.read_part()
    left = [row for row in rows if row["id"] not in {row["id"] for row in done}]
    processes = min(workers, 1 + len(left) // CLIPS_A_WORKER)
    if processes > 1:
        ready = results(align, left, processes, CHUNK)
        found = job.append(reported(ready, len(left), console), done)
    else:
        found = job.append(reported(map(align, left), len(left), console), done)
    by_id = {row["id"]: row for row in found}
    return [by_id[row["id"]] for row in rows]


def reported(rows: Iterator[Row], total: int, console: Console) -> Iterator[Row]:
    """Show progress: a bar with the time left on a terminal, else a line now and then."""
    if console.is_terminal:
        yield from track(rows, "aligning", total=total, console=console)
        return
    begun = told = time.monotonic()
    for count, row in enumerate(rows, start=1):
        yield row
        if (now := time.monotonic()) - told > LINE_SECONDS:
            told = now
            left = (now - begun) / count * (total - count)
            console.print(f"aligning: {count} of {total} clips, {left:.0f} s left", highlight=False)

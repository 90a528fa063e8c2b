"""Runs a batch in a process of its own, and measures it from outside.

Memory is read from /proc, so this needs Linux.
"""

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
OFTEN, SELDOM = 0.02, 2.0  # seconds between two readings of the manifest, and of memory
MINUTE, HALF = 60.0, 0.5

Seen = list[tuple[float, float]]


@dataclass
class WatchedRun:
    """A run of a batch: rows with seconds of speech, and MiB of each process, with their times."""

    rows: Seen = field(default_factory=list)
    memory: dict[str, Seen] = field(default_factory=lambda: defaultdict(list))
    whole: float = 0.0

    def told(self) -> dict[str, Any]:
        """Figures: real-time factors, seconds before and after the rows, and memory."""
        first, last = self.rows[0][0], self.rows[-1][0]
        between = sum(seconds for at, seconds in self.rows if at > first)
        spoken = sum(seconds for _, seconds in self.rows)
        return {
            "sentences": len(self.rows),
            "speech_s": round(spoken, 1),
            "until_the_first_s": round(first, 2),
            "from_first_to_last_s": round(last - first, 2),
            "after_the_last_s": round(self.whole - last, 2),
            "times_real_time": round(between / (last - first), 1),
            "times_real_time_in_all": round(spoken / self.whole, 1),
            "memory_mib": {name: self._growth(seen) for name, seen in self.memory.items()},
        }

    def _growth(self, seen: Seen) -> dict[str, float]:
        """Memory in the first and the last minute of work, its peak, and its growth a minute in the
        second half, when caches are filled."""
        first, last = self.rows[0][0], self.rows[-1][0]
        at, size = np.array([each for each in seen if first <= each[0] <= last] or seen).T
        told = {
            "first_minute": size[at <= at[0] + MINUTE].mean(),
            "last_minute": size[at >= at[-1] - MINUTE].mean(),
            "most": max(size for _, size in seen),
        }
        late = at >= at[0] + HALF * (at[-1] - at[0])
        if late.sum() > 2:
            told["more_a_minute"] = MINUTE * np.polyfit(at[late], size[late], 1)[0]
        return {name: round(float(value), 1) for name, value in told.items()}


def watch_run(arguments: tuple[str, ...], folder: Path) -> WatchedRun:
    """Run the command to its end and measure it."""
    run, manifest, looked = WatchedRun(), _Tail(folder / "manifest.jsonl"), 0.0
    command = [sys.executable, "-W", "ignore", "-m", "tts.app", *arguments]
    begun = time.perf_counter()
    with TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, stderr=errors)
        while process.poll() is None:
            now = time.perf_counter() - begun
            run.rows += [(now, seconds) for seconds in manifest.seconds()]
            if now - looked > SELDOM:
                looked = now
                for name, size in _memory(process.pid).items():
                    run.memory[name].append((now, size))
            time.sleep(OFTEN)
        run.whole = time.perf_counter() - begun
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"the batch failed: {errors.read()[-1000:].decode()}")
    return run


class _Tail:
    """Reads new rows of a manifest; sorting it at the end adds none."""

    def __init__(self, path: Path) -> None:
        self._path, self._place = path, 0

    def seconds(self) -> list[float]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._place)
            written = file.read()
        whole = written[: written.rfind(b"\n") + 1]
        self._place += len(whole)
        return [json.loads(line).get("seconds", 0.0) for line in whole.splitlines()]


def _memory(pid: int) -> dict[str, float]:
    """Resident MiB of a process and of its workers."""
    children = [
        int(id)
        for tasks in Path(f"/proc/{pid}/task").glob("*/children")
        for id in _read(tasks).split()
    ]
    workers = [child for child in children if "spawn_main" in _read(Path(f"/proc/{child}/cmdline"))]
    processes = {"parent": pid} | {f"worker {n}": child for n, child in enumerate(workers, 1)}
    return {name: _resident(id) for name, id in processes.items()}


def _resident(pid: int) -> float:
    rows = dict(line.split(":", 1) for line in _read(Path(f"/proc/{pid}/status")).splitlines())
    return int(rows.get("VmRSS", "0 kB").split()[0]) / 1024


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # the process has ended

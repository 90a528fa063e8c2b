"""python -m benchmarks.robust_batch: batches that are killed, interrupted, or have altered rows.

Each run is continued, and its files are compared byte by byte with those of an undisturbed run.
Processes are found in /proc, so it needs Linux.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import uuid4

import typer

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "benchmarks" / "texts.jsonl"
MANIFEST, FILES, REPORT = "manifest.jsonl", "files.jsonl", ("report.html", "report.csv")
ITEMS, CHAPTERS = 12, 2
OPTIONS = (
    *("--workers", "2", "--mos", "0", "--format", "flac", "--times", "srt"),
    *("--per", "item", "--per", "chapter", "--per", "book"),
)
PHASES = ("making", "joining", "reporting")
PATIENCE, SOON = 120.0, 3.0  # seconds
INTERRUPTED = 130

Counts = dict[str, float]


def main(
    kills: Annotated[
        int, typer.Option(help="Runs that get SIGKILL, while they make, join or report.")
    ] = 10,
    interrupts: Annotated[int, typer.Option(help="Runs that get Ctrl-C twice.")] = 10,
    alterations: Annotated[int, typer.Option(help="Lines of manifests that are altered.")] = 28,
    seed: Annotated[
        int, typer.Option(help="Seed of the moments and alterations; equal seeds repeat them.")
    ] = 0,
) -> None:
    """Disturb batches, continue them, and count differences and losses.

    Needs Linux and the batch extra. Prints the counts as JSON; it writes to
    temporary folders alone.

    \b
    Examples:
      python -m benchmarks.robust_batch
      python -m benchmarks.robust_batch --kills 2 --interrupts 1 --seed 1
    """
    counts = robust_batch(kills=kills, interrupts=interrupts, alterations=alterations, seed=seed)
    sys.stdout.write(f"{json.dumps(counts, indent=1)}\n")


def robust_batch(
    *, kills: int, interrupts: int, alterations: int, seed: int = 0, options: Sequence[str] = ()
) -> Counts:
    """Count the outcomes of runs that were killed, interrupted, or had altered rows.

    Args:
        kills: by SIGKILL, spread over making, joining and reporting.
        interrupts: runs that get Ctrl-C twice.
        alterations: lines of the manifests that are altered.
        seed: the same chooses the same moments and alterations.
        options: more options of the command, such as models.

    Returns:
        Counts by what they count; every count of `..._same` is that of the runs that left the same
        bytes as one that nothing happened to.
    """
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        trial = Trial.begin(Path(folder), options)
        return (
            killed(trial, kills, chance)
            | interrupted(trial, interrupts, chance)
            | altered(trial, alterations, chance)
        )


@dataclass(frozen=True)
class Trial:
    """A list, and the folder of an undisturbed run of it."""

    folder: Path
    source: Path
    whole: Path
    options: tuple[str, ...]

    @classmethod
    def begin(cls, folder: Path, options: Sequence[str] = ()) -> "Trial":
        source = folder / "list.jsonl"
        rows = map(json.loads, TEXTS.read_text("utf-8").splitlines())
        texts = [row["text"] for row in rows if row["kind"] == "short"][:ITEMS]
        source.write_text("\n".join(map(json.dumps, listed(texts))), encoding="utf-8")
        trial = cls(folder, source, folder / "whole", (*OPTIONS, *options))
        code, told = trial.run(trial.whole).ended()
        if code:
            raise RuntimeError(f"the undisturbed run failed: {told}")
        return trial

    def run(self, out: Path) -> "Command":
        return Command("app", "batch", self.source, out, *self.options)

    def copy(self, name: str, *without: str) -> Path:
        """A copy of the folder of the undisturbed run, without some files."""
        out = self.folder / name
        shutil.copytree(self.whole, out)
        for path in [path for pattern in without for path in out.glob(pattern)]:
            path.unlink(missing_ok=True)
        return out

    def resumed(self, out: Path) -> Counts:
        """Continue a run there; counts whether it ends well, with the same bytes."""
        code, told = self.run(out).ended()
        same = code == 0 and held(out) == held(self.whole)
        shutil.rmtree(out)
        return {"same": same, "tracebacks": "Traceback" in told}


def listed(texts: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a list with chapters of equal length."""
    length = -(-len(texts) // CHAPTERS)
    return [{"text": text, "chapter": f"{at // length + 1}"} for at, text in enumerate(texts)]


class Command:
    """The command in a session of its own, with a mark in the environment of its processes."""

    def __init__(self, *arguments: object, **more: Any) -> None:
        self.mark = uuid4().hex
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1", "MARK": self.mark},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # who begins this in the background may have turned interruptions off
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **more,
        )

    def ended(self) -> tuple[int, str]:
        """Its exit code and its output."""
        _, told = self.process.communicate(timeout=600)
        return self.process.returncode, told

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Whether a condition becomes true before the command ends."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                return False
            if time.monotonic() > end:
                raise TimeoutError("the run did not get that far in time")
            time.sleep(0.001)
        return True

    def interrupt(self, *, group: bool) -> None:
        """Send SIGINT to all processes, as a terminal does, or to the parent alone."""
        with suppress(ProcessLookupError):
            if group:
                os.killpg(self.process.pid, signal.SIGINT)
            else:
                self.process.send_signal(signal.SIGINT)

    def orphans(self) -> int:
        """Processes of the command that remain shortly after its end."""
        end = time.monotonic() + SOON
        while (left := self.alive()) and time.monotonic() < end:
            time.sleep(0.02)
        return len(left)

    def alive(self) -> list[int]:
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if f"MARK={self.mark}" in environment_of(pid)]


def environment_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
    return []


def held(folder: Path) -> dict[str, bytes]:
    """The bytes of every file except the lock."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows_of(folder: Path, name: str = MANIFEST) -> list[bytes]:
    """The complete lines of a manifest."""
    with suppress(OSError):
        return (folder / name).read_bytes().split(b"\n")[:-1]
    return []


def _has_rows(folder: Path, least: int) -> bool:
    return len(rows_of(folder)) >= least


def killed(trial: Trial, times: int, chance: random.Random) -> Counts:
    """Kill runs in each phase, in turn, and continue them."""
    counts = Counter[str]()
    while counts["kills"] < times:
        wanted = min(PHASES, key=lambda phase: counts[f"kills_{phase}"])
        out, before, phase = _killed_once(trial, wanted, chance)
        counts["kills_too_late"] += phase == "ended"
        if phase != "ended":
            counts[f"kills_{phase}"] += 1
            counts["kills"] += 1
            counts["kills_rows_lost"] += len(before - set(rows_of(out)))
            counts.update(_of("kills", trial.resumed(out)))
        shutil.rmtree(out, ignore_errors=True)
    return dict(counts)


def _killed_once(trial: Trial, wanted: str, chance: random.Random) -> tuple[Path, set[bytes], str]:
    """Kill a run in a phase; returns the rows just before, and the phase reached."""
    joined = (FILES, "chapters/*", "list.*")
    left_out = {"making": ("*.*", "*/*"), "joining": (*joined, *REPORT), "reporting": REPORT}
    out = trial.copy("killed", *left_out[wanted])
    command, enough = trial.run(out), chance.randint(1, ITEMS // 2)
    begun: dict[str, Callable[[], bool]] = {
        "making": partial(_has_rows, out, enough),
        "joining": lambda: any((out / "chapters").glob(".*")) or bool(rows_of(out, FILES)),
        "reporting": lambda: any(out.glob(".tts-*")),
    }
    if command.wait_for(begun[wanted]):
        time.sleep(chance.uniform(0, {"making": 0.1, "joining": 0.3, "reporting": 0.01}[wanted]))
    before = set(rows_of(out))
    command.process.kill()  # a run that has just ended is left as it is
    code, _ = command.ended()
    command.orphans()
    return out, before, phase_of(out) if code == -signal.SIGKILL else "ended"


def phase_of(out: Path) -> str:
    """The phase that a run reached, by its files."""
    if all((out / name).exists() for name in REPORT):
        return "ended"
    if len(rows_of(out)) < ITEMS:
        return "making"
    return "reporting" if len(rows_of(out, FILES)) == CHAPTERS + 1 else "joining"


def interrupted(trial: Trial, times: int, chance: random.Random) -> Counts:
    """Send Ctrl-C twice to runs, and continue them."""
    counts, slowest = Counter[str](), 0.0
    for number in range(times):
        out = trial.folder / "interrupted"
        command, enough = trial.run(out), chance.randint(0, ITEMS - 2)
        command.wait_for((out / ".lock").exists)
        command.wait_for(partial(_has_rows, out, enough))
        before, begun = set(rows_of(out)), time.monotonic()
        command.interrupt(group=number % 2 == 0)
        time.sleep(chance.uniform(0, 0.5))
        command.interrupt(group=number % 2 == 0)
        code, _ = command.ended()
        seconds = time.monotonic() - begun
        slowest = max(slowest, seconds)
        counts["interrupts"] += 1
        counts["interrupts_in_time"] += seconds <= SOON
        counts["interrupts_exit_130"] += code == INTERRUPTED
        counts["interrupts_orphans"] += command.orphans()
        counts["interrupts_rows_lost"] += len(before - set(rows_of(out)))
        counts.update(_of("interrupts", trial.resumed(out)))
    return {**counts, "interrupts_slowest_s": round(slowest, 2)}


def altered(trial: Trial, times: int, chance: random.Random, at_once: int = 4) -> Counts:
    """Alter lines of manifests, and continue the runs."""
    counts = Counter[str]()
    while counts["alterations"] < times:
        out, many = trial.copy("altered"), min(at_once, times - counts["alterations"])
        for _ in range(many):
            alter(out / chance.choice((MANIFEST, MANIFEST, FILES)), chance)
        counts["alterations"] += many
        resumed = trial.resumed(out)
        counts.update(_of("alterations", {name: many * n for name, n in resumed.items()}))
    return dict(counts)


def alter(path: Path, chance: random.Random) -> None:
    """Replace one line: by junk, by a part of itself, or with other fields."""
    lines = path.read_bytes().split(b"\n")[:-1]
    place = chance.randrange(len(lines))
    lines[place] = chance.choice((_junk, _torn, _touched, _other_field, _other_field))(
        lines[place], chance
    )
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _junk(line: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"5", b"null", b"[1]", b'"a"', b"{}", b"{", b"[" * 9999, b"\0\xff"))


def _torn(line: bytes, chance: random.Random) -> bytes:
    return line[: chance.randrange(len(line))]


def _touched(line: bytes, chance: random.Random) -> bytes:
    """Change some bytes."""
    touched = bytearray(line)
    for _ in range(chance.randint(1, 3)):
        touched[chance.randrange(len(touched))] = chance.randrange(32, 127)
    return bytes(touched)


def _other_field(line: bytes, chance: random.Random) -> bytes:
    """Change or remove a field."""
    try:
        row = json.loads(line)
    except ValueError:
        return line
    if not isinstance(row, dict) or not row:
        return line
    name = chance.choice(sorted(row))
    others = (None, 0, 1.5, -1, "", "other", [], {}, True, {"../x": "0"}, {"/x": "0"}, [{}], 10**40)
    row[name] = chance.choice(others)
    if chance.random() < 0.2:
        del row[name]
    return json.dumps(row).encode()


def _of(kind: str, counts: Counts) -> dict[str, int]:
    return {f"{kind}_{name}": int(count) for name, count in counts.items()}


if __name__ == "__main__":
    typer.run(main)

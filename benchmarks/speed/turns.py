"""All systems in turn, round by round, so that a disturbance meets all of them."""

import platform
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.speed.process import MATMUL, ROOT, Failed, Worker, start
from benchmarks.speed.rows import Row, RowFile
from benchmarks.speed.systems import OURS, Environment, System
from benchmarks.speed.texts import START_TEXT, texts_by_length


@dataclass(frozen=True)
class Comparison:
    """What is compared.

    Args:
        systems: in the order of their turns.
        environments: folder of their environments.
        threads: numbers of threads, one after the other.
        lengths: of texts, as in `texts.WORDS`.
        rounds: turns of each system at each length.
        starts: of each system's process.
        commit: of this project, as the version of its systems.
    """

    systems: Sequence[System]
    environments: Path
    threads: Sequence[int]
    lengths: Sequence[str]
    rounds: int
    starts: int
    commit: str

    def measure(self, file: RowFile) -> None:
        """Measure everything that the file has no row of."""
        about = {"what": "machine", "version": self.commit}
        file.add(about, machine)
        there = [system for system in self.systems if self._is_installed(file, system)]
        for number in range(self.starts):
            there = [system for system in there if self._starts(file, system, number)]
        for threads in self.threads:
            self._take_turns(file, there, threads)

    def _version(self, system: System) -> str:
        """Empty where the system is not installed; ours runs in this environment, too."""
        if system.package == OURS:
            return self.commit
        return Environment(self.environments / system.environment).version(system.package)

    def _is_installed(self, file: RowFile, system: System) -> bool:
        """Write what is installed, or why there is nothing."""
        if not self._version(system):
            reason = system.missing or "its packages are not installed"
            file.add(self._about("missing", system) | {"reason": reason}, dict)
            return False
        environment = Environment(self.environments / system.environment)
        packages = len(environment.distributions)
        if packages:
            file.add(
                self._about("installed", system),
                lambda: {"packages": packages, "megabytes": environment.megabytes},
            )
        return True

    def _starts(self, file: RowFile, system: System, number: int) -> bool:
        """Time the start of a process, or write why it does not start."""
        about = self._about("start", system) | {"threads": 1, "round": number}
        try:
            file.add(about, partial(start, system, self.environments, START_TEXT))
        except Failed as problem:
            file.add(self._about("missing", system) | {"reason": str(problem)}, dict)
            return False
        return True

    def _about(self, what: str, system: System) -> Row:
        return {"what": what, "system": system.name, "version": self._version(system)}

    def _take_turns(self, file: RowFile, systems: Sequence[System], threads: int) -> None:
        tasks = [task for task in self._tasks(systems, threads) if task[1] not in file]
        with ExitStack() as stack:
            workers = {}
            for system in {task[0].name: task[0] for task in tasks}.values():
                worker = workers[system.name] = Worker(system, threads, self.environments)
                stack.callback(worker.end)
                if system is not MATMUL:
                    worker.warm()
            for system, about, request in tasks:
                file.add(about, partial(workers[system.name].ask, request))

    def _tasks(self, systems: Sequence[System], threads: int) -> Iterator[tuple[System, Row, Row]]:
        """A system, the row to measure, and the request that measures it."""
        texts = texts_by_length()
        for number in range(self.rounds):
            turn = {"threads": threads, "round": number}
            if threads == 1:
                yield MATMUL, {"what": "matmul", "version": self.commit, **turn}, {}
            for length in self.lengths:
                text = texts[length][number % len(texts[length])]
                turns = (system for system in systems if number % system.every == 0)
                for system, way in ((one, way) for one in turns for way in one.ways):
                    about = self._about("run", system) | turn | {"length": length, "way": way}
                    yield system, about, {"text": text, "way": way}


def machine() -> Row:
    """The processor and Python, for readers of the rows."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor()
    return {"processor": processor, "cores": len(names), "python": platform.python_version()}


def commit() -> str:
    """The commit of this tree; with a plus sign where it was changed since."""
    described = ["git", "describe", "--always", "--abbrev=7", "--dirty=+", "--exclude=*"]
    run = subprocess.run(described, cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()

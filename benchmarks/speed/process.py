"""Worker processes: how they are started, and what they are asked."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.speed.rows import Row
from benchmarks.speed.systems import KOKORO_MODEL, KOKORO_VOICES, OURS, Environment, System
from benchmarks.speed.texts import WARMING

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
MATMUL = System("matrix product", options={"kind": "matmul"})
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LAST_CHARACTERS = 300  # characters of what a failed process wrote
DROPPED = 3  # runs of a process that do not count, as of the Open TTS Leaderboard


class Failed(RuntimeError):
    """A worker that ended too early; the message is the last line that it wrote."""


class Worker:
    """A process of one system, started by its first request.

    Args:
        system: what it runs.
        threads: of the system.
        environments: folder of the environments of all systems.
    """

    def __init__(self, system: System, threads: int, environments: Path) -> None:
        self.system = system
        self._command = command(system, threads, environments)
        self._variables = variables(threads, self._command)
        self._runs = 0

    @cached_property
    def _process(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            self._command, env=self._variables, stdin=pipe, stdout=pipe, text=True
        )
        _answer(process, self.system)
        return process

    def warm(self) -> None:
        """Speak a text of each length; these runs do not count."""
        for text in WARMING.values():
            self.ask({"text": text, "way": "stream"})
        assert self._runs == DROPPED

    def ask(self, request: Mapping[str, Any]) -> Row:
        """The answer to a request, with the number of the run in this process."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        found = _answer(self._process, self.system) | {"run": self._runs}
        self._runs += 1
        return found

    def end(self) -> None:
        if "_process" in vars(self):
            with suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=10)
            self._process.kill()
            self._process.wait()


def start(system: System, environments: Path, text: str) -> Row:
    """Seconds from the start of a process to the first sound of a text, on one thread.

    Raises:
        Failed: the system does not run.
    """
    run = command(system, 1, environments, first=text)
    begun = time.perf_counter()
    process = subprocess.Popen(
        run,
        env=variables(1, run),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    taken = time.perf_counter() - begun
    _, errors = process.communicate()
    if not line:
        raise Failed(errors.strip().splitlines()[-1][:LAST_CHARACTERS])
    return {"wall": taken, **json.loads(line)}


def command(system: System, threads: int, environments: Path, **options: Any) -> list[str]:
    """The command of a worker, in the environment of its system."""
    options = {"threads": threads, **system.options, **options}
    folder = environments / system.environment
    if system.environment == "kokoro":
        options |= {"model": str(folder / KOKORO_MODEL), "voices": str(folder / KOKORO_VOICES)}
    return [str(python_of(system, environments)), str(WORKER), json.dumps(options)]


def python_of(system: System, environments: Path) -> Path:
    """The Python of a system's environment; ours runs in this one where it has none."""
    python = Environment(environments / system.environment).python
    runs_here = system.package in (OURS, "")
    return Path(sys.executable) if runs_here and not python.exists() else python


def variables(threads: int, run: Sequence[str]) -> dict[str, str]:
    """The environment variables of a worker; in this environment, it imports this tree."""
    path = str(ROOT) if run[0] == sys.executable else ""
    return os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads)) | {"PYTHONPATH": path}


def _answer(process: subprocess.Popen[str], system: System) -> Row:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise Failed(f"{system.name} ended with exit code {process.wait()}")
    answer: Row = json.loads(line)
    return answer

"""Steps that are taken back: they find faults in seconds, and compile before a clock runs."""

import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch

from ..config import BaseRun
from .compilation import count_graphs
from .outcome import read_losses
from .schedule import set_learning_rates
from .train import Stage, step_generator

# Of progress, at which losses and batches may differ: the first has all of them, the last is what
# is measured.
PHASES = (0.99, 0.0, 0.5)
LIMIT = 30.0  # seconds after the first step, in which those of other phases are begun
ROUND = 10  # steps at most between two looks at the clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What a stage takes.

    Args:
        phases: how many of the `PHASES` there was time for.
        graphs: compiled by the time it was warm.
        first_seconds: of the first steps, in which they were compiled.
        steps_a_second: of those after; of the last of the first steps, if it took long.
        gigabytes: of the device's memory at the most; on a CPU, of the process.
    """

    phases: int
    graphs: int
    first_seconds: float
    steps_a_second: float
    gigabytes: float


def rehearse(
    run: BaseRun, stage: Stage, seconds: float, phases: Sequence[float] = PHASES
) -> Rehearsal:
    """Take a step of every phase, then steps for some seconds, and go back to before them.

    Two steps are taken to their end, however long they last: the first, with what it compiles, and
    one that was begun in time. All others take at most `LIMIT` seconds, and then about three times
    `seconds`.

    Args:
        run: what the stage was made for.
        stage: the stage, which ends as it was.
        seconds: how long to measure its speed; a step that lasts longer is measure enough.
        phases: of which to take steps; one, where all there is to do is to compile.

    Raises:
        ValueError: a loss is not finite, or too many graphs were compiled.
    """
    state, graphs = stage.state, count_graphs()
    kept = deepcopy(state.values())
    if state.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(state.device)
    lasted = [_step(run, stage, phases[0])]
    for progress in phases[1:]:
        if sum(lasted[1:]) < LIMIT:
            lasted.append(_step(run, stage, progress))
    enough = lasted[-1] >= seconds
    speed = 1 / lasted[-1] if enough else _steps_a_second(run, stage, seconds)
    state.restore(kept)
    return Rehearsal(
        phases=len(lasted),
        graphs=count_graphs() - graphs,
        first_seconds=sum(lasted),
        steps_a_second=speed,
        gigabytes=_peak_bytes(state.device) / 1e9,
    )


def _step(run: BaseRun, stage: Stage, progress: float) -> float:
    """Take a step; returns the seconds it lasted."""
    begun = time.perf_counter()
    set_learning_rates(run, stage.state, progress)
    read_losses([stage.step(progress, step_generator(run, stage.state))])
    return time.perf_counter() - begun


def _steps_a_second(run: BaseRun, stage: Stage, seconds: float) -> float:
    """By rounds that grow: slow steps are soon enough, and fast ones are not waited for."""
    begun, spent, steps, size = time.perf_counter(), 0.0, 0, 1
    while spent < seconds:
        read_losses([stage.step(PHASES[-1], step_generator(run, stage.state)) for _ in range(size)])
        steps, size = steps + size, min(2 * size, ROUND)
        spent = time.perf_counter() - begun
    return steps / spent


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    from resource import RUSAGE_SELF, getrusage  # not on Windows

    return 1024 * getrusage(RUSAGE_SELF).ru_maxrss

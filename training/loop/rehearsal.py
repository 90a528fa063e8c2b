"""Rehearsal of a stage: steps that are undone, to find faults and to compile beforehand."""

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

# Progress of the rehearsed steps, as losses and batches depend on it: near the end all losses take
# part; the last one is used to measure speed.
PHASES = (0.99, 0.0, 0.5)
LIMIT = 30.0  # seconds after the first step, within which steps of other phases may begin
ROUND = 10  # most steps between two readings of the clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What a rehearsal measured of a stage.

    Args:
        phases: number of `PHASES` that there was time for.
        graphs: number of graphs that were compiled.
        first_seconds: seconds of the first step of each phase, compilation included.
        steps_a_second: speed of the steps after them; of the last of them, if it was slow.
        gigabytes: peak memory of the GPU; on a CPU, of the process.
    """

    phases: int
    graphs: int
    first_seconds: float
    steps_a_second: float
    gigabytes: float


def rehearse(
    run: BaseRun, stage: Stage, seconds: float, phases: Sequence[float] = PHASES
) -> Rehearsal:
    """Take a step of every phase, measure the speed, and restore the state.

    The first step, which compiles, may last as long as it needs, and so may a step that began in
    time. All others take at most `LIMIT` seconds, the measurement about three times `seconds`.

    Args:
        run: the run of the stage.
        stage: the stage; its state is restored at the end.
        seconds: for which to measure speed; one step that takes longer is enough.
        phases: progress values to take a step at; one is enough to compile.

    Returns:
        What was measured.

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
    """Take a step and return its seconds."""
    begun = time.perf_counter()
    set_learning_rates(run, stage.state, progress)
    read_losses([stage.step(progress, step_generator(run, stage.state))])
    return time.perf_counter() - begun


def _steps_a_second(run: BaseRun, stage: Stage, seconds: float) -> float:
    """Measured in rounds that double up to `ROUND` steps, so that reading losses costs little."""
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

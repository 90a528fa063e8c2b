"""Steps that are taken back: they find faults in seconds, and compile before a clock runs."""

import time
from copy import deepcopy
from dataclasses import dataclass

import torch

from training.compilation import count_graphs
from training.loop import Stage, generator
from training.optimize import set_rates
from training.outcome import read
from training.run import Plan

PHASES = (0.0, 0.5, 0.99)  # of progress, at which losses and batches may differ
ROUND = 10  # steps between two looks at the clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """What a stage takes.

    Args:
        graphs: compiled by the time it was warm.
        first_seconds: of the first steps, in which they were compiled.
        steps_a_second: of those after.
        gigabytes: of the device's memory at the most; on a CPU, of the process.
    """

    graphs: int
    first_seconds: float
    steps_a_second: float
    gigabytes: float


def rehearse(run: Plan, stage: Stage, seconds: float) -> Rehearsal:
    """Take the steps of every phase, then steps for some seconds, and go back to before them.

    Args:
        run: what the stage was made for.
        stage: the stage, which ends as it was.
        seconds: how long to measure its speed.

    Raises:
        ValueError: a loss is not finite, or too many graphs were compiled.
    """
    state, graphs = stage.state, count_graphs()
    kept = deepcopy(state.values())
    if state.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(state.device)
    begun = time.monotonic()
    for progress in PHASES:
        _step(run, stage, progress)
    warm, steps = time.monotonic(), 0
    while steps == 0 or time.monotonic() - warm < seconds:
        outcomes = [stage.step(PHASES[1], generator(run, state)) for _ in range(ROUND)]
        read(outcomes)
        steps += ROUND
    speed = steps / (time.monotonic() - warm)
    state.restore(kept)
    return Rehearsal(
        graphs=count_graphs() - graphs,
        first_seconds=warm - begun,
        steps_a_second=speed,
        gigabytes=_peak_bytes(state.device) / 1e9,
    )


def _step(run: Plan, stage: Stage, progress: float) -> None:
    set_rates(run, stage.state, progress)
    read([stage.step(progress, generator(run, stage.state))])


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    from resource import RUSAGE_SELF, getrusage  # not on Windows

    return 1024 * getrusage(RUSAGE_SELF).ru_maxrss

"""The time of an update of one objective in units of another's, measured side by side.

Processor time depends on what else a machine does: with other work beside it, an update takes two
or three times as long. The ratio of two objectives hardly does if their updates take turns.
"""

import time
from collections.abc import Sequence

from ..acoustic.stage import AcousticStage
from ..loop.train import step_generator

ROUNDS = 8  # updates of each that are timed; the fastest counts
WARM_UP = 2  # updates before these
PROGRESS = 0.75  # of the run; shares and intervals have their last values


def fastest_updates(stages: Sequence[AcousticStage]) -> list[float]:
    """Seconds of the fastest update of each stage, in turns; the stages are trained a little.

    Args:
        stages: of runs with the same batches. Seconds are of the training thread on a CPU, and of
            the clock on a GPU.
    """
    fastest = [float("inf")] * len(stages)
    for turn in range(WARM_UP + ROUNDS):
        for index, stage in enumerate(stages):
            seconds = _update(stage)
            if turn >= WARM_UP:
                fastest[index] = min(fastest[index], seconds)
    return fastest


def _update(stage: AcousticStage) -> float:
    clock = time.thread_time if stage.state.device.type == "cpu" else time.monotonic
    begun = clock()
    result = stage.step(PROGRESS, step_generator(stage.run, stage.state))
    result.gradients.tolist()  # waits for a GPU
    return clock() - begun

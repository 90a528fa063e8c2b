"""The learning rate: a pure function of progress through a stage, and where it is set."""

from ..config import BaseRun
from .state import TrainingState


def set_learning_rates(run: BaseRun, state: TrainingState, done: float) -> None:
    """Set every optimizer's learning rate for this step, at this progress."""
    share = learning_rate_factor(state.step, done, warmup=run.warmup, decay=run.decay)
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_rate"] * share


def learning_rate_factor(step: int, progress: float, *, warmup: int, decay: float) -> float:
    """Up over the first steps, level, then straight down to zero over the last share `decay`."""
    return min(1.0, (step + 1) / warmup, max(0.0, (1 - progress) / decay))

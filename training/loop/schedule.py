"""The schedule of learning rates: linear warm-up, constant, linear decay to zero."""

from ..config import BaseRun
from .state import TrainingState


def set_learning_rates(run: BaseRun, state: TrainingState, done: float) -> None:
    """Set the learning rates of all optimizers for the next step, at a progress of 0 to 1."""
    share = learning_rate_factor(state.step, done, warmup=run.warmup, decay=run.decay)
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_rate"] * share


def learning_rate_factor(step: int, progress: float, *, warmup: int, decay: float) -> float:
    """The factor of the peak learning rate, 0 to 1.

    It rises linearly over the first `warmup` steps and falls linearly to zero over the last share
    `decay` of the progress.
    """
    return min(1.0, (step + 1) / warmup, max(0.0, (1 - progress) / decay))

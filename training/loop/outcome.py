"""The result of a training step, and reading its losses: rarely, as that waits for a GPU."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The result of one training step, on the device of the run.

    Args:
        step: its number, from 0.
        losses: scalars by name, detached.
        gradients: norms of the gradients of each network before clipping.
        clips: returns the ids of the batch's clips.
    """

    step: int
    losses: dict[str, Float[Tensor, ""]]
    gradients: Float[Tensor, " networks"]
    clips: Callable[[], Sequence[str]]


def read_losses(outcomes: Sequence[StepResult]) -> dict[str, float]:
    """Read the losses of the last of some steps and check all steps, in one transfer.

    Raises:
        ValueError: a loss or a gradient of one of the steps is not finite.
    """
    rows = [torch.stack([*o.losses.values(), *o.gradients]).float() for o in outcomes]
    finite = torch.stack([row.isfinite().all() for row in rows])
    count = len(outcomes)
    numbers = torch.cat([finite.float(), rows[-1]]).tolist()
    for outcome, good in zip(outcomes, numbers[:count], strict=True):
        if not good:
            raise ValueError(_refusal(outcome))
    return dict(zip(outcomes[-1].losses, numbers[count:], strict=False))


def _refusal(outcome: StepResult) -> str:
    wrong = [name for name, loss in outcome.losses.items() if not loss.isfinite()]
    names, clips = ", ".join(wrong or ["gradients"]), ", ".join(outcome.clips())
    return f"step {outcome.step}: {names} not finite; see clips {clips}"

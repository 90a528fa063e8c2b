"""What a step of training leaves behind, and how to read it: rarely, as it makes a GPU wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """One step, still on its device.

    Args:
        step: its number, from 0.
        losses: by name, apart from the graph.
        gradients: norms of the gradients of each network, before they were clipped.
        clips: says which clips it learnt from.
    """

    step: int
    losses: dict[str, Float[Tensor, ""]]
    gradients: Float[Tensor, " networks"]
    clips: Callable[[], Sequence[str]]


def read_losses(outcomes: Sequence[StepResult]) -> dict[str, float]:
    """The losses of the last of some steps, in one transfer for all of them.

    Raises:
        ValueError: in one of the steps, a loss or a gradient was not finite.
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

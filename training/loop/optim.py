"""Optimizers, the update of adversaries, and mixed precision."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..config import BaseRun
from .state import TrainingState

# of each side of adversarial training; chosen by hand, not tuned
MAX_GRADIENT_NORM = 10.0


def optimizers(model: nn.Module, run: BaseRun) -> list[torch.optim.Optimizer]:
    """Optimizers of all parameters that are not frozen.

    Args:
        model: the networks to train.
        run: gives rates, betas and weight decay.

    Returns:
        AdamW; with a `matrix_rate` also Muon, for weight matrices inside blocks. Muon's updates
        are scaled to the RMS of AdamW's, so that the rates compare.
    """
    named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    inner = [p for name, p in named if p.ndim == 2 and _is_inner(name)] if run.matrix_rate else []
    others = [p for _, p in named if not any(p is matrix for matrix in inner)]
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            others, run.rate, betas=run.betas, weight_decay=run.weight_decay, fused=True
        )
    ]
    if inner and run.matrix_rate:
        found.append(
            torch.optim.Muon(
                inner,
                run.matrix_rate,
                weight_decay=run.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for optimizer in found:
        for group in optimizer.param_groups:
            group["full_rate"] = group["lr"]
    return found


def _is_inner(name: str) -> bool:
    return name.endswith(".weight") and (".blocks." in name or ".attention." in name)


def step_optimizers(
    state: TrainingState, sides: Sequence[tuple[nn.Module, Tensor]]
) -> Float[Tensor, " sides"]:
    """Compute each side's gradients from its own loss alone, clip them, and update all sides.

    Args:
        state: its optimizers step, and its step counts up.
        sides: networks, each with the loss that it minimises.

    Returns:
        The norms of the gradients before clipping, one for each side.
    """
    norms = []
    for index, (side, loss) in enumerate(sides, start=1):
        own = [weight for weight in side.parameters() if weight.requires_grad]
        gradients = torch.autograd.grad(loss, own, retain_graph=index < len(sides))
        for weight, gradient in zip(own, gradients, strict=True):
            weight.grad = gradient
        norms.append(torch.nn.utils.clip_grad_norm_(own, MAX_GRADIENT_NORM))
    for optimizer in state.optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    state.step += 1
    return torch.stack(norms)


def precision(run: BaseRun, device: torch.device) -> AbstractContextManager[object]:
    """The autocast context of a run's networks; none for float32."""
    half = run.precision == "bfloat16"
    return torch.autocast(device.type, dtype=torch.bfloat16) if half else nullcontext()

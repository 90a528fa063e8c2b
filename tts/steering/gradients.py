"""Values and gradients of rewards."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from tts.acoustic.flow import Mel

Objective = Callable[[Mel], Float[Tensor, " batch"]]


def value_and_gradient(objective: Objective, x: Mel) -> tuple[Float[Tensor, " batch"], Mel]:
    """The value of each item, and its gradient with respect to the item.

    Raises:
        ValueError: there is not one finite number for each item, or it does not depend on the item.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        values = objective(x)
        if not isinstance(values, Tensor) or values.shape != (len(x),):
            given = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
            raise ValueError(
                f"a reward must return a number for each item, of shape ({len(x)},); got {given}"
            )
        if not values.requires_grad:
            raise ValueError(
                "a reward must be differentiable; use torch functions of the mel, and no detach()"
            )
        (slope,) = torch.autograd.grad(values.sum(), x, materialize_grads=True)
    values = values.detach()
    if not (values.isfinite().all() and slope.isfinite().all()):
        raise ValueError("a reward and its gradient must be finite")
    return values, slope

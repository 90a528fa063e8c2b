"""Derivatives along a jump, and targets without gradient, for the formulas."""

from collections.abc import Callable

import torch
from torch import Tensor


def without_gradient(function: Callable[..., Tensor], *points: Tensor) -> Tensor:
    """Call a function on detached tensors, without a graph: targets have no gradient."""
    with torch.no_grad():
        return function(*(point.detach() for point in points)).detach()

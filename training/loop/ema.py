"""The running average of weights, which is what speaks, and what teaches."""

import torch
from torch import nn


class EMA:
    """An exponential average; early on it covers about the last tenth of the steps so far."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: value.clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the model; the first steps move further."""
        pull = max(1 - self.decay, 10 / (step + 10))
        current = model.state_dict()
        towards = [current[name] for name in self.weights]
        torch._foreach_lerp_(list(self.weights.values()), towards, pull)

    def is_finite(self) -> bool:
        """Whether every number is one."""
        numbers = [value for value in self.weights.values() if value.is_floating_point()]
        return bool(torch.stack([value.isfinite().all() for value in numbers]).all())

    @torch.no_grad()
    def load_into(self, model: nn.Module) -> None:
        """Give the model the averaged weights."""
        model.load_state_dict(self.weights)

"""The exponential moving average of weights, which is what checkpoints hold."""

import torch
from torch import nn


class EMA:
    """An exponential moving average of a model's weights.

    At step n it moves towards the model by max(1 - decay, 10 / (n + 10)), so that early on it
    covers about the last tenth of the steps so far. The 10 is chosen by hand; not tuned.

    Args:
        model: whose weights it starts as.
        decay: from 0 to below 1.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {name: value.clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move the average towards the model after its update number `step`."""
        pull = max(1 - self.decay, 10 / (step + 10))
        current = model.state_dict()
        towards = [current[name] for name in self.weights]
        torch._foreach_lerp_(list(self.weights.values()), towards, pull)

    def is_finite(self) -> bool:
        """Whether all averaged weights are finite."""
        numbers = [value for value in self.weights.values() if value.is_floating_point()]
        return bool(torch.stack([value.isfinite().all() for value in numbers]).all())

    @torch.no_grad()
    def load_into(self, model: nn.Module) -> None:
        """Load the averaged weights into a model of the same sizes."""
        model.load_state_dict(self.weights)

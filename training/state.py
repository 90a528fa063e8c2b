"""What resuming needs: weights, optimizer, average, step and time spent."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from training.average import Average


@dataclass
class State:
    """Everything a run changes. Chance needs no place here: it follows from seed and step."""

    model: nn.Module
    optimizers: list[torch.optim.Optimizer]
    average: Average
    step: int = 0
    seconds: float = 0.0
    lowest: float = math.inf  # of the held-out loss that a run watches

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def save(self, path: Path) -> None:
        """Write beside, then rename."""
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "average": self.average.weights,
                "step": self.step,
                "seconds": self.seconds,
                "lowest": self.lowest,
            },
            partial,
        )
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on exactly where a saved state stopped."""
        saved = torch.load(path, weights_only=True, map_location=self.device)
        self.model.load_state_dict(saved["model"])
        for optimizer, values in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(values)
        self.average.weights = saved["average"]
        self.step, self.seconds, self.lowest = (saved[k] for k in ("step", "seconds", "lowest"))

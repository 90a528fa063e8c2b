"""The state of a run: weights, optimizers, averages, step and time spent."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tts.files import atomic_write
from tts.validation import coerce_argument

from .ema import EMA

UNREADABLE = "not the state of a run, or damaged; delete it to start the run again"


def read_state(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read the `state.pt` of a run, as `TrainingState.values` has it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not the state of a run, or is damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; give the state.pt of a run")
    try:
        saved = torch.load(path, weights_only=True, map_location=device)
    except Exception as error:  # damaged files raise anything
        raise ValueError(f"cannot read {path}: {UNREADABLE}") from error
    if not isinstance(saved, dict) or "model" not in saved:
        raise ValueError(f"{path} is not the state of a run; give its state.pt")
    return saved


@dataclass
class TrainingState:
    """Everything that a run changes; random numbers are not part of it, as seed and step give them.

    Args:
        model: all networks that are trained, discriminators included.
        optimizers: of all their parameters.
        average: running average of the weights.
        step: updates so far.
        seconds: training time so far.
        lowest_loss: lowest value so far of the held-out loss that the run watches.
        stale_saves: saves in a row without a lower one.
        forward_passes: compute so far of an acoustic model, in forward passes of one crop through
            one flow map; a backward pass counts as two (`Objective.cost`).
    """

    model: nn.Module
    optimizers: list[torch.optim.Optimizer]
    average: EMA
    step: int = 0
    seconds: float = 0.0
    lowest_loss: float = math.inf
    stale_saves: int = 0
    forward_passes: float = 0.0

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def values(self) -> dict[str, Any]:
        """The state as plain values and tensors, not copied."""
        return {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.weights,
            "step": self.step,
            "seconds": self.seconds,
            "lowest": self.lowest_loss,
            "stale": self.stale_saves,
            "forward_passes": self.forward_passes,
        }

    def restore(self, values: Mapping[str, Any]) -> None:
        """Take over values of `values`, without a copy of the average."""
        self.model.load_state_dict(values["model"])
        for optimizer, saved in zip(self.optimizers, values["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.average.weights = values["average"]
        self.step, self.seconds, self.lowest_loss = (
            values[k] for k in ("step", "seconds", "lowest")
        )
        # states of before version 0.2 lack these
        self.stale_saves = values.get("stale", 0)
        self.forward_passes = values.get("forward_passes", 0.0)

    def save(self, path: Path) -> None:
        """Write the state to a file atomically.

        Raises:
            OSError: it cannot be written.
        """
        with atomic_write(path) as partial:
            try:
                torch.save(self.values(), partial)
            except RuntimeError as error:  # torch's error for any trouble with the disk
                why = f"cannot write {path}: the disk may be full; make room, and try again"
                raise OSError(why) from error

    def load(self, path: Path) -> None:
        """Restore the state from a file.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is not the state of this run, or is damaged.
        """
        values = read_state(path, self.device)
        try:
            coerce_argument("step", int, values["step"])
            coerce_argument("seconds", float, values["seconds"])
            average, known = values["average"], self.average.weights
            if {name: value.shape for name, value in average.items()} != _shapes(known):
                raise ValueError("the average is of another model")
            self.restore(values)
        except Exception as error:  # torch raises many types where values do not fit
            raise ValueError(f"cannot read {path}: {UNREADABLE}") from error


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()}

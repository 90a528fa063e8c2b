"""What resuming needs: weights, optimizer, average, step and time spent."""

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

UNREADABLE = "cannot be read as the state of a run; delete it to begin that run anew"


def read_state(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """What a run has saved of its state.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no state of a run, or was damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"expected the state of a run at {path}, found none")
    try:
        saved = torch.load(path, weights_only=True, map_location=device)
    except Exception as error:  # what is damaged fails in any way
        raise ValueError(f"{path} {UNREADABLE}") from error
    if not isinstance(saved, dict) or "model" not in saved:
        raise ValueError(f"{path} is not the state of a run; give one")
    return saved


@dataclass
class TrainingState:
    """Everything a run changes. Chance needs no place here: it follows from seed and step."""

    model: nn.Module
    optimizers: list[torch.optim.Optimizer]
    average: EMA
    step: int = 0
    seconds: float = 0.0
    lowest_loss: float = math.inf  # of the held-out loss that a run watches

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def values(self) -> dict[str, Any]:
        """All of it, not copied."""
        return {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "average": self.average.weights,
            "step": self.step,
            "seconds": self.seconds,
            "lowest": self.lowest_loss,
        }

    def restore(self, values: Mapping[str, Any]) -> None:
        """Go back to values, which are then this state's own."""
        self.model.load_state_dict(values["model"])
        for optimizer, saved in zip(self.optimizers, values["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.average.weights = values["average"]
        self.step, self.seconds, self.lowest_loss = (
            values[k] for k in ("step", "seconds", "lowest")
        )

    def save(self, path: Path) -> None:
        """All of it, as one file that is whole or not there."""
        with atomic_write(path) as partial:
            try:
                torch.save(self.values(), partial)
            except RuntimeError as error:  # whatever is the matter with the disk
                why = f"expected to write {path}, and could not; is there space left?"
                raise OSError(why) from error

    def load(self, path: Path) -> None:
        """Go on exactly where a saved state stopped.

        Raises:
            ValueError: it is no state of this run, or was damaged.
        """
        values = read_state(path, self.device)
        try:
            coerce_argument("step", int, values["step"])
            coerce_argument("seconds", float, values["seconds"])
            average, known = values["average"], self.average.weights
            if {name: value.shape for name, value in average.items()} != _shapes(known):
                raise ValueError("the average is of another model")
            self.restore(values)
        except Exception as error:  # torch's own parts have no one way to say that they do not fit
            raise ValueError(f"{path} {UNREADABLE}") from error


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()}

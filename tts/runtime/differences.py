"""Weights of a model with differences added, for the runtimes that a learned voice changes."""

from collections.abc import Iterator, Mapping

import numpy as np

from tts.checkpoint import NAMES
from tts.error_messages import short_repr
from tts.runtime.arrays import Weights
from tts.runtime.base import WeightDifferences

Shapes = Mapping[str, tuple[int, ...]]  # of a model's weights, by their keys in files
Changes = Mapping[str, Mapping[str, np.ndarray]]  # by model, `acoustic` and `vocoder`; then by key


class SummedWeights(Mapping[str, np.ndarray]):
    """Weights plus differences; each sum is computed in single precision when it is read.

    Args:
        weights: in single precision.
        differences: for some of them, in any precision.
    """

    def __init__(self, weights: Weights, differences: Mapping[str, np.ndarray]) -> None:
        self._weights, self._differences = weights, differences

    def __getitem__(self, key: str) -> np.ndarray:
        weight = self._weights[key]
        if key not in self._differences:
            return weight
        return np.asarray(weight + np.asarray(self._differences[key], np.float32))

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)


class RecordedWeights(Mapping[str, np.ndarray]):
    """Weights that record which of them were read.

    Attributes:
        read: the keys.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> np.ndarray:
        self.read.add(key)
        return self._weights[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._weights)

    def __len__(self) -> int:
        return len(self._weights)


def check_differences(
    differences: WeightDifferences, shapes: Shapes, vocoder_shapes: Shapes
) -> Changes:
    """The differences that are not zero everywhere.

    Args:
        differences: of both models.
        shapes: of the acoustic model's weights.
        vocoder_shapes: of the vocoder's.

    Raises:
        ValueError: there is no such weight, it has another shape, or a difference is not finite.
    """
    return {
        "acoustic": _checked("acoustic", differences.acoustic, shapes),
        "vocoder": _checked("vocoder", differences.vocoder, vocoder_shapes),
    }


def _checked(
    model: str, differences: Mapping[str, np.ndarray], shapes: Shapes
) -> dict[str, np.ndarray]:
    for key, difference in differences.items():
        if key not in shapes:
            raise ValueError(f"unknown weight {short_repr(key)} of {NAMES[model]}")
        if difference.shape != tuple(shapes[key]):
            raise ValueError(
                f"the difference of {key} must have the shape {tuple(shapes[key])}, "
                f"got {difference.shape}"
            )
        if not np.isfinite(difference).all():
            raise ValueError(f"the difference of {key} must be finite")
    return {key: difference for key, difference in differences.items() if difference.any()}


def check_vector(voice: np.ndarray, size: int) -> None:
    """Check the shape of a voice's vector.

    Raises:
        ValueError: it has another shape.
    """
    if voice.shape != (size,):
        raise ValueError(f"the vector of a voice must have the shape ({size},), got {voice.shape}")

"""Differences of weight matrices in two bits a value, as voice files store them.

The changes of fine-tuning take far fewer bits than weights: BitDelta (arXiv 2402.10193) keeps the
quality of language models with one. A row of a matrix is a scale times one of four levels, those
with the least mean square error for normal values (J. Max, Quantizing for minimum distortion, 1960,
table I). Of the differences of a voice that is 9.3 dB above the error. With two bits its speech
measures as without rounding, with one it does not (docs/log/2026-11-29-new-voices.md).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from tts.checkpoint import StoredWeights

BITS = 2
LEVELS = np.array([-1.5104, -0.4528, 0.4528, 1.5104], np.float32)
THRESHOLDS = np.array([-0.9816, 0.0, 0.9816], np.float32)
SCALES = ":scales"  # at the end of the names of tensors that have the scales of others
CODES_A_BYTE = 8 // BITS
SHIFTS = np.arange(0, 8, BITS, dtype=np.uint8)
# Smaller matrices are kept in half precision, as they take little; chosen by hand.
MIN_VALUES = 2048


def is_quantised(difference: np.ndarray) -> bool:
    """Whether a difference is stored in two bits a value: a matrix with `MIN_VALUES` or more."""
    return difference.ndim == 2 and difference.size >= MIN_VALUES


def quantise(
    matrix: Float[np.ndarray, "rows columns"],
) -> tuple[UInt8[np.ndarray, "rows packed"], Float[np.ndarray, " rows"]]:
    """The codes of a matrix, four in a byte from the lowest bits on, and the scale of each row.

    Args:
        matrix: of differences.

    Returns:
        Codes, with a last byte that may be partly empty, and scales in half precision.

    Example:
        >>> codes, scales = quantise(np.array([[1.0, -1.0, 4.0, 4.0, -4.0]], np.float32))
        >>> restore(codes, scales, 5).round(2)
        array([[ 1.19, -1.19,  3.96,  3.96, -3.96]], dtype=float32)
    """
    rms = np.sqrt(np.square(matrix).mean(axis=1, keepdims=True))
    codes = np.digitize(matrix / np.where(rms > 0, rms, 1), THRESHOLDS).astype(np.uint8)
    values = LEVELS[codes]
    scales = (matrix * values).sum(axis=1) / np.square(values).sum(axis=1)  # least squares
    empty = -matrix.shape[1] % CODES_A_BYTE
    grouped = np.pad(codes, ((0, 0), (0, empty))).reshape(len(matrix), -1, CODES_A_BYTE)
    return np.bitwise_or.reduce(grouped << SHIFTS, axis=2), scales.astype(np.float16)


def restore(
    codes: UInt8[np.ndarray, "rows packed"], scales: Float[np.ndarray, " rows"], columns: int
) -> Float[np.ndarray, "rows columns"]:
    """The matrix of codes and scales, in single precision.

    Args:
        codes: from `quantise`.
        scales: from `quantise`.
        columns: of the matrix.
    """
    unpacked = (codes[:, :, None] >> SHIFTS) & (len(LEVELS) - 1)
    values = LEVELS[unpacked.reshape(len(codes), -1)[:, :columns]]
    return values * scales.astype(np.float32)[:, None]


class StoredDifferences(Mapping[str, np.ndarray]):
    """Differences of a voice file by the keys of weights; each is an array in single precision.

    Args:
        tensors: of the file, by these keys, as safetensors gives them.
        columns: the number of columns of each matrix in two bits, by its key.
    """

    def __init__(
        self, tensors: Mapping[str, Mapping[str, Any]], columns: Mapping[str, int]
    ) -> None:
        self._tensors, self._columns = tensors, columns
        self._weights = StoredWeights(tensors)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns or name not in self._tensors:
            return self._weights[name]
        tensor = self._tensors[name]
        codes = np.frombuffer(tensor["data"], np.uint8).reshape(tensor["shape"])
        return restore(codes, self._weights[name + SCALES], self._columns[name])

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a difference, without the array."""
        shape = tuple(map(int, self._tensors[name]["shape"]))
        return (shape[0], self._columns[name]) if name in self._columns else shape

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._tensors if not name.endswith(SCALES))

    def __len__(self) -> int:
        return sum(1 for _ in self)

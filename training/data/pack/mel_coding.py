"""Coding of log-mels in few bytes: quantised, predicted from neighbours, Huffman-coded.

The predictor is the median of LOCO-I (Weinberger et al. 2000; JPEG-LS): of the band below, the
frame before, and their plane. The residuals of a clip, band by band, have one set of Huffman codes,
within 2 % of their entropy; matching strings, as zlib and lzma do by default, takes more bytes.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float, UInt8

from tts.validation import check_ranges, check_types

BATCH = 64  # clips that are decoded at once
LEVELS = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class MelCoding:
    """Parameters of the coding; decoded values are off by at most half a step.

    Args:
        bands: bands of the mel, 1 to 1024.
        floor: lowest value, in log-magnitude, -100 to 0.
        step: quantisation step, 0.001 to 10; 0.2 in log-magnitude is 1.7 dB. Chosen by hand.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    bands: int = 100
    floor: float = -8.0
    step: float = 0.2

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, {"bands": (1, 1024), "floor": (-100, 0), "step": (1e-3, 10)})

    def encode(self, mel: Float[np.ndarray, "frames bands"]) -> bytes:
        """Encode the mel of a clip.

        Raises:
            ValueError: a value is below the floor, or more than 255 steps above it.
        """
        levels = np.rint((mel.astype(np.float32) - self.floor) / self.step).astype(np.int16)
        if levels.min(initial=0) < 0 or levels.max(initial=0) >= LEVELS:
            top = self.floor + (LEVELS - 1) * self.step
            raise ValueError(
                f"mels must be from {self.floor} to {top:g}, got {mel.min():g} to {mel.max():g}"
            )
        frame = np.pad(levels, ((1, 0), (1, 0)))
        rest = levels - _predict(frame[1:, :-1], frame[:-1, 1:], frame[:-1, :-1])
        coder = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
        return coder.compress(rest.T.astype(np.uint8).tobytes()) + coder.flush()

    def decode(
        self, codes: Sequence[bytes], lengths: Sequence[int]
    ) -> Iterator[Float[np.ndarray, "frames bands"]]:
        """Decode the mels of clips, in half precision.

        Args:
            codes: bytes of each clip.
            lengths: frames of each clip.

        Raises:
            ValueError: the bytes of a clip are not those of so many frames.
        """
        pairs = zip(codes, lengths, strict=True)
        while batch := list(islice(pairs, BATCH)):
            levels = _levels([self._rest(code, frames) for code, frames in batch])
            for clip, (_, frames) in zip(levels, batch, strict=True):
                yield (clip[:frames] * np.float32(self.step) + self.floor).astype(np.float16)

    def _rest(self, code: bytes, frames: int) -> UInt8[np.ndarray, "frames bands"]:
        try:
            # one byte more than expected shows that there are more, without decoding them
            most = self.bands * frames + 1
            rest = np.frombuffer(zlib.decompressobj(-15).decompress(code, most), np.uint8)
            return rest.reshape(self.bands, frames).T
        except (zlib.error, ValueError) as error:
            raise ValueError(f"the bytes of a clip must hold {frames} frames") from error


def _levels(
    rests: Sequence[UInt8[np.ndarray, "_ bands"]],
) -> UInt8[np.ndarray, "clips longest bands"]:
    """The levels of clips from their residuals, padded to the longest.

    Frame t of band b needs (t, b - 1) and frame t - 1, so all with the same t + b are decoded at
    once. `slanted` has one such diagonal in each row, after two rows and one column of zeros.
    """
    frames, bands = max(map(len, rests)), rests[0].shape[1]
    slanted = np.zeros((frames + bands + 1, len(rests), bands + 1), np.int16)
    for index, rest in enumerate(rests):
        for band in range(bands):
            slanted[band + 2 : band + 2 + len(rest), index, band + 1] = rest[:, band]
    for row in range(2, len(slanted)):
        before, same = slanted[row - 1], slanted[row, :, 1:]
        same += _predict(before[:, :-1], before[:, 1:], slanted[row - 2, :, :-1])
        same %= LEVELS
    columns = [slanted[band + 2 : band + 2 + frames, :, band + 1] for band in range(bands)]
    return np.stack(columns, axis=2).astype(np.uint8).swapaxes(0, 1)


def _predict(below: np.ndarray, before: np.ndarray, both: np.ndarray) -> np.ndarray:
    """The median of two neighbours and of the plane through them and their common neighbour."""
    low, high = np.minimum(below, before), np.maximum(below, before)
    return np.clip(below + before - both, low, high)

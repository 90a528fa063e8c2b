"""Noise in fixed blocks, each from a seed of its own.

Noise that is drawn in pieces differs from noise that is drawn whole. With blocks, any part of an
endless sequence is the same wherever it is cut.
"""

import numpy as np
from jaxtyping import Float

BLOCK_POSITIONS = 16  # chosen by hand; another number gives other speech for the same seed


def noise(
    seed: tuple[int, ...], start: int, stop: int, channels: int
) -> Float[np.ndarray, "length channels"]:
    """Part of an endless sequence of standard normal numbers.

    Args:
        seed: of the sequence; whole numbers from 0.
        start: first position.
        stop: the position after the last one.
        channels: numbers at each position.

    Returns:
        An array in single precision.
    """
    first, last = start // BLOCK_POSITIONS, -(-stop // BLOCK_POSITIONS)
    blocks = [
        np.random.default_rng((*seed, index)).standard_normal(
            (BLOCK_POSITIONS, channels), np.float32
        )
        for index in range(first, last)
    ]
    drawn = np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
    skip = first * BLOCK_POSITIONS
    return drawn[start - skip : stop - skip]

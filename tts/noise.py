"""Chance as a value: noise in fixed blocks, each from its own seed.

A tensor drawn in pieces differs from one drawn whole; blocks make any stretch of an endless
sequence the same wherever it is cut.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

BLOCK_POSITIONS = 16


def noise(
    seed: tuple[int, ...], start: int, stop: int, channels: int
) -> Float[Tensor, "1 length channels"]:
    """Positions `start` to `stop` of the standard normal sequence that belongs to a seed."""
    first, last = start // BLOCK_POSITIONS, -(-stop // BLOCK_POSITIONS)
    blocks = [
        np.random.default_rng((*seed, index)).standard_normal(
            (BLOCK_POSITIONS, channels), np.float32
        )
        for index in range(first, last)
    ]
    drawn = np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
    skip = first * BLOCK_POSITIONS
    return torch.from_numpy(drawn[start - skip : stop - skip])[None]

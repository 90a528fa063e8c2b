"""Matrix products on the calling thread alone."""

import numpy as np
from jaxtyping import Float

# OpenBLAS starts threads for a product of more multiplications than this (its
# SMP_THRESHOLD_MIN * GEMM_MULTITHREAD_THRESHOLD).
MAX_MULTIPLICATIONS = 65_536 * 4


def matrix_product(
    rows: Float[np.ndarray, "length inputs"], matrix: Float[np.ndarray, "inputs outputs"]
) -> Float[np.ndarray, "length outputs"]:
    """`rows @ matrix`, a few rows at a time, so that numpy's library starts no threads for it."""
    size = max(1, MAX_MULTIPLICATIONS // max(1, matrix.size))
    made = [rows[start : start + size] @ matrix for start in range(0, len(rows), size)]
    return np.concatenate(made) if made else rows @ matrix

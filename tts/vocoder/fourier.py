"""Short-time Fourier transforms in single precision, with numpy alone.

numpy 1.26 transforms in double precision; its results are rounded.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Complex, Float

# Larger arrays would be slow: the C library maps fresh pages for each (glibc's M_MMAP_THRESHOLD).
MAX_BLOCK_BYTES = 128 * 1024


def hann_window(size: int) -> Float[np.ndarray, " size"]:
    """The periodic Hann window, in double precision."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def stft(
    signal: Float[np.ndarray, " samples"], window: Float[np.ndarray, " n_fft"], hop: int
) -> Complex[np.ndarray, "frames bins"]:
    """Spectra of the windows that begin at each multiple of `hop` and lie within the signal."""
    signal = np.ascontiguousarray(signal)
    shape = ((len(signal) - len(window)) // hop + 1, len(window))
    strides = (hop * signal.itemsize, signal.itemsize)
    # the same view by sliding_window_view takes as long as the transform of a block
    windows = np.ndarray(shape, signal.dtype, signal, strides=strides)
    # numpy's forward transform without a factor goes by double precision, which takes longer
    scaled = windows * (window * np.float32(len(window)))
    return np.fft.rfft(scaled, norm="forward").astype(np.complex64, copy=False)


def inverse_stft(
    spectra: Complex[np.ndarray, "frames bins"], window: Float[np.ndarray, " n_fft"]
) -> Float[np.ndarray, "frames n_fft"]:
    """Samples of each spectrum, windowed, before overlap-add."""
    pieces = np.fft.irfft(spectra, len(window)).astype(np.float32, copy=False)
    pieces *= window
    return pieces


def block_frames(n_fft: int) -> int:
    """How many frames to transform at once, so that their spectra stay in a processor's cache."""
    return max(1, MAX_BLOCK_BYTES // ((n_fft // 2 + 1) * np.dtype(np.complex64).itemsize))


def blocks(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut `start` to `stop` at the multiples of `size`."""
    while start < stop:
        end = min(start // size * size + size, stop)
        yield start, end
        start = end

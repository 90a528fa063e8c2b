"""Spectra of the noise of the harmonic source, which is the same in every utterance."""

import numpy as np
from jaxtyping import Complex

from tts.config import MelConfig
from tts.network_constants import NOISE_SEED
from tts.noise import noise
from tts.vocoder.fourier import block_frames, hann_window, stft

MAX_CACHE_BYTES = 8 * 2**20  # the first 21 s of an utterance with the default `MelConfig`


class NoiseSpectra:
    """Spectra of windows of white noise centred on frames, whose bins have a mean square of 1.

    Spectra of the first frames are kept. Threads may share an instance: kept arrays never change,
    and at worst two threads compute the same one.
    """

    def __init__(self, config: MelConfig) -> None:
        self._hop, self._reach = config.hop, config.n_fft // (2 * config.hop)
        window = hann_window(config.n_fft)
        self._window = (window / np.sqrt(np.square(window).sum())).astype(np.float32)
        self._kept: dict[int, np.ndarray] = {}
        self._block = block_frames(config.n_fft)
        block_bytes = self._block * (config.n_fft // 2 + 1) * np.dtype(np.complex64).itemsize
        self._max_blocks = MAX_CACHE_BYTES // block_bytes

    def frames(self, start: int, stop: int, end: int | None) -> Complex[np.ndarray, "frames bins"]:
        """The spectra of frames `start` to `stop`, which lie in one block; do not write to them.

        Args:
            start: first frame.
            stop: the frame after the last one.
            end: frames of the utterance, after which there is silence; None before its last frames.
        """
        if end is None or stop + self._reach - 1 <= end:
            return self._endless(start, stop)
        within = min(max(start, end - self._reach + 1), stop)
        cut = self._compute(within, stop, end)
        return np.concatenate([self._endless(start, within), cut]) if within > start else cut

    def _endless(self, start: int, stop: int) -> Complex[np.ndarray, "frames bins"]:
        index = start // self._block
        if index >= self._max_blocks:
            return self._compute(start, stop, None)
        first = index * self._block
        block = self._kept.get(index)
        if block is None:
            block = self._kept[index] = self._compute(first, first + self._block, None)
        return block[start - first : stop - first]

    def _compute(
        self, start: int, stop: int, end: int | None
    ) -> Complex[np.ndarray, "frames bins"]:
        first, last = start - self._reach, stop + self._reach - 1
        drawn = noise(
            (NOISE_SEED,), max(first, 0), last if end is None else min(last, end), self._hop
        )
        signal = np.zeros((last - first, self._hop), np.float32)
        signal[max(-first, 0) :][: len(drawn)] = drawn
        return stft(signal.reshape(-1), self._window, self._hop)

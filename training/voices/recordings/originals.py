"""Measures of an original recording: clipping, bandwidth, and the mix of its channels to one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .sound_files import Block, SoundFile

FULL_SCALE_SHARE = 0.999  # of the largest sample
# Flat tops: at least three equal samples within 2 % of the peak; chosen by hand.
FLAT_SHARE, QUIET_PEAK, LEVELS = 0.98, 0.02, 4000
# The mean of two channels with unrelated sound has half the power of one, and is not used.
MEAN_POWER_SHARE = 0.6  # of the loudest channel; chosen by hand
# The end of the spectrum is where the mean level drops within a kilohertz; chosen by hand.
RESOLUTION = 32  # Hz, at most, of a bin of the spectrum
GUARD, SPAN = 100, 600  # Hz from the end, between which levels are compared
DROP, REST = 15.0, 12.0  # dB, of the level above the end, and of all that follows
LOWEST_END = 2_000  # Hz
SPECTRUM_SECONDS = 120  # of a longer recording every eighth window is used


@dataclass(frozen=True, kw_only=True)
class Original:
    """Measures of an original.

    Args:
        rate: sample rate in Hz.
        channels: number of channels.
        clipped: share of samples at full scale or in flat tops, of the worst channel, 0 to 1.
        bandwidth: where the spectrum ends, in Hz; at most half of the sample rate.
        weights: of the channels in the mono mix.
        offset: mean of the mono mix.
    """

    rate: int
    channels: int
    clipped: float
    bandwidth: int
    weights: Float[np.ndarray, " channels"]
    offset: float


def measure_original(file: SoundFile) -> Original:
    """Measure an original in one pass.

    Raises:
        ValueError: the file is damaged or has no samples.
    """
    clipping, spectrum = _Clipping(file), _Spectrum(file.rate, file.seconds)
    count, sums, squares = 0, np.zeros(file.channels + 1), np.zeros(file.channels + 1)
    for block in file.blocks():
        if block.shape[1] != file.channels:
            raise ValueError("its number of channels changes")
        clipping.add(block)
        spectrum.add(block)
        count += len(block)
        for at, part in enumerate((*block.T, block.mean(axis=1))):
            samples = part.astype(np.float64)
            sums[at] += samples.sum()
            squares[at] += samples @ samples
    if not count:
        raise ValueError("the file has no sound")
    means = sums / count
    weights = _mono_weights(squares / count - means**2)
    return Original(
        rate=file.rate,
        channels=file.channels,
        clipped=clipping.share(count),
        bandwidth=spectrum.bandwidth(),
        weights=weights,
        offset=float(means[:-1] @ weights),
    )


def mono_blocks(file: SoundFile, original: Original) -> Iterator[Float[np.ndarray, " samples"]]:
    """The mono mix in blocks, without its offset."""
    weights = original.weights.astype(np.float32)
    for block in file.blocks():
        yield block @ weights - np.float32(original.offset)


def _mono_weights(powers: Float[np.ndarray, " channels_and_mean"]) -> Float[np.ndarray, " weights"]:
    """The mean of the channels, or the loudest where the mean loses power.

    It does where a channel is silent or inverted, or where each has another speaker.
    """
    channels = len(powers) - 1
    loudest = int(np.argmax(powers[:-1]))
    if powers[-1] >= MEAN_POWER_SHARE * powers[loudest]:
        return np.full(channels, 1 / channels)
    return np.eye(channels)[loudest]


class _Clipping:
    """Counts of samples at full scale and in flat tops."""

    def __init__(self, file: SoundFile) -> None:
        self._coarse, self._largest = file.coarse, file.largest
        self._full = np.zeros(file.channels)
        self._peaks = np.zeros(file.channels)
        self._flat = np.zeros((file.channels, LEVELS + 1))

    def add(self, block: Block) -> None:
        sizes = np.abs(block)
        self._peaks = np.maximum(self._peaks, sizes.max(axis=0, initial=0))
        limit = np.inf if self._largest is None else FULL_SCALE_SHARE * self._largest
        self._full += (sizes >= limit).sum(axis=0)
        if self._coarse:
            return  # in eight bits, equal samples are no sign
        same = block[1:] == block[:-1]
        middle = same[1:] & same[:-1]
        flat = np.zeros(block.shape, dtype=bool)
        for shift in range(3):
            flat[shift : len(block) - 2 + shift] |= middle
        flat &= (sizes > QUIET_PEAK) & (sizes < limit)
        for channel in np.flatnonzero(flat.any(axis=0)):
            # half of the levels are beyond 1, for floating point
            levels = sizes[flat[:, channel], channel] * (LEVELS / 2)
            self._flat[channel] += np.bincount(
                np.minimum(levels, LEVELS).astype(int), minlength=LEVELS + 1
            )

    def share(self, count: int) -> float:
        lowest = np.ceil(FLAT_SHARE * np.minimum(self._peaks, 2) * (LEVELS / 2)).astype(int)
        flat = [row[low:].sum() for row, low in zip(self._flat, lowest, strict=True)]
        return float((self._full + flat).max() / count)


class _Spectrum:
    """The mean power spectrum of all channels."""

    def __init__(self, rate: int, seconds: float) -> None:
        self._rate = rate
        self._size = 2 ** int(np.ceil(np.log2(rate / RESOLUTION)))
        self._step = 8 if seconds > SPECTRUM_SECONDS else 1
        self._window = np.hanning(self._size).astype(np.float32)
        self._power = np.zeros(self._size // 2 + 1)

    def add(self, block: Block) -> None:
        for channel in block.T:
            whole = channel[: len(channel) // self._size * self._size]
            spectra = np.fft.rfft(whole.reshape(-1, self._size)[:: self._step] * self._window)
            self._power += (spectra.real**2 + spectra.imag**2).sum(axis=0)

    def bandwidth(self) -> int:
        """The frequency in Hz where the level drops for good; half of the rate if it does not."""
        hertz = self._rate / self._size  # of a bin
        level = 10 * np.log10(self._power + 1e-12)
        guard, span = round(GUARD / hertz), round(SPAN / hertz)
        sums = np.concatenate(([0.0], np.cumsum(level)))
        ends = np.arange(round(LOWEST_END / hertz), len(level) - 2 * guard)
        if not len(ends) or not self._power.any():
            return self._rate // 2
        tops = np.minimum(ends + span, len(level))
        below = (sums[ends - guard] - sums[ends - span]) / (span - guard)
        above = (sums[tops] - sums[ends + guard]) / (tops - ends - guard)
        smooth = np.convolve(level, np.full(guard, 1 / guard), mode="same")
        highest = np.maximum.accumulate(smooth[::-1])[::-1]  # of the level from here up
        drops = np.where(highest[ends + guard] <= below - REST, below - above, 0)
        if drops.max() < DROP:
            return self._rate // 2
        first = int(np.argmax(drops >= DROP))
        near = drops[first : first + span]
        return round(float(ends[first + int(np.argmax(near))]) * hertz)

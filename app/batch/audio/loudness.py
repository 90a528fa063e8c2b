"""Integrated loudness and true peak (ITU-R BS.1770, EBU R 128), measured block by block."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import soxr
from av.filter import Graph
from jaxtyping import Float

from tts.audio import Audio

AudioBlock = Float[np.ndarray, " _"]  # any number of samples

BLOCK = 0.4  # seconds of a gating block, by ITU-R BS.1770
AT_ONCE = 65_536  # samples processed at once, to bound the memory
SILENCE = -70.0  # LUFS, the absolute gate of ITU-R BS.1770: quieter blocks do not count
OVERSAMPLED = 192_000  # Hz, four times 48 kHz, by ITU-R BS.1770, to find peaks between samples
FAINTEST = 1e-6  # of full scale: levels are never below -120 dB


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """Integrated loudness in LUFS, which silence lacks, and true peak in dBTP."""

    loudness: float | None
    true_peak: float


def measure_loudness(pieces: Iterable[AudioBlock], sample_rate: int) -> Level:
    """Measure blocks as one sound, in constant memory.

    A sound shorter than a gating block of 0.4 s is repeated to fill one.

    Args:
        pieces: samples in [-1, 1], mono, in blocks of any length.
        sample_rate: in Hz.
    """
    meter, peaks = _Meter(sample_rate), _Peaks(sample_rate)
    for piece in _parts(pieces):
        meter.add(piece)
        peaks.add(piece)
    return Level(loudness=meter.end(), true_peak=peaks.end())


def decibels(amplitude: float) -> float:
    return 20 * math.log10(max(amplitude, FAINTEST))


def _parts(pieces: Iterable[AudioBlock]) -> Iterator[AudioBlock]:
    for piece in pieces:
        for start in range(0, len(piece), AT_ONCE):
            yield piece[start : start + AT_ONCE].astype(np.float32, copy=False)


class _Meter:
    """FFmpeg's EBU R 128 meter. Its first push holds a whole gating block."""

    def __init__(self, sample_rate: int) -> None:
        self._rate, self._told = sample_rate, SILENCE
        self._first, self._given = np.zeros(0, np.float32), 0
        self._graph = Graph()
        source = self._graph.add_abuffer(
            sample_rate=sample_rate,
            format="flt",
            layout="mono",
            time_base=Fraction(1, sample_rate),
        )
        self._graph.link_nodes(
            source, self._graph.add("ebur128", "metadata=1"), self._graph.add("abuffersink")
        ).configure()

    def add(self, piece: Audio) -> None:
        if self._given:
            return self._push(piece)
        self._first = np.concatenate([self._first, piece])
        if len(self._first) >= self._block:
            self._push(self._first)

    def end(self) -> float | None:
        if not self._given and len(self._first):
            self._push(np.resize(self._first, self._block))
        self._graph.push(None)
        self._pull()
        return self._told if self._told > SILENCE else None

    @property
    def _block(self) -> int:
        return math.ceil(BLOCK * self._rate)

    def _push(self, piece: Audio) -> None:
        frame = av.AudioFrame.from_ndarray(piece[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts = self._rate, self._given
        self._given += len(piece)
        self._graph.push(frame)
        self._pull()

    def _pull(self) -> None:
        """Read the loudness so far from the filter's output; it has none for less than 0.1 s."""
        while True:
            try:
                metadata = self._graph.pull().metadata
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            self._told = float(metadata.get("lavfi.r128.I", self._told))


class _Peaks:
    """True peak: the highest amplitude of the samples and of the oversampled signal."""

    def __init__(self, sample_rate: int) -> None:
        self._between = soxr.ResampleStream(sample_rate, OVERSAMPLED, 1)
        self._highest = 0.0

    def add(self, piece: Audio, last: bool = False) -> None:
        for samples in (piece, self._between.resample_chunk(piece, last)):
            self._highest = max(self._highest, float(np.abs(samples).max(initial=0)))

    def end(self) -> float:
        self.add(np.zeros(0, np.float32), last=True)
        return decibels(self._highest)

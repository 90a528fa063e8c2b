"""Clips cut out of a recording: mono at 24 kHz, trimmed, at the level of speech, as FLAC."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from tts.audio import Audio
from tts.error_messages import naming_write_errors, os_error_reason, write_error
from tts.files import atomic_write

from ...data.manifest import LEVEL
from .originals import Original, mono_blocks
from .sound_files import SoundFile, require

SAMPLE_RATE = 24_000  # Hz, of clips
MAX_PEAK = 0.99  # where full scale is 1
FRAME = 240  # samples: 10 ms
CHUNK = 2**20 // 480 * 480  # samples that are measured or written at once
MIN_SECONDS = 0.3  # of a clip; chosen by hand
SILENT_PEAK = 1e-4  # -80 dB of full scale; chosen by hand
# A frame is speech where it is above the noise floor, the 5th percentile, and not far below loud
# frames, the 95th. Where the floor is not steady it may be speech itself, without any pause; then
# all but the weakest frames count.
FLOOR_DB, BELOW_LOUD_DB, STEADY_DB = 6.0, 50.0, 2.0  # chosen by hand
NEAR_LOUD_DB = {True: 10.0, False: 25.0}  # by whether the floor is steady; chosen by hand
# Kept before and after speech; of it 0.1 s is a margin for weak fricatives and breaths.
KEPT_SECONDS = 0.2
# Pauses at which a recording without a transcript is cut; chosen by hand.
SENTENCE_PAUSE, ANY_PAUSE = 0.6, 0.15  # s
LONGEST_UTTERANCE, SHORTEST_UTTERANCE, LONGEST_JOINED = 15.0, 1.5, 6.0  # s
LONG_SECONDS = 0.5 * 3600  # held in a file and not in memory beyond this

Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class CutClip:
    """What has become of a part of a recording.

    Args:
        seconds: duration of the clip.
        gain: dB applied.
    """

    seconds: float
    gain: float


@contextmanager
def mono_sound(file: SoundFile, original: Original, scratch: Path) -> Iterator[Audio]:
    """A recording as mono at 24 kHz; a long one is held in a temporary file.

    Args:
        file: the recording.
        original: its measures.
        scratch: folder for the temporary file, which is deleted at the end.

    Raises:
        ValueError: the file is damaged.
        OSError: the disk is full.
    """
    blocks = _resampled(mono_blocks(file, original), file.rate)
    if file.seconds <= LONG_SECONDS:
        yield np.concatenate([np.zeros(0, np.float32), *blocks])
        return
    with TemporaryFile(dir=scratch) as held:
        with naming_write_errors(scratch):
            for block in blocks:
                held.write(block.tobytes())
            held.flush()
        size = held.tell() // 4
        yield np.memmap(held, np.float32, "r") if size else np.zeros(0, np.float32)


def _resampled(blocks: Iterable[Audio], rate: int) -> Iterator[Audio]:
    if rate == SAMPLE_RATE:
        yield from blocks
        return
    stream = require("soxr").ResampleStream(rate, SAMPLE_RATE, 1, quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def speech_frames(audio: Audio) -> Bool[np.ndarray, " frames"]:
    """Which frames of 10 ms are speech, by their energy against the noise floor.

    Energy is that of the samples, which shows voices in hiss, or that of their differences, which
    shows fricatives in hum. Clicks of 10 ms do not count.
    """
    parts = [_frame_powers(part) for part in _chunks(audio)]
    powers = np.concatenate([np.zeros((0, 2)), *parts]).T
    if not powers.size:
        return np.zeros(0, dtype=bool)
    above = [_above_floor(power) for power in powers]
    return np.convolve(above[0] | above[1], np.ones(7), mode="same") >= 5


def _frame_powers(audio: Audio) -> Float[np.ndarray, "frames 2"]:
    """The power of the samples, and of their differences."""
    whole = audio[: len(audio) // FRAME * FRAME]
    both = (whole, np.diff(whole, prepend=whole[:1]))
    frames = (np.square(part.reshape(-1, FRAME), dtype=np.float64) for part in both)
    return np.column_stack([part.mean(axis=1) for part in frames])


def _above_floor(power: Float[np.ndarray, " frames"]) -> Bool[np.ndarray, " frames"]:
    level = 10 * np.log10(np.convolve(power, np.full(3, 1 / 3), mode="same") + 1e-12)
    floor, above_floor, loud = np.percentile(level, (5, 15, 95))
    near = NEAR_LOUD_DB[bool(above_floor - floor <= STEADY_DB)]
    return level > min(max(floor + FLOOR_DB, loud - BELOW_LOUD_DB), loud - near)


def utterances(speech: Bool[np.ndarray, " frames"]) -> list[Span]:
    """Cut a long recording into utterances of at most 15 s, in seconds.

    It is cut at pauses of at least 0.6 s, and longer parts at their longest pause; without any
    pause, in the middle. Short parts are joined with their neighbours.

    Returns:
        Start and end of each, with silence around the speech.
    """
    pauses = [(start, stop) for start, stop in _runs(~speech) if start and stop < len(speech)]
    long = [pause for pause in pauses if (pause[1] - pause[0]) * 0.01 >= SENTENCE_PAUSE]
    cuts = [0, *(sum(pause) // 2 for pause in long), len(speech)]
    parts: list[tuple[int, int]] = []
    for part in pairwise(cuts):
        for start, stop in _short(part, pauses):
            if parts and _joins(parts[-1], (start, stop), speech):
                parts[-1] = (parts[-1][0], stop)
            else:
                parts.append((start, stop))
    return [(start * 0.01, stop * 0.01) for start, stop in parts if speech[start:stop].any()]


def _short(part: tuple[int, int], pauses: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A part of a recording, cut until each piece is short enough."""
    start, stop = part
    if (stop - start) * 0.01 <= LONGEST_UTTERANCE:
        return [part]
    edge = round(SHORTEST_UTTERANCE / 0.01)
    within = [
        pause
        for pause in pauses
        if (pause[1] - pause[0]) * 0.01 >= ANY_PAUSE
        and start + edge <= sum(pause) // 2 <= stop - edge
    ]
    longest = max(within, key=lambda pause: pause[1] - pause[0], default=(start, stop))
    cut = sum(longest) // 2
    return _short((start, cut), pauses) + _short((cut, stop), pauses)


def _joins(
    before: tuple[int, int], after: tuple[int, int], speech: Bool[np.ndarray, " frames"]
) -> bool:
    shortest = min(int(speech[start:stop].sum()) for start, stop in (before, after)) * 0.01
    whole = (after[1] - before[0]) * 0.01
    return shortest < SHORTEST_UTTERANCE and whole <= LONGEST_JOINED


def _runs(marks: Bool[np.ndarray, " frames"]) -> list[tuple[int, int]]:
    """First frame and end of each run of true frames."""
    edges = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def write_clip(path: Path, audio: Audio) -> CutClip:
    """Trim a recording or a part of it, level it, and write it as FLAC of 16 bits.

    Args:
        path: of the clip, which is whole or not there.
        audio: mono at 24 kHz.

    Raises:
        ValueError: there is no speech in it, or too little.
        OSError: it cannot be written.
    """
    speech = np.flatnonzero(speech_frames(audio))
    loudest = max((float(np.abs(part).max()) for part in _chunks(audio)), default=0.0)
    if loudest < SILENT_PEAK or not len(speech):
        raise ValueError("it is silent")
    kept = round(KEPT_SECONDS * SAMPLE_RATE)
    start = max(0, int(speech[0]) * FRAME - kept)
    clip = audio[start : (int(speech[-1]) + 1) * FRAME + kept]
    if len(clip) < MIN_SECONDS * SAMPLE_RATE:
        length = len(clip) / SAMPLE_RATE
        raise ValueError(f"it must have at least {MIN_SECONDS} s of speech, got {length:.2f} s")
    peak = max(float(np.abs(part).max()) for part in _chunks(clip))
    gain = min(LEVEL / _active_level(clip), MAX_PEAK / peak)
    _write_flac(path, (part * np.float32(gain) for part in _chunks(clip)))
    return CutClip(
        seconds=round(len(clip) / SAMPLE_RATE, 4), gain=round(20 * float(np.log10(gain)), 2)
    )


def _active_level(audio: Audio, window: int = 480) -> float:
    """`active_level` of manifest.py, in chunks."""
    windows = (part[: len(part) // window * window].reshape(-1, window) for part in _chunks(audio))
    power = np.concatenate([np.square(part, dtype=np.float64).mean(axis=1) for part in windows])
    return float(np.sqrt(power[power > power.max() * 1e-4].mean()))


def _write_flac(path: Path, parts: Iterable[Audio]) -> None:
    import soundfile

    try:
        with (
            atomic_write(path) as partial,
            soundfile.SoundFile(
                partial, "w", SAMPLE_RATE, 1, format="FLAC", subtype="PCM_16"
            ) as file,
        ):
            for part in parts:
                file.write(part)
    except soundfile.SoundFileError as error:
        # without the path of the partial file, which soundfile puts before the reason
        reason = os_error_reason(OSError(getattr(error, "error_string", error)))
        raise write_error(path, f"{reason}; check that there is space left") from error


def _chunks(audio: Audio) -> Iterator[Audio]:
    for start in range(0, len(audio), CHUNK):
        yield audio[start : start + CHUNK]

"""Sound to a file of its form: resampled, made as loud as is wanted, and encoded as it comes.

The same sound in the same form is the same file to the byte: no date is in it, and no chance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from tts.audio import ENCODER_BLOCK_SAMPLES, Audio, pcm16
from tts.audio_formats import AUDIO_FORMATS
from tts.files import atomic_write

from ...encoding import CodecWriter, Samples
from .format import OutputFormat
from .loudness import AudioBlock, Level, measure_loudness

HIGHEST_PEAK = -1.0  # dBTP, of what is brought to a loudness
THOUSANDTHS = Fraction(1, 1000)
# an Ogg stream is numbered by chance otherwise, and encoders sign with their version
BIT_EXACT_CONTAINER, BIT_EXACT_CODEC = ("fflags", "+bitexact"), ("flags", "+bitexact")


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter from `start` to `end`, in seconds."""

    title: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class AudioMetadata:
    """What players show of a file: its chapters, and tags such as `title` and `artist`."""

    chapters: tuple[ChapterMark, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def encode_audio(audio: Audio, sample_rate: int, form: OutputFormat) -> bytes:
    """A whole file. With a volume, what goes beyond full scale is clipped; with a loudness,
    nothing is."""
    if not np.isfinite(audio).all():
        raise ValueError("expected sound, got samples that are no numbers; try another seed")
    pieces = list(resample([audio], sample_rate, form.sample_rate))
    file = BytesIO()
    _encode(file, apply_gain(pieces, measure_gain_db(pieces, form)), form, AudioMetadata())
    return file.getvalue()


def write_encoded(
    path: Path, pieces: Iterable[AudioBlock], form: OutputFormat, labels: AudioMetadata
) -> None:
    """The file of pieces that have their rate and gain, in its place once it is on the disk.

    No more of the sound is held than a piece.
    """
    with atomic_write(path, durable=True) as partial:
        _encode(partial, pieces, form, labels)


def resample(pieces: Iterable[AudioBlock], sample_rate: int, wanted: int) -> Iterator[AudioBlock]:
    """The same sound at the wanted rate."""
    if sample_rate == wanted:
        yield from pieces
        return
    stream = soxr.ResampleStream(sample_rate, wanted, 1, quality="VHQ")
    for piece in pieces:
        yield stream.resample_chunk(piece.astype(np.float32, copy=False))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def measure_gain_db(pieces: Iterable[AudioBlock], form: OutputFormat) -> float:
    """The decibels by which a form changes all pieces as one sound; they have its rate."""
    if form.loudness is None:
        return form.volume
    return gain_db(measure_loudness(pieces, form.sample_rate), form)


def gain_db(level: Level, form: OutputFormat) -> float:
    """The decibels by which a form changes a sound of such a level."""
    if form.loudness is None:
        return form.volume
    if level.loudness is None:
        return 0.0
    return min(form.loudness - level.loudness, HIGHEST_PEAK - level.true_peak)


def apply_gain(pieces: Iterable[AudioBlock], decibels: float) -> Iterator[AudioBlock]:
    return (piece * np.float32(10 ** (decibels / 20)) for piece in pieces)


def _encode(
    file: BytesIO | Path, pieces: Iterable[AudioBlock], form: OutputFormat, labels: AudioMetadata
) -> None:
    audio_format = AUDIO_FORMATS[form.format]
    options = [BIT_EXACT_CONTAINER, *audio_format.file_options]
    if isinstance(file, Path):
        options += audio_format.disk_options
    writer = CodecWriter(
        file,
        audio_format,
        form.sample_rate,
        container_options=options,
        codec_options=(BIT_EXACT_CODEC, *audio_format.codec_options),
    )
    with writer.container as container:
        container.metadata.update(labels.tags)
        container.set_chapters([_chapter(*mark) for mark in enumerate(labels.chapters)])
        position = 0
        for samples in _blocks(pieces):
            writer.write(samples, position)
            position += len(samples)
        writer.flush()


def _blocks(pieces: Iterable[AudioBlock]) -> Iterator[Samples]:
    for piece in pieces:
        for start in range(0, len(piece), ENCODER_BLOCK_SAMPLES):
            yield pcm16(piece[start : start + ENCODER_BLOCK_SAMPLES])


def _chapter(number: int, mark: ChapterMark) -> Any:
    start, end = (round(second / THOUSANDTHS) for second in (mark.start, mark.end))
    return {
        "id": number,
        "start": start,
        "end": end,
        "time_base": THOUSANDTHS,
        "metadata": {"title": mark.title},
    }

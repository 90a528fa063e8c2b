"""Write audio files: resample, apply the gain, and encode block by block.

Equal samples and an equal format give byte-identical files: nothing in them depends on the date or
on chance.
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
from tts.synthetic_tag import synthetic_comment

from ...encoding import CodecWriter, Samples, synthetic_tags
from .format import OutputFormat
from .loudness import AudioBlock, Level, measure_loudness

HIGHEST_PEAK = -1.0  # dBTP, the highest true peak that EBU R 128 permits
THOUSANDTHS = Fraction(1, 1000)
# without these, an Ogg stream gets a random serial number, and encoders write their version
BIT_EXACT_CONTAINER, BIT_EXACT_CODEC = ("fflags", "+bitexact"), ("flags", "+bitexact")


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter of an audio file, from `start` to `end` in seconds."""

    title: str
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class AudioMetadata:
    """Metadata that players show: chapters, and tags such as `title` and `artist`.

    A file without the tag `comment` gets one that says that it is synthetic speech.
    """

    chapters: tuple[ChapterMark, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def encode_audio(audio: Audio, sample_rate: int, form: OutputFormat, *voices: str | None) -> bytes:
    """Encode an utterance.

    Args:
        audio: samples in [-1, 1].
        sample_rate: their rate, in Hz.
        form: format, sample rate and level of the file. A `volume` may clip samples; a `loudness`
            never does.
        voices: the voices or blends that the comment of the file names; by default none.

    Returns:
        The bytes of the file.

    Raises:
        ValueError: a sample is not finite.
    """
    if not np.isfinite(audio).all():
        raise ValueError("the model gave samples that are not finite; try another seed")
    pieces = list(resample([audio], sample_rate, form.sample_rate))
    file = BytesIO()
    labels = AudioMetadata(tags={"comment": synthetic_comment(*voices)})
    _encode(file, apply_gain(pieces, measure_gain_db(pieces, form)), form, labels)
    return file.getvalue()


def write_encoded(
    path: Path, pieces: Iterable[AudioBlock], form: OutputFormat, labels: AudioMetadata
) -> None:
    """Encode blocks to a file, which appears once it is complete and synced to disk.

    Args:
        path: the file.
        pieces: blocks of samples at the rate of the format, after the gain; one is held at a time.
        form: format and sample rate.
        labels: chapters and tags.
    """
    with atomic_write(path, durable=True) as partial:
        _encode(partial, pieces, form, labels)


def resample(pieces: Iterable[AudioBlock], sample_rate: int, wanted: int) -> Iterator[AudioBlock]:
    """Resample a stream of blocks with soxr at its very high quality."""
    if sample_rate == wanted:
        yield from pieces
        return
    stream = soxr.ResampleStream(sample_rate, wanted, 1, quality="VHQ")
    for piece in pieces:
        yield stream.resample_chunk(piece.astype(np.float32, copy=False))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def measure_gain_db(pieces: Iterable[AudioBlock], form: OutputFormat) -> float:
    """The gain in dB that a format applies to blocks, taken as one sound at its sample rate."""
    if form.loudness is None:
        return form.volume
    return gain_db(measure_loudness(pieces, form.sample_rate), form)


def gain_db(level: Level, form: OutputFormat) -> float:
    """The gain in dB that a format applies to a sound of this level."""
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
        container.metadata.update(synthetic_tags(audio_format, synthetic_comment()))
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

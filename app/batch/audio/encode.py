"""Sound to a file of its form: resampled, made as loud as is wanted, and encoded as it comes.

The same sound in the same form is the same file to the byte: no date is in it, and no chance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr

from tts.audio import BLOCK, Audio, pcm16
from tts.files import atomic_write

from ...encoding import AudioFormat
from .format import OutputFormat
from .loudness import AudioBlock, Level, measure_loudness

HIGHEST_PEAK = -1.0  # dBTP, of what is brought to a loudness
THOUSANDTHS = Fraction(1, 1000)


CODINGS = {
    "wav": AudioFormat("wav", "pcm_s16le", options=(("rf64", "auto"),)),  # from 4 GB on
    "flac": AudioFormat("flac", "flac"),
    "mp3": AudioFormat("mp3", "libmp3lame", 96_000),
    # all of a short sound would be on one page, which libsndfile cannot tell the end of
    "opus": AudioFormat("ogg", "libopus", 48_000, (("page_duration", "200000"),)),
    # the other way to choose takes six times as long, and DistillMOS hears no difference
    "m4b": AudioFormat("ipod", "aac", 96_000, (("brand", "M4B "),), (("aac_coder", "fast"),)),
}


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
    pieces = list(resampled([audio], sample_rate, form.sample_rate))
    file = BytesIO()
    _encode(file, amplified(pieces, measure_gain_db(pieces, form)), form, AudioMetadata())
    return file.getvalue()


def write(
    path: Path, pieces: Iterable[AudioBlock], form: OutputFormat, labels: AudioMetadata
) -> None:
    """The file of pieces that have their rate and gain, in its place once it is on the disk.

    No more of the sound is held than a piece.
    """
    with atomic_write(path, durable=True) as partial:
        _encode(partial, pieces, form, labels)


def resampled(pieces: Iterable[AudioBlock], sample_rate: int, wanted: int) -> Iterator[AudioBlock]:
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


def gain_db(told: Level, form: OutputFormat) -> float:
    """The decibels by which a form changes a sound of such a level."""
    if form.loudness is None:
        return form.volume
    if told.loudness is None:
        return 0.0
    return min(form.loudness - told.loudness, HIGHEST_PEAK - told.true_peak)


def amplified(pieces: Iterable[AudioBlock], decibels: float) -> Iterator[AudioBlock]:
    return (piece * np.float32(10 ** (decibels / 20)) for piece in pieces)


def _encode(
    file: BytesIO | Path, pieces: Iterable[AudioBlock], form: OutputFormat, labels: AudioMetadata
) -> None:
    coding = CODINGS[form.format]
    # bit-exact: an Ogg stream is numbered by chance otherwise, and encoders sign with their version
    options = {"fflags": "+bitexact", **dict(coding.options)}
    if form.format == "m4b" and isinstance(file, Path):
        options["movflags"] = "+faststart"  # it has to read again what it wrote
    with av.open(file, "w", format=coding.container, options=options) as container:
        stream = container.add_stream(
            coding.codec,
            form.sample_rate,
            layout="mono",
            options={"flags": "+bitexact", **dict(coding.choices)},
        )
        assert isinstance(stream, av.AudioStream), "the codecs are of sound"
        if coding.bits:
            stream.bit_rate = coding.bits
        container.metadata.update(labels.tags)
        container.set_chapters([_chapter(*mark) for mark in enumerate(labels.chapters)])
        for frame in _frames(pieces, form.sample_rate):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(pieces: Iterable[AudioBlock], sample_rate: int) -> Iterator[av.AudioFrame]:
    """Numbered, or else nobody is told how much of what an encoder puts before sound to skip."""
    place = 0
    for piece in pieces:
        for start in range(0, len(piece), BLOCK):
            samples = pcm16(piece[start : start + BLOCK])
            frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate, frame.time_base = sample_rate, Fraction(1, sample_rate)
            frame.pts = place
            place += len(samples)
            yield frame


def _chapter(number: int, mark: ChapterMark) -> Any:
    start, end = (round(second / THOUSANDTHS) for second in (mark.start, mark.end))
    return {
        "id": number,
        "start": start,
        "end": end,
        "time_base": THOUSANDTHS,
        "metadata": {"title": mark.title},
    }

"""Encode 16-bit samples to an audio format block by block, in memory."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Protocol, runtime_checkable

import av
import numpy as np
from jaxtyping import Int16

from tts.audio import wav_header
from tts.audio_formats import AUDIO_FORMATS, AudioFormat
from tts.synthetic_tag import DIGITAL_SOURCE_TYPE, SOFTWARE, synthetic_comment

Samples = Int16[np.ndarray, " samples"]


@runtime_checkable
class AudioEncoder(Protocol):
    """A streaming encoder: takes samples in order, returns the bytes that are ready."""

    def add(self, samples: Samples) -> bytes:
        """Encode samples; the result may be empty, since codecs buffer."""

    def end(self) -> bytes:
        """Flush the encoder and return the rest."""


def stream_encoder(
    audio_format: AudioFormat, sample_rate: int, *voices: str | None
) -> AudioEncoder:
    """A streaming encoder for sound of unknown length, mono.

    Args:
        audio_format: container and codec.
        sample_rate: in Hz.
        voices: the voices or blends that the comment names; pcm and aac have no comment.
    """
    comment = synthetic_comment(*voices)
    match audio_format.container:
        case "wav":
            return PcmEncoder(wav_header(sample_rate, comment=comment))
        case "s16le":
            return PcmEncoder()
    return CodecEncoder(audio_format, sample_rate, synthetic_tags(audio_format, comment))


def synthetic_tags(audio_format: AudioFormat, comment: str) -> dict[str, str]:
    """FFmpeg's tags of a file of synthetic speech; it leaves out those that a container lacks."""
    tags = {"comment": comment, "digitalSourceType": DIGITAL_SOURCE_TYPE}
    return tags | ({audio_format.software_tag: SOFTWARE} if audio_format.software_tag else {})


class PcmEncoder:
    """16-bit little-endian samples after a header."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def add(self, samples: Samples) -> bytes:
        header, self._header = self._header, b""
        return header + samples.astype("<i2", copy=False).tobytes()

    def end(self) -> bytes:
        header, self._header = self._header, b""
        return header


class CodecEncoder:
    """An encoder that uses a codec of FFmpeg."""

    def __init__(
        self, audio_format: AudioFormat, sample_rate: int, tags: Mapping[str, str]
    ) -> None:
        self._written = _Written()
        self._writer = CodecWriter(
            self._written, audio_format, sample_rate, audio_format.stream_options
        )
        self._writer.container.metadata.update(tags)

    def add(self, samples: Samples) -> bytes:
        self._writer.write(samples)
        return self._written.taken()

    def end(self) -> bytes:
        self._writer.flush()
        self._writer.container.close()
        return self._written.taken()


class CodecWriter:
    """Encodes mono samples into a container, on disk or in memory.

    Args:
        file: a path, or an object with `write`.
        audio_format: container and codec.
        sample_rate: in Hz.
        container_options: FFmpeg options of the container.
        codec_options: FFmpeg options of the codec.

    The caller closes `container`, whose `metadata` may be set before the first write.
    """

    def __init__(
        self,
        file: "Path | BytesIO | _Written",
        audio_format: AudioFormat,
        sample_rate: int,
        container_options: Iterable[tuple[str, str]] = (),
        codec_options: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.container = av.open(
            file, "w", format=audio_format.container, options=dict(container_options)
        )
        stream = self.container.add_stream(
            audio_format.codec, sample_rate, layout="mono", options=dict(codec_options)
        )
        assert isinstance(stream, av.AudioStream), "the codecs are of sound"
        if audio_format.bit_rate:
            stream.bit_rate = audio_format.bit_rate
        self._stream, self._rate = stream, sample_rate

    def write(self, samples: Samples, position: int | None = None) -> None:
        """Encode the next samples.

        Args:
            samples: 16-bit samples.
            position: index of the first sample in the whole. With positions the file states how
                many samples of encoder delay a player must skip; without them the delay is heard,
                as in a stream, where it would swallow sounds shorter than itself.
        """
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = self._rate
        if position is not None:
            frame.time_base, frame.pts = Fraction(1, self._rate), position
        self.container.mux(self._stream.encode(frame))

    def flush(self) -> None:
        """Encode what the codec has buffered; nothing can be written after it."""
        self.container.mux(self._stream.encode(None))


class _Written:
    """A file object that keeps only the bytes written since they were last taken."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def taken(self) -> bytes:
        data, self._bytes = bytes(self._bytes), bytearray()
        return data


ENCODERS: dict[str, partial[AudioEncoder]] = {
    name: partial(stream_encoder, audio_format)
    for name, audio_format in AUDIO_FORMATS.items()
    if audio_format.streamed
}


class BufferedEncoder:
    """Returns all bytes at the end, when the length for the header of a wav is known."""

    def __init__(self, name: str, sample_rate: int, *voices: str | None) -> None:
        self._encoder = ENCODERS["pcm" if name == "wav" else name](sample_rate, *voices)
        self._comment = synthetic_comment(*voices)
        self._rate, self._wav = sample_rate, name == "wav"
        self._made: list[bytes] = []

    def add(self, samples: Samples) -> bytes:
        self._made.append(self._encoder.add(samples))
        return b""

    def end(self) -> bytes:
        made, self._made = [*self._made, self._encoder.end()], []
        if self._wav:
            made.insert(0, wav_header(self._rate, sum(map(len, made)), self._comment))
        return b"".join(made)

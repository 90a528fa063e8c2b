"""Whole numbers to the bytes of a format, as they come; nothing is ever written to a disk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import av
import numpy as np
from jaxtyping import Int16

from tts.audio import wav_header

Samples = Int16[np.ndarray, " samples"]


@runtime_checkable
class AudioEncoder(Protocol):
    """Takes samples in order, and gives the bytes that became ready by them."""

    def add(self, samples: Samples) -> bytes: ...

    def end(self) -> bytes:
        """What was held back."""


class Plain:
    """The samples themselves, little end first, after a header."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def add(self, samples: Samples) -> bytes:
        header, self._header = self._header, b""
        return header + samples.astype("<i2", copy=False).tobytes()

    def end(self) -> bytes:
        header, self._header = self._header, b""
        return header


@dataclass(frozen=True)
class AudioFormat:
    """A codec of FFmpeg's in a container of its, each with its options."""

    container: str
    codec: str
    bits: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


class Coded:
    """Sound by one of FFmpeg's codecs."""

    def __init__(self, coding: AudioFormat, sample_rate: int) -> None:
        self._rate, self._written = sample_rate, _Written()
        self._container = av.open(
            self._written, "w", format=coding.container, options=dict(coding.options)
        )
        stream = self._container.add_stream(coding.codec, sample_rate, layout="mono")
        assert isinstance(stream, av.AudioStream), "the codecs are of sound"
        if coding.bits:
            stream.bit_rate = coding.bits
        self._stream = stream

    def add(self, samples: Samples) -> bytes:
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = self._rate
        self._container.mux(self._stream.encode(frame))
        return self._written.taken()

    def end(self) -> bytes:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._written.taken()


class _Written:
    """A file that is only its latest bytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def taken(self) -> bytes:
        data, self._bytes = bytes(self._bytes), bytearray()
        return data


# a Xing header tells how long the sound is, which nobody knows while it is made
MP3 = AudioFormat("mp3", "libmp3lame", 96_000, (("write_xing", "0"), ("id3v2_version", "0")))
# pages of two packets, for a player waits for a whole one
OPUS = AudioFormat("ogg", "libopus", 48_000, (("page_duration", "40000"),))
AAC = AudioFormat("adts", "aac", 96_000)
FLAC = AudioFormat("flac", "flac")

ENCODERS: dict[str, Callable[[int], AudioEncoder]] = {
    "mp3": lambda rate: Coded(MP3, rate),
    "opus": lambda rate: Coded(OPUS, rate),
    "aac": lambda rate: Coded(AAC, rate),
    "flac": lambda rate: Coded(FLAC, rate),
    "wav": lambda rate: Plain(wav_header(rate)),
    "pcm": lambda rate: Plain(),
}


class BufferedEncoder:
    """All bytes at the end, by when it is known how long a wav is."""

    def __init__(self, name: str, sample_rate: int) -> None:
        self._encoder = ENCODERS["pcm" if name == "wav" else name](sample_rate)
        self._rate, self._wav = sample_rate, name == "wav"
        self._made: list[bytes] = []

    def add(self, samples: Samples) -> bytes:
        self._made.append(self._encoder.add(samples))
        return b""

    def end(self) -> bytes:
        made, self._made = [*self._made, self._encoder.end()], []
        header = wav_header(self._rate, sum(map(len, made))) if self._wav else b""
        return b"".join([header, *made])


MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}

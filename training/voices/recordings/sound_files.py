"""Sound files of any format, read in blocks: by libsndfile, or by PyAV where that cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tts import DISTRIBUTION

SOUND_SUFFIXES = frozenset({
    ".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".avi", ".caf",
    ".flac", ".m4a", ".m4b", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpga", ".oga",
    ".ogg", ".opus", ".rf64", ".snd", ".sph", ".tta", ".voc", ".w64", ".wav", ".wave", ".weba",
    ".webm", ".wma", ".wv",
})  # fmt: skip
LOSSLESS = frozenset({".aif", ".aifc", ".aiff", ".caf", ".flac", ".rf64", ".w64", ".wav", ".wave"})
BLOCK = 2**18  # samples of a channel; chosen by hand
MAX_CHANNELS = 64
RATES = (4_000, 768_000)  # Hz
# The largest sample of G.711 mu-law and A-law, where full scale is 1.
COMPANDED = {"ULAW": 32_124 / 32_768, "ALAW": 32_256 / 32_768}
COARSE = ("ULAW", "ALAW", "PCM_U8", "PCM_S8")
FLOATING = ("FLOAT", "DOUBLE")  # samples may go beyond 1
CACHED_SECONDS = 60.0  # a shorter file is decoded once and held in memory

Block = Float[np.ndarray, "samples channels"]


class SoundFile:
    """A sound file that can be read more than once.

    Attributes:
        path: of the file.
        rate: sample rate in Hz.
        channels: number of channels.
        largest: the largest sample that the format can have; None where there is no limit.
        coarse: whether samples have eight bits.

    Raises:
        ValueError: it is not a sound file, is damaged, or has no sound.
        OSError: it cannot be read, as without permission.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: list[Block] | None = None
        with path.open("rb") as file:  # for the system's error, which the libraries do not give
            if not file.read(1):
                raise ValueError("the file is empty")
        self._native = self._open_native()
        if not self._native:
            self._open_av()
        low, high = RATES
        if not low <= self.rate <= high or not 1 <= self.channels <= MAX_CHANNELS:
            raise ValueError(f"sound of {self.channels} channels at {self.rate} Hz cannot be used")

    def _open_native(self) -> bool:
        import soundfile

        try:
            info = soundfile.info(self.path)
        except soundfile.SoundFileError:
            return False
        self.rate, self.channels = int(info.samplerate), int(info.channels)
        self.seconds = float(info.duration)
        self.coarse = info.subtype in COARSE
        self.largest = None if info.subtype in FLOATING else COMPANDED.get(info.subtype, 1.0)
        return True

    def _open_av(self) -> None:
        with _av_container(self.path) as container:
            stream = container.streams.audio[0]
            self.rate, self.channels = int(stream.rate or 0), int(stream.channels or 0)
            duration = container.duration  # in microseconds
            self.seconds = duration / 1e6 if duration else float("inf")
        self.coarse, self.largest = False, 1.0

    def blocks(self) -> Iterator[Block]:
        """The samples from the first to the last, where full scale is 1.

        Raises:
            ValueError: the file is damaged, or has samples that are not finite.
        """
        if self._held is None and self.seconds <= CACHED_SECONDS:
            self._held = list(self._checked())
        yield from self._checked() if self._held is None else self._held

    def _checked(self) -> Iterator[Block]:
        for block in self._native_blocks() if self._native else self._av_blocks():
            if not np.isfinite(block).all():
                raise ValueError("it has samples that are not finite; export it again")
            yield block

    def _native_blocks(self) -> Iterator[Block]:
        import soundfile

        try:
            with soundfile.SoundFile(self.path) as file:
                while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                    yield block
        except soundfile.SoundFileError as error:
            raise ValueError("the sound file is damaged") from error

    def _av_blocks(self) -> Iterator[Block]:
        """Blocks of `BLOCK` samples or more; frames of codecs are too short to work with."""
        av, held, count = require("av"), list[Block](), 0
        with _av_container(self.path) as container:
            to_float = av.AudioResampler(format="fltp")
            for frame in container.decode(audio=0):
                for part in to_float.resample(frame):
                    held.append(part.to_ndarray().T)
                    count += len(held[-1])
                if count >= BLOCK:
                    yield np.concatenate(held)
                    held, count = [], 0
        if held:
            yield np.concatenate(held)


@contextmanager
def _av_container(path: Path) -> Iterator[Any]:
    av = require("av")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise ValueError("the file has no sound")
            yield container
    except av.FFmpegError as error:
        raise ValueError("not a sound file, or damaged") from error


def require(module: str) -> Any:
    """Import a module of the extra for voices.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"tts voice needs {error.name}; install it with pip install '{DISTRIBUTION}[voices]'"
        ) from error

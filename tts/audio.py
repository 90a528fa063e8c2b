"""Sound to a file, by its ending, or to a pipe as wav; always one channel of 16-bit samples."""

import os
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int16

from tts.audio_formats import AUDIO_FORMATS
from tts.error_messages import naming_write_errors, write_error
from tts.files import atomic_write, check_regular_file

Audio = Float[np.ndarray, " samples"]
WriteAudio = Callable[[Audio], None]

SOUNDFILE_FORMATS = {
    known.suffix: known.soundfile for known in AUDIO_FORMATS.values() if known.soundfile
}
STDOUT = Path("-")
ENCODER_BLOCK_SAMPLES = (
    16_384  # the encoders of libsndfile overflow their stack when given an hour at once
)
UNKNOWN_LENGTH = 0xFFFFFFFF  # the length of what has not ended
HEAD = 36  # bytes of a wav between its two lengths


def write_audio(path: Path, audio: Audio, sample_rate: int) -> None:
    """The whole sound is at `path`, or nothing is."""
    check_audio_path(path)
    with open_sound(path, sample_rate) as put:
        put(audio)


def amplify(audio: Audio, decibels: float) -> Audio:
    """Samples with a gain, clipped to full scale; without one, the same array."""
    return np.clip(audio * np.float32(10 ** (decibels / 20)), -1, 1) if decibels else audio


def check_audio_path(path: Path) -> None:
    """Refuse, before any work is done for it, a path that no sound can be written to."""
    if path == STDOUT:
        _check_pipe()
        return
    check_regular_file(path)
    if path.suffix.lower() not in SOUNDFILE_FORMATS:
        known = ", ".join(SOUNDFILE_FORMATS)
        raise ValueError(f"expected a file name that ends in one of {known}, not {path.name!r}")
    check_writable(path)


def _check_pipe() -> None:
    if sys.stdout is None:
        raise ValueError("expected a pipe or a file to write to, and output is closed; name a file")
    if sys.stdout.isatty():
        raise ValueError("expected a pipe or a file to write to, not a terminal; name a file")


def check_writable(path: Path) -> None:
    """Refuse a file that could not be written where it, or what it links to, is to lie."""
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    if not path.parent.is_dir():
        raise FileNotFoundError(f"expected a folder at {path.parent}, found none; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"expected to be allowed to write {path}, and am not; name another")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"expected to be allowed to write in {path.parent}; name another")


def open_sound(path: Path, sample_rate: int) -> AbstractContextManager[WriteAudio]:
    """What is put in is at `path` when the context ends, or goes down the pipe at once.

    An interruption by the keyboard ends the sound where it is; an error leaves nothing.
    """
    return _pipe(sample_rate) if path == STDOUT else _file(path, sample_rate)


@contextmanager
def _pipe(sample_rate: int) -> Iterator[WriteAudio]:
    stdout = sys.stdout.buffer
    begin, length = _rewritable(stdout), 0

    def put(audio: Audio) -> None:
        nonlocal length
        length += stdout.write(pcm16(audio).tobytes())
        stdout.flush()

    with naming_write_errors("standard output"):
        stdout.write(wav_header(sample_rate))
        stdout.flush()
        try:
            yield put
        finally:
            if begin is not None:
                end = stdout.tell()
                stdout.seek(begin)
                stdout.write(wav_header(sample_rate, length))
                stdout.seek(end)


def _rewritable(stdout: Any) -> int | None:
    """Where output goes to a file whose head can be written again once its length is known."""
    try:
        number = stdout.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode) or _appends(number):
            return None
        return stdout.tell()
    except (OSError, ValueError):  # it is no file, or not one of the system's
        return None


def _appends(number: int) -> bool:
    """Whether whatever is written goes to the end, as after `>>`."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return False
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)


@contextmanager
def _file(path: Path, sample_rate: int) -> Iterator[WriteAudio]:
    """The file takes its place when it is whole: nobody ever finds half a sound."""
    import soundfile  # a library in C, which pipes and training do without

    kind, subtype = SOUNDFILE_FORMATS[path.suffix.lower()]
    heard, interruption = False, None

    def put(audio: Audio) -> None:
        nonlocal heard
        _encode(file, audio)
        heard = True

    try:
        with atomic_write(path) as partial:
            try:
                with soundfile.SoundFile(
                    partial, "w", sample_rate, 1, format=kind, subtype=subtype
                ) as file:
                    yield put
            except KeyboardInterrupt as error:
                if not heard:
                    raise  # a file with no sound in it is no use to anyone
                interruption = error
    except soundfile.SoundFileError as error:
        why = repr(str(error).rstrip("."))
        raise write_error(path, why, "is there space left?") from error
    if interruption:
        raise interruption


def _encode(file: Any, audio: Audio) -> None:
    samples = pcm16(audio)
    for start in range(0, len(samples), ENCODER_BLOCK_SAMPLES):
        file.write(samples[start : start + ENCODER_BLOCK_SAMPLES])


def pcm16(audio: Audio) -> Int16[np.ndarray, " samples"]:
    """Whole numbers, little end first; what is beyond full scale is at full scale."""
    return np.rint(audio.clip(-1, 1) * 32767).astype("<i2")


def wav_header(sample_rate: int, length: int | None = None) -> bytes:
    """The head of a wav with so many bytes of sound, or of one whose length nobody knows yet."""
    if length is None or length > UNKNOWN_LENGTH - HEAD:
        whole = length = UNKNOWN_LENGTH
    else:
        whole = length + HEAD
    return b"".join(
        [
            struct.pack("<4sI4s", b"RIFF", whole, b"WAVE"),
            struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16),
            struct.pack("<4sI", b"data", length),
        ]
    )

"""Sound files and wav pipes, always with one channel of 16-bit samples."""

import os
import stat
import struct
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int16

from tts.audio_formats import AUDIO_FORMATS
from tts.error_messages import naming_write_errors, os_error_reason, quoted, write_error
from tts.files import atomic_write, check_regular_file
from tts.synthetic_tag import SOFTWARE, one_line, synthetic_comment

Audio = Float[np.ndarray, " samples"]
WriteAudio = Callable[[Audio], None]

SOUNDFILE_FORMATS = {
    known.suffix: known.soundfile for known in AUDIO_FORMATS.values() if known.soundfile
}
STDOUT = Path("-")
STDOUT_DEVICES = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
# The encoders of libsndfile overflow their stack when given an hour at once.
ENCODER_BLOCK_SAMPLES = 16_384
ASCII_MARKS = str.maketrans("“”‘’–—", "\"\"''--")  # noqa: RUF001
UNKNOWN_LENGTH = 0xFFFFFFFF  # in the header of a wav stream that has not ended
HEAD = 36  # bytes of a wav header without a comment between its two lengths


def write_audio(path: Path | str, audio: Audio, sample_rate: int, *voices: str | None) -> None:
    """Write a sound file, whole or not at all. Its comment says that it is synthetic speech.

    Args:
        path: a file name that ends in one of SOUNDFILE_FORMATS, or `-` for standard output.
        audio: samples from -1 to 1, of shape (samples,).
        sample_rate: in Hz.
        voices: the voices or blends that the comment names; by default none.

    Raises:
        ValueError: the ending is unknown.
        OSError: the file cannot be written, or its format lacks the sample rate.
    """
    path = audio_path(path)
    check_audio_path(path)
    with open_sound(path, sample_rate, *voices) as put:
        put(audio)


def audio_path(name: Path | str) -> Path:
    """The path of a sound file.

    Raises:
        ValueError: the name is empty, which as a path would mean the current folder.
    """
    if isinstance(name, str) and not name.strip():
        raise ValueError(f"output must be a file name, got {quoted(name)}")
    return Path(name)


def amplify(audio: Audio, decibels: float) -> Audio:
    """Apply a gain in decibels and clip to full scale; at 0 dB the same array is returned."""
    return np.clip(audio * np.float32(10 ** (decibels / 20)), -1, 1) if decibels else audio


def check_audio_path(path: Path) -> None:
    """Check that sound can be written to a path, before any work is done.

    Raises:
        ValueError: the ending is unknown, or standard output is a terminal.
        OSError: the file could not be written.
    """
    if path == STDOUT:
        _check_pipe()
        return
    if str(path) in STDOUT_DEVICES:
        raise ValueError(
            f"cannot write {path}: it is a device or a pipe; use - for standard output"
        )
    check_regular_file(path)
    if path.name.lower() in SOUNDFILE_FORMATS:
        raise ValueError(f"file name {path.name!r} has nothing before its ending")
    if path.suffix.lower() not in SOUNDFILE_FORMATS:
        known = ", ".join(SOUNDFILE_FORMATS)
        raise ValueError(f"file name must end in one of {known}; got {path.name!r}")
    check_writable(path)


def _check_pipe() -> None:
    if sys.stdout is None:
        raise ValueError("standard output is closed; name a file")
    if sys.stdout.isatty():
        raise ValueError("standard output is a terminal; name a file or use a pipe")


def check_writable(path: Path) -> None:
    """Check that a file, or the target of a link, can be written.

    Raises:
        FileNotFoundError: its folder does not exist.
        PermissionError: the file or the folder is read-only for this user.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: no such folder: {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: permission denied")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"cannot write {path}: permission denied in {path.parent}")


def open_sound(
    path: Path, sample_rate: int, *voices: str | None, title: str = "", seed: int | None = None
) -> AbstractContextManager[WriteAudio]:
    """A context that yields a function which writes samples.

    A file takes its place when the context ends; a pipe gets the samples at once. Ctrl-C ends
    the file where it is, and it stays valid; another error leaves no file.

    Args:
        path: a file name, or `-` for standard output.
        sample_rate: in Hz.
        voices: the voices or blends that the comment names; by default none.
        title: of the speech, which a file names; empty for none.
        seed: that the comment names; by default none.
    """
    comment = synthetic_comment(*voices, seed=seed)
    if path == STDOUT:
        return _pipe(sample_rate, comment)
    tags = {"title": one_line(title), "comment": comment, "software": SOFTWARE}
    return _file(path, sample_rate, tags)


@contextmanager
def _pipe(sample_rate: int, comment: str) -> Iterator[WriteAudio]:
    stdout = sys.stdout.buffer
    begin, length = _rewritable(stdout), 0

    def put(audio: Audio) -> None:
        nonlocal length
        length += stdout.write(pcm16(audio).tobytes())
        stdout.flush()

    with naming_write_errors("standard output"):
        stdout.write(wav_header(sample_rate, comment=comment))
        stdout.flush()
        try:
            yield put
        finally:
            if begin is not None:
                end = stdout.tell()
                stdout.seek(begin)
                stdout.write(wav_header(sample_rate, length, comment))
                stdout.seek(end)


def _rewritable(stdout: Any) -> int | None:
    """The position of the header, if output is a file in which it can be written again."""
    try:
        number = stdout.fileno()
        if not stat.S_ISREG(os.fstat(number).st_mode) or _appends(number):
            return None
        return stdout.tell()
    except (OSError, ValueError):  # not a file of the system
        return None


def _appends(number: int) -> bool:
    """Whether writes go to the end of the file, as after `>>`."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        return False
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND)


@contextmanager
def _file(path: Path, sample_rate: int, tags: Mapping[str, str]) -> Iterator[WriteAudio]:
    """A sound file that takes its place when it is whole. Its tags are fields of soundfile."""
    import soundfile  # a C library, which pipes and training do not need

    _check_sample_rate(path, sample_rate)
    kind, subtype = SOUNDFILE_FORMATS[path.suffix.lower()]
    heard, interruption = False, None

    def put(audio: Audio) -> None:
        nonlocal heard
        for block in _blocks(audio):
            file.write(block)
            heard = True

    try:
        with atomic_write(path) as partial:
            try:
                with soundfile.SoundFile(
                    partial, "w", sample_rate, 1, format=kind, subtype=subtype
                ) as file:
                    for name, text in tags.items():
                        if fitting := to_ascii(text) if kind == "MP3" else text:
                            setattr(file, name, fitting)
                    yield put
            except KeyboardInterrupt as error:
                if not heard:
                    raise  # no file without any sound
                interruption = error
    except soundfile.SoundFileError as error:
        # without the path of the partial file, which soundfile puts before the reason
        reason = os_error_reason(OSError(getattr(error, "error_string", error)))
        raise write_error(path, f"{reason}; check that there is space left") from error
    if interruption:
        raise interruption


def to_ascii(text: str) -> str:
    """A text in ASCII, without accents and without letters of other scripts.

    libsndfile writes the tags of an mp3 as if they were Latin-1.

    Example:
        >>> to_ascii("“Été, at last”")
        '"Ete, at last"'
    """
    letters = unicodedata.normalize("NFKD", text.translate(ASCII_MARKS))
    return " ".join(letters.encode("ascii", "ignore").decode().split())


def _check_sample_rate(path: Path, sample_rate: int) -> None:
    name = path.suffix.lower().strip(".")
    known = AUDIO_FORMATS[name].sample_rates
    if known and sample_rate not in known:
        rates = ", ".join(map(str, known))
        raise OSError(f"sample rate of {name} must be one of {rates}; got {sample_rate}")


def _blocks(audio: Audio) -> Iterator[np.ndarray]:
    samples = pcm16(audio)
    for start in range(0, len(samples), ENCODER_BLOCK_SAMPLES):
        yield samples[start : start + ENCODER_BLOCK_SAMPLES]


def pcm16(audio: Audio) -> Int16[np.ndarray, " samples"]:
    """Samples as 16-bit little-endian integers, clipped to full scale."""
    return np.rint(audio.clip(-1, 1) * 32767).astype("<i2")


def wav_header(sample_rate: int, length: int | None = None, comment: str = "") -> bytes:
    """The header of a wav file.

    Args:
        sample_rate: in Hz.
        length: bytes of sound that follow; by default unknown, as in a stream.
        comment: text of an INFO list, which also names this program; by default there is no list.

    Returns:
        44 bytes, or more with a comment, always an even number: a reader that takes all headers
        for 44 bytes then still finds whole samples.
    """
    # before the sound, since a stream of unknown length has no place after it
    info = _info_list({b"ICMT": comment, b"ISFT": SOFTWARE}) if comment else b""
    if length is None or length > UNKNOWN_LENGTH - HEAD - len(info):
        whole = length = UNKNOWN_LENGTH
    else:
        whole = length + HEAD + len(info)
    return b"".join(
        [
            struct.pack("<4sI4s", b"RIFF", whole, b"WAVE"),
            struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16),
            info,
            struct.pack("<4sI", b"data", length),
        ]
    )


def _info_list(fields: Mapping[bytes, str]) -> bytes:
    """A LIST chunk of texts, each with one or two zero bytes that make its length even."""
    chunks = [b"INFO"]
    for name, text in fields.items():
        data = text.encode()
        data += b"\0" * (2 - len(data) % 2)
        chunks += [struct.pack("<4sI", name, len(data)), data]
    content = b"".join(chunks)
    return struct.pack("<4sI", b"LIST", len(content)) + content

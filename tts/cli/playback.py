"""Playing sound: by the package sounddevice, or else by a program of the system."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from tts.audio import Audio, WriteAudio, open_sound, pcm16, wav_header
from tts.cli.extensions import install_command
from tts.error_messages import os_error_reason

SOUNDDEVICE, EXTRA = "sounddevice", "play"
SYSTEM = sys.platform
FILE = "speech.wav"  # that a program plays which reads no pipe, in a folder of its own
BLOCKS_PER_SECOND = 10  # of what is passed on at once, so that Ctrl-C stops it soon
ENDING_SECONDS = 2.0  # that a stopped program has to end


@dataclass(frozen=True, slots=True)
class Player:
    """A program that plays sound.

    Args:
        name: of the program.
        arguments: `{rate}` stands for the sample rate in Hz.
        reads: what it plays: 16-bit `samples` or a `wav` stream from a pipe while it is made, or a
            `file` once it is whole.
        system: the one that has it, as `sys.platform` begins; empty for several.
    """

    name: str
    arguments: tuple[str, ...]
    reads: str
    system: str = ""

    def command(self, sample_rate: int) -> list[str]:
        """Its command line."""
        return [self.name, *(each.format(rate=sample_rate) for each in self.arguments)]


# In the order in which they are looked for: those that play while the sound is made come first.
# pw-play reads samples or a sound file from a pipe, by its version, and so gets a file.
PLAYERS = (
    Player("paplay", ("--raw", "--format=s16le", "--rate={rate}", "--channels=1"), "samples"),
    Player("aplay", ("-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "1", "-"), "samples"),
    Player("ffplay", ("-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"), "wav"),
    Player("mpv", ("--no-video", "--really-quiet", "-"), "wav"),
    Player(
        "play", ("-q", "-t", "raw", "-r", "{rate}", "-e", "signed", "-b", "16", "-c", "1", "-"),
        "samples",
    ),
    Player("pw-play", (FILE,), "file", "linux"),
    Player("afplay", (FILE,), "file", "darwin"),
    Player(
        "powershell",
        ("-NoProfile", "-Command", f"(New-Object System.Media.SoundPlayer '{FILE}').PlaySync()"),
        "file",
        "win32",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Playback:
    """A way to play sound.

    Args:
        name: of what plays.
        open: a context for a sample rate that yields a function which plays samples; when it ends,
            everything has been played. Ctrl-C stops the sound.
    """

    name: str
    open: Callable[[int], AbstractContextManager[WriteAudio]]


def find_playback() -> Playback:
    """What plays sound on this machine.

    Raises:
        FileNotFoundError: nothing does; the message says what to do.
    """
    sounddevice, why = _sounddevice()
    if sounddevice:
        return Playback(SOUNDDEVICE, partial(_play_by_device, sounddevice))
    for player in PLAYERS:
        if shutil.which(player.name):
            return Playback(player.name, partial(_play_by_program, player))
    known = ", ".join(one.name for one in PLAYERS if SYSTEM.startswith(one.system))
    raise FileNotFoundError(
        f"found nothing that plays sound: {why}, and none of {known} is installed; "
        "give a file with -o, or install one of them"
    )


def _sounddevice() -> tuple[Any, str]:
    """The module, if it is installed and finds a device; otherwise None, and why."""
    if not find_spec(SOUNDDEVICE):
        return None, f"{SOUNDDEVICE} is not installed ({install_command(EXTRA)})"
    try:
        import sounddevice

        sounddevice.query_devices(kind="output")
    except Exception as error:  # without PortAudio an OSError, without a device one of its own
        return None, f"{SOUNDDEVICE} does not work ({error})"
    return sounddevice, ""


@contextmanager
def _play_by_device(sounddevice: Any, sample_rate: int) -> Iterator[WriteAudio]:
    try:
        stream = sounddevice.RawOutputStream(samplerate=sample_rate, channels=1, dtype="int16")
        stream.start()
    except sounddevice.PortAudioError as error:
        raise _failed(SOUNDDEVICE, str(error)) from error

    def put(audio: Audio) -> None:
        for block in _blocks(audio, sample_rate):
            stream.write(block)

    try:
        yield put
        stream.stop()  # waits until all is played
    finally:
        stream.close()  # drops what is left


@contextmanager
def _play_by_program(player: Player, sample_rate: int) -> Iterator[WriteAudio]:
    with tempfile.TemporaryDirectory(prefix="tts-") as folder:
        if player.reads == "file":
            with open_sound(Path(folder) / FILE, sample_rate) as put:
                yield put
            with _running(player, sample_rate, folder):
                pass
            return
        with _running(player, sample_rate, folder) as pipe:
            if player.reads == "wav":
                _send(pipe, wav_header(sample_rate))

            def put_samples(audio: Audio) -> None:
                for block in _blocks(audio, sample_rate):
                    _send(pipe, block)

            yield put_samples


@contextmanager
def _running(player: Player, sample_rate: int, folder: str) -> Iterator[IO[bytes]]:
    """The pipe into a program; when the context ends it is closed, and the program plays on to
    its end. After an error or Ctrl-C it is stopped."""
    with tempfile.TemporaryFile() as messages:
        try:
            process = subprocess.Popen(
                player.command(sample_rate),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=messages,
                bufsize=0,  # what is not read yet must not hold up the end
            )
        except OSError as error:  # it is no program, or its interpreter is missing
            raise _failed(player.name, os_error_reason(error)) from error
        assert process.stdin
        try:
            yield process.stdin
            process.stdin.close()
            code = process.wait()
        except _PlayerEndedError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_SECONDS)
            code = process.returncode or 1
        finally:
            _stop(process)
        if code:
            messages.seek(0)
            raise _failed(player.name, messages.read().decode(errors="replace"))


class _PlayerEndedError(Exception):
    """A program reads no more."""


def _send(pipe: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    try:
        while left:
            left = left[pipe.write(left) :]
    except OSError as error:  # a broken pipe; Windows has another name for it
        raise _PlayerEndedError from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    running = process.poll() is None
    if running:
        process.terminate()
    if process.stdin:
        process.stdin.close()  # one that waits for samples sees nothing else
    if running:
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _failed(name: str, messages: str) -> OSError:
    """The error of a player, with the last line that it printed."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    why = lines[-1] if lines else "it ended before the speech did"
    return OSError(f"cannot play by {name}: {why}; give a file with -o")


def _blocks(audio: Audio, sample_rate: int) -> Iterator[bytes]:
    samples, length = pcm16(audio), sample_rate // BLOCKS_PER_SECOND
    for start in range(0, len(samples), length):
        yield samples[start : start + length].tobytes()

"""`tts say`: audio is written while it is made, with a line of statistics at the end."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from tts.audio import STDOUT, open_sound
from tts.captions.formats import TimedText, write_captions
from tts.cli.voices import voice_paths
from tts.delivery import Delivery
from tts.error_messages import quoted
from tts.speech import Speech
from tts.text.cast import Cast, unknown_names_note
from tts.text.language_warnings import language_warnings
from tts.text.markup.voices import spoken_voices
from tts.text.options import TextOptions

if TYPE_CHECKING:
    from tts.synthesis import Synthesizer

EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141  # as shells report SIGINT and SIGPIPE


def speak_to_file(
    synthesizer: "Synthesizer",
    text: str,
    delivery: Delivery,
    output: Path,
    subtitles: Path | None = None,
) -> None:
    """Speak a text into a file or a pipe, and print statistics to standard error.

    Args:
        synthesizer: the models.
        text: to speak.
        delivery: how to speak it.
        output: file, in the format of its ending; `-` is standard output.
        subtitles: file of captions, in the format of its ending.

    Raises:
        typer.Exit: with 130 after Ctrl-C, where the files keep what was spoken; with 141 where the
            reader of a pipe has closed it.
        OSError: a file cannot be written.
        ValueError: the text has no words, or an option is invalid.
    """
    begun = perf_counter()
    pieces = synthesizer.stream(text, delivery, low_latency=output == STDOUT)
    stats, times = SynthesisStats(synthesis_seconds=perf_counter() - begun), TimedText(text)
    warn_of_languages(text, delivery.reading)
    try:
        line = Console(stderr=True).status("speaking")
        voices = spoken_voices(text, delivery.voice, delivery.reading)
        with open_sound(output, synthesizer.sample_rate, *voices) as put, line:
            for piece in stats.measure(pieces):
                put(piece.audio)
                if subtitles:
                    times.add(piece)
                line.update(f"{stats.audio_seconds:.0f} s spoken")
        if subtitles:
            write_captions(subtitles, times)
    except KeyboardInterrupt:
        if subtitles and stats.audio_seconds:
            times.end()
            write_captions(subtitles, times)
        kept = output if stats.audio_seconds or output.is_file() else "nothing was written"
        typer.echo(f"stopped after {stats.audio_seconds:.2f} s of speech: {kept}", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(EXIT_BROKEN_PIPE) from None
    except OSError:
        if output == STDOUT:
            _discard_output()
        raise
    typer.echo(f"{stats}: {output}", err=True)


def warn_of_languages(text: str, reading: TextOptions) -> None:
    """Print warnings on what the voices cannot read of a text to standard error."""
    for warning in language_warnings(text, reading):
        typer.echo(f"warning: {warning}", err=True)


def cast_voice_paths(cast: Cast, folder: Path) -> dict[str, Path]:
    """The voice files that a cast names by paths relative to a folder, by these parts of it."""
    paths = (voice_paths(voice) for voice in cast.voices.values())
    return {text: folder / path for found in paths for text, path in found.items()}


def apply_cast(cast: Cast, text: str, synthesizer: "Synthesizer") -> str:
    """A script as a text with tags; names that are not in the cast are noted.

    Raises:
        ValueError: a voice of the cast is unknown.
    """
    for name, voice in cast.voices.items():
        try:
            synthesizer.voice_weights(voice)
        except ValueError as error:
            raise ValueError(f"{quoted(name)} in the cast: {error}") from error
    if note := unknown_names_note(cast.unknown_names(text)):
        typer.echo(f"note: {note}", err=True)
    return cast.to_tags(text)


def _discard_output() -> None:
    """Let standard output lead nowhere, so that Python's flush at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class SynthesisStats:
    """Seconds of audio, and seconds of computing it, without those of writing it."""

    synthesis_seconds: float
    first_audio_seconds: float = 0.0
    audio_seconds: float = 0.0

    def measure(self, pieces: Iterator[Speech]) -> Iterator[Speech]:
        """Pass pieces on, and count the time that each takes and its audio."""
        while True:
            begun = perf_counter()
            piece = next(pieces, None)
            self.synthesis_seconds += perf_counter() - begun
            if piece is None:
                return
            self.first_audio_seconds = self.first_audio_seconds or self.synthesis_seconds
            yield piece
            self.audio_seconds += piece.seconds

    def __str__(self) -> str:
        return (
            f"{self.audio_seconds:.2f} s of speech in {self.synthesis_seconds:.2f} s ("
            f"real-time factor {self.synthesis_seconds / self.audio_seconds:.3f}, "
            f"first sound after {self.first_audio_seconds:.2f} s)"
        )

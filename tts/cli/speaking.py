"""Speaking on the command line: into a file, a pipe or a player, with a line of statistics."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tts.audio import STDOUT, WriteAudio, open_sound
from tts.best_of.choice import Choice
from tts.captions.dubbing import dub, dubbed_text
from tts.captions.formats import TimedText, write_captions
from tts.cli.entry import EXIT_INTERRUPTED
from tts.cli.playback import Playback
from tts.delivery import Delivery
from tts.speech import Speech
from tts.text.files.argument import TextSource
from tts.text.language_warnings import language_warnings
from tts.text.markup.voices import spoken_voices
from tts.text.options import TextOptions

if TYPE_CHECKING:
    from tts.synthesis import Synthesizer

EXIT_BROKEN_PIPE = 141  # as shells report SIGPIPE
MAX_EXPLAINED = 10  # choices among candidates that are explained one by one
LONG_CHARACTERS = 1000  # of a text that has a progress bar, about a minute; chosen by hand


@dataclass(frozen=True, kw_only=True)
class SpeechOutput:
    """Where speech goes.

    Args:
        target: a file, in the format of its ending; `-` for standard output; or what plays it.
        subtitles: file of captions, in the format of its ending; None for none.
    """

    target: Path | Playback
    subtitles: Path | None = None

    @property
    def is_heard_early(self) -> bool:
        """Whether the sound is played while it is made."""
        return self.target == STDOUT or isinstance(self.target, Playback)

    def open(
        self, sample_rate: int, *voices: str, title: str, seed: int
    ) -> AbstractContextManager[WriteAudio]:
        """A context that yields a function which writes or plays samples."""
        if isinstance(self.target, Playback):
            return self.target.open(sample_rate)
        return open_sound(self.target, sample_rate, *voices, title=title, seed=seed)

    def describe(self, heard: bool) -> str:
        """What is there after the speech, or after a part of it."""
        if isinstance(self.target, Playback):
            return f"played by {self.target.name}"
        return str(self.target) if heard or self.target.is_file() else "nothing was written"


def speak_source(
    synthesizer: "Synthesizer", source: TextSource, delivery: Delivery, output: SpeechOutput
) -> None:
    """Speak a text into a file, a pipe or a player, and print statistics to standard error.

    Args:
        synthesizer: the models.
        source: the text, or the cues of subtitles, which are spoken at their times.
        delivery: how to speak it.
        output: where the speech goes.

    Raises:
        typer.Exit: with 130 after Ctrl-C, where the files keep what was spoken; with 141 where the
            reader of a pipe has closed it.
        OSError: a file cannot be written, or the sound cannot be played.
        ValueError: the text has no words, or an option is invalid.
    """
    text = dubbed_text(source.cues) or source.text
    begun = perf_counter()
    pieces = _pieces(synthesizer, source, delivery, output)
    stats, times = SynthesisStats(synthesis_seconds=perf_counter() - begun), TimedText(text)
    warn_of_languages(text, delivery.reading)
    voices = spoken_voices(text, delivery.voice, delivery.reading)
    sound = output.open(synthesizer.sample_rate, *voices, title=source.title, seed=delivery.seed)
    try:
        with ProgressBar(len(text)) as progress, sound as put:
            for piece in stats.measure(pieces):
                put(piece.audio)
                if output.subtitles:
                    times.add(piece)
                progress.advance(piece, stats)
        if output.subtitles:
            write_captions(output.subtitles, times)
    except KeyboardInterrupt:
        if output.subtitles and stats.audio_seconds:
            times.end()
            write_captions(output.subtitles, times)
        kept = output.describe(stats.audio_seconds > 0)
        typer.echo(f"stopped after {stats.audio_seconds:.2f} s of speech: {kept}", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(EXIT_BROKEN_PIPE) from None
    except OSError:
        if output.target == STDOUT:
            _discard_output()
        raise
    print_choices(stats.choices)
    typer.echo(f"{stats}: {output.describe(heard=True)}", err=True)


def _pieces(
    synthesizer: "Synthesizer", source: TextSource, delivery: Delivery, output: SpeechOutput
) -> Iterator[Speech]:
    if not source.cues:
        return synthesizer.stream(source.text, delivery, low_latency=output.is_heard_early)
    return dub(
        synthesizer.speak,
        source.cues,
        delivery,
        lambda late: typer.echo(f"note: {late}", err=True),
    )


def print_choices(choices: Sequence[Choice]) -> None:
    """Explain the first choices among candidates on standard error, and count the others."""
    for choice in choices[:MAX_EXPLAINED]:
        typer.echo(choice.explanation, err=True)
    if len(choices) > MAX_EXPLAINED:
        others = sum(choice.chosen > 0 for choice in choices)
        typer.echo(
            f"of {len(choices)} utterances in all, {others} have another candidate than the first",
            err=True,
        )


def warn_of_languages(text: str, reading: TextOptions) -> None:
    """Print warnings on what the voices cannot read of a text to standard error."""
    for warning in language_warnings(text, reading):
        typer.echo(f"warning: {warning}", err=True)


def _discard_output() -> None:
    """Let standard output lead nowhere, so that Python's flush at exit does not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class ProgressBar:
    """How much of a long text is spoken, on a terminal; nothing elsewhere.

    Args:
        characters: of the text.
    """

    def __init__(self, characters: int) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("speaking"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %, {task.fields[spoken]} spoken,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not console.is_terminal or characters < LONG_CHARACTERS,
        )
        self._task = self._progress.add_task("", total=characters, spoken="0:00")

    def __enter__(self) -> "ProgressBar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def advance(self, piece: Speech, stats: "SynthesisStats") -> None:
        """Count a piece, up to its last word."""
        if piece.words:
            minutes, seconds = divmod(round(stats.audio_seconds), 60)
            spoken = f"{minutes}:{seconds:02}"
            self._progress.update(self._task, completed=piece.words[-1].span[1], spoken=spoken)


@dataclass
class SynthesisStats:
    """Seconds of audio, seconds of computing it without those of writing it, and the choices."""

    synthesis_seconds: float
    first_audio_seconds: float = 0.0
    audio_seconds: float = 0.0
    choices: list[Choice] = field(default_factory=list)

    def measure(self, pieces: Iterator[Speech]) -> Iterator[Speech]:
        """Pass pieces on, and count the time that each takes and its audio."""
        while True:
            begun = perf_counter()
            piece = next(pieces, None)
            self.synthesis_seconds += perf_counter() - begun
            if piece is None:
                return
            self.first_audio_seconds = self.first_audio_seconds or self.synthesis_seconds
            self.choices += piece.choices
            yield piece
            self.audio_seconds += piece.seconds

    def __str__(self) -> str:
        return (
            f"{self.audio_seconds:.2f} s of speech in {self.synthesis_seconds:.2f} s ("
            f"real-time factor {self.synthesis_seconds / self.audio_seconds:.3f}, "
            f"first sound after {self.first_audio_seconds:.2f} s)"
        )

"""Sound on its way out as it is made, and an account of how long its making took."""

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
from tts.delivery import Delivery
from tts.speech import Speech

if TYPE_CHECKING:
    from tts.synthesis import Synthesizer

EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141


def speak_to_file(
    synthesizer: "Synthesizer",
    text: str,
    delivery: Delivery,
    output: Path,
    subtitles: Path | None = None,
) -> None:
    """Sound goes out as it is made; an interruption keeps what there is."""
    begun = perf_counter()
    pieces = synthesizer.stream(text, delivery)
    account, times = SynthesisStats(synthesis_seconds=perf_counter() - begun), TimedText(text)
    try:
        line = Console(stderr=True).status("speaking")
        with open_sound(output, synthesizer.sample_rate) as put, line:
            for piece in account.measure(pieces):
                put(piece.audio)
                if subtitles:
                    times.add(piece)
                line.update(f"{account.audio_seconds:.0f} s spoken")
        if subtitles:
            write_captions(subtitles, times)
    except KeyboardInterrupt:
        if subtitles and account.audio_seconds:
            times.end()
            write_captions(subtitles, times)
        kept = output if account.audio_seconds or output.is_file() else "nothing was written"
        typer.echo(f"stopped after {account.audio_seconds:.2f} s of speech: {kept}", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(EXIT_BROKEN_PIPE) from None
    except OSError:
        if output == STDOUT:
            _discard_output()
        raise
    typer.echo(f"{account}: {output}", err=True)


def _discard_output() -> None:
    """Python flushes standard output when it exits, and must not fail at it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class SynthesisStats:
    """How much was spoken, and how long its making took: to write and to play does not count."""

    synthesis_seconds: float
    first_audio_seconds: float = 0.0
    audio_seconds: float = 0.0

    def measure(self, pieces: Iterator[Speech]) -> Iterator[Speech]:
        """The same pieces, each counted when it has gone out."""
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

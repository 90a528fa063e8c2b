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

from tts.audio import PIPE, open_sound
from tts.captions.formats import Times, write
from tts.speech import Delivery, Speech

if TYPE_CHECKING:
    from tts.synthesis import Synthesizer

INTERRUPTED, UNHEARD = 130, 141


def speak(
    synthesizer: "Synthesizer",
    text: str,
    delivery: Delivery,
    output: Path,
    subtitles: Path | None = None,
) -> None:
    """Sound goes out as it is made; an interruption keeps what there is."""
    begun = perf_counter()
    pieces = synthesizer.stream(text, delivery)
    account, times = Account(making=perf_counter() - begun), Times(text)
    try:
        line = Console(stderr=True).status("speaking")
        with open_sound(output, synthesizer.sample_rate) as put, line:
            for piece in account.timed(pieces):
                put(piece.audio)
                if subtitles:
                    times.add(piece)
                line.update(f"{account.spoken:.0f} s spoken")
        if subtitles:
            write(subtitles, times)
    except KeyboardInterrupt:
        if subtitles and account.spoken:
            times.end()
            write(subtitles, times)
        kept = output if account.spoken or output.is_file() else "nothing was written"
        typer.echo(f"stopped after {account.spoken:.2f} s of speech: {kept}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        _discard_output()
        raise typer.Exit(UNHEARD) from None
    except OSError:
        if output == PIPE:
            _discard_output()
        raise
    typer.echo(f"{account}: {output}", err=True)


def _discard_output() -> None:
    """Python flushes standard output when it exits, and must not fail at it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class Account:
    """How much was spoken, and how long its making took: to write and to play does not count."""

    making: float
    first: float = 0.0
    spoken: float = 0.0

    def timed(self, pieces: Iterator[Speech]) -> Iterator[Speech]:
        """The same pieces, each counted when it has gone out."""
        while True:
            begun = perf_counter()
            piece = next(pieces, None)
            self.making += perf_counter() - begun
            if piece is None:
                return
            self.first = self.first or self.making
            yield piece
            self.spoken += piece.seconds

    def __str__(self) -> str:
        return (
            f"{self.spoken:.2f} s of speech in {self.making:.2f} s (real-time factor "
            f"{self.making / self.spoken:.3f}, first sound after {self.first:.2f} s)"
        )

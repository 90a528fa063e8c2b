"""What the arguments of commands that read a text name: the text and a lexicon."""

import sys
from pathlib import Path

import typer

from tts.captions.dubbing import dubbed_text
from tts.text.files.argument import TextSource, read_argument
from tts.text.files.chapter_selection import READ_BY_DEFAULT, ChapterSelection
from tts.text.pronounce.lexicon import Lexicon


def read_source(argument: str, selection: ChapterSelection = READ_BY_DEFAULT) -> TextSource:
    """Read a text, the file that an argument names, or standard input."""
    return read_argument(argument, _typed, selection)


def read_text(argument: str) -> str:
    """The same as one text, also of subtitles; notes are printed."""
    source = read_source(argument)
    print_notes(source)
    return dubbed_text(source.cues) or source.text


def print_notes(source: TextSource) -> None:
    """Print the notes on a text to standard error."""
    for note in source.notes:
        typer.echo(f"note: {note}", err=True)


def _typed() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""


def load_lexicon(path: Path | None) -> Lexicon | None:
    """The lexicon of an option; None without one."""
    return Lexicon.load(path) if path else None

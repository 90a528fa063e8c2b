"""What the arguments of commands that read a text name: the text and a lexicon."""

import sys
from pathlib import Path

import typer

from tts.error_messages import quoted
from tts.text.files.plain import is_path, read_text_argument
from tts.text.pronounce.lexicon import Lexicon


def read_text(text: str) -> str:
    """The text of an argument, of the file that it names, or of standard input."""
    if text != "-" and not text.lower().endswith(".txt") and is_path(text):
        note = f"note: {quoted(text)} is spoken as text; only .txt files are read"
        typer.echo(note, err=True)
    return read_text_argument(
        text,
        lambda: sys.stdin.buffer.read() if sys.stdin else b"",
        lambda note: typer.echo(f"note: {note}", err=True),
    )


def load_lexicon(path: Path | None) -> Lexicon | None:
    """The lexicon of an option; None without one."""
    return Lexicon.load(path) if path else None

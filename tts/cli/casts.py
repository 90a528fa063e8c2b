"""Casts on the command line: the voice files that they name, and scripts as texts with tags."""

from pathlib import Path

import typer

from tts.cli.voices import voice_paths
from tts.text.cast import Cast, unknown_names_note


def cast_voice_paths(cast: Cast, folder: Path) -> dict[str, Path]:
    """The voice files that a cast names by paths relative to a folder, by these parts of it."""
    paths = (voice_paths(voice) for voice in cast.voices.values())
    return {text: folder / path for found in paths for text, path in found.items()}


def apply_cast(cast: Cast, text: str) -> str:
    """A script as a text with tags; names that are not in the cast are noted."""
    if note := unknown_names_note(cast.unknown_names(text)):
        typer.echo(f"note: {note}", err=True)
    return cast.to_tags(text)

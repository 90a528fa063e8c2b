"""Casts on the command line: the voice files that they name, and scripts as texts with tags."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

from tts.cli.voices import voice_paths
from tts.text.cast import Cast, unknown_names_note
from tts.text.files.argument import TextSource


def cast_voice_paths(cast: Cast, folder: Path) -> dict[str, Path]:
    """The voice files that a cast names by paths relative to a folder, by these parts of it."""
    paths = (voice_paths(voice) for voice in cast.voices.values())
    return {text: folder / path for found in paths for text, path in found.items()}


def apply_cast(cast: Cast, source: TextSource) -> TextSource:
    """A script as a text with tags, and a note on names that are not in the cast."""
    unknown = chain.from_iterable(map(cast.unknown_names, source.texts))
    note = unknown_names_note(dict.fromkeys(unknown))
    return replace(
        source,
        text=cast.to_tags(source.text),
        cues=tuple(replace(cue, text=cast.to_tags(cue.text)) for cue in source.cues),
        notes=(*source.notes, note) if note else source.notes,
    )

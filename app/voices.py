"""Voices of a command's options, and how clients see those that a synthesizer offers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tts.checkpoint import shipped_checkpoint
from tts.cli.voices import voice_paths
from tts.learned_voices import LearnedVoice, LearnedVoices
from tts.synthesis import Synthesizer
from tts.text.cast import Cast, load_cast
from tts.voice_files import read_card
from tts.voices import VoiceInfo

LANGUAGES = ("en-US",)  # of every voice
NAME = re.compile(r"[^\s()+]+")  # in a blend; weights match, too, and are no paths


@dataclass(frozen=True)
class NamedVoice:
    """A voice or blend by names alone, and the voice files that were named by their paths."""

    name: str
    files: tuple[Path, ...] = ()


def name_voice(voice: str, folder: Path = Path()) -> NamedVoice:
    """Replace the paths of voice files in a voice or blend by the names of their voices.

    Args:
        voice: such as `heart`, `anna.voice` or `anna.voice(2)+heart(1)`.
        folder: that the paths are relative to.

    Raises:
        OSError: a file is not there, or cannot be read.
        ValueError: a file is not a voice file, or is damaged.
    """
    paths = {text: folder / path for text, path in voice_paths(voice).items()}
    names = {text: read_card(path).name for text, path in paths.items()}
    # a path with spaces or brackets is never part of a blend
    name = names.get(voice) or NAME.sub(lambda part: names.get(part[0], part[0]), voice)
    return NamedVoice(name, tuple(paths.values()))


def name_voices(voices: Sequence[str]) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """The names of voices or blends, and all their voice files, each once; as `name_voice`."""
    named = [name_voice(voice) for voice in voices]
    files = {path.resolve(): path for one in named for path in one.files}
    return tuple(one.name for one in named), tuple(files.values())


@dataclass(frozen=True)
class NamedCast:
    """A cast with voices by names alone, and the voice files that it named by their paths."""

    cast: Cast
    files: tuple[Path, ...] = ()


def name_cast(path: Path) -> NamedCast:
    """Read a cast, whose voice files have paths relative to it; errors as for `name_voice`, too."""
    cast = load_cast(path)
    named = {voice: name_voice(voice, path.parent) for voice in cast.voices.values()}
    files = {file.resolve(): file for one in named.values() for file in one.files}
    names = {voice: one.name for voice, one in named.items()}
    return NamedCast(cast.with_voices(names), tuple(files.values()))


@dataclass(frozen=True)
class ServerVoices:
    """The voices of a server's options.

    Args:
        default: of clients that name none; None for the first that is listed.
        files: voice files to offer.
        folder: of voice files to offer, too; None for that of the user's data.
    """

    default: str | None = None
    files: tuple[Path, ...] = ()
    folder: Path | None = None

    @classmethod
    def of(cls, voices: Sequence[str], folder: Path | None) -> "ServerVoices":
        """The voices of the options `--voice` and `--voice-dir`; errors as for `name_voice`."""
        names, files = name_voices(voices)
        return cls(names[0] if names else None, files, folder)


def without_reasons(synthesizer: Synthesizer) -> Synthesizer:
    """A synthesizer whose errors do not name voice files that were left out, for clients."""
    return replace(synthesizer, learned_voices=LearnedVoices(synthesizer.learned_voices))


def describe_voices(synthesizer: Synthesizer) -> Iterator[dict[str, Any]]:
    """What clients may read about each offered voice: nothing of its file but the card's figures.

    Yields:
        `id` and `name`, which are equal; `languages`; `learned`, whether it is from a voice file;
        what is known of `sex`, `accent`, `minutes`, `licence` and the measurements of `VoiceInfo`;
        and a `description`, which is empty if nothing is known.
    """
    own = {voice.name: voice for voice in synthesizer.offered_voices}
    for name in synthesizer.voices:
        learned = name in synthesizer.learned_voices
        if learned:
            voice = synthesizer.learned_voices[name]
            facts = asdict(voice.info)
            facts |= {"minutes": voice.card.minutes, "licence": voice.card.licence}
        else:
            facts = asdict(own.get(name, VoiceInfo(name=name)))
        known = {fact: value for fact, value in facts.items() if value is not None}
        yield {
            "id": name,
            "languages": list(LANGUAGES),
            **known,
            "name": name,
            "learned": learned,
            "description": _description(known, learned),
        }


def _description(known: Mapping[str, Any], learned: bool) -> str:
    """What a listener wants to know of a voice, such as `female, US accent`."""
    minutes = f" from {known['minutes']:.3g} minutes" if "minutes" in known else ""
    facts = (
        known.get("sex"),
        f"{known['accent']} accent" if "accent" in known else None,
        f"learned{minutes}" if learned else None,
        known.get("licence"),
    )
    return ", ".join(filter(None, facts))


def is_own(voice: LearnedVoice) -> bool:
    """Whether a learned voice is one of the user, not one that is shipped."""
    return voice.path.parent != shipped_checkpoint("acoustic").parent

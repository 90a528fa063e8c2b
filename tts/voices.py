"""Voices and blends of voices, such as `heart+michael` or `heart(2)+michael(1)`.

A checkpoint has an embedding of each voice that it was trained on. The voices it offers are listed
in its metadata under `voices`, with their measurements. Other voices work by their name, but are
not listed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tts.error_messages import quoted, short_text
from tts.validation import parse_json, parse_value

NUMBER = r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}"
BLEND_PART = re.compile(rf"\s*(?P<name>[^\s()+]+)\s*(?:\(\s*(?P<weight>{NUMBER})\s*\)\s*)?")
MAX_NAME_CHARACTERS, MAX_NAME_BYTES = 200, 240  # names of files have 255 bytes at most
NOT_IN_NAMES = frozenset('+()/\\:*?"<>|')  # of blends, and of paths on any system
MAX_BLEND_CHARACTERS = 1000  # chosen by hand: all voices with weights take about 700


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceInfo:
    """An offered voice with its measurements in one step; None for what was not measured.

    Args:
        name: the name for `Delivery(voice=...)`.
        sex: `female` or `male`.
        accent: `US`.
        word_errors: word error rate of Whisper base, in percent.
        distillmos: mean DistillMOS, an estimated opinion score from 1 to 5.
        similarity: mean cosine similarity of speaker embeddings with the voice's recordings.
        lines: number of sentences measured.

    Example:
        >>> [voice.name for voice in synthesizer.offered_voices if voice.sex == "male"][:2]
        ['michael', 'adam']
    """

    name: str
    sex: str | None = None
    accent: str | None = None
    word_errors: float | None = None
    distillmos: float | None = None
    similarity: float | None = None
    lines: int | None = None


def offered_voices(metadata: Mapping[str, str]) -> tuple[VoiceInfo, ...]:
    """The voices that a checkpoint offers, in its order; all its voices, if it lists none.

    Args:
        metadata: metadata of an acoustic model (`tts.checkpoint.read_metadata`).

    Raises:
        ValueError: the metadata cannot be read, or lists no voice, an unknown one, or one twice.
    """
    known = known_voices(metadata)
    if "voices" not in metadata:
        return tuple(VoiceInfo(name=name) for name in known)
    found = parse_value("voices", tuple[VoiceInfo, ...], parse_json(metadata["voices"]))
    offered: tuple[VoiceInfo, ...] = found
    names = [voice.name for voice in offered]
    if not names or set(names) - set(known) or len(set(names)) < len(names):
        listed = short_text(", ".join(names)) or "none"
        raise ValueError(f"the model must list some of its own voices once each, got {listed}")
    return offered


def known_voices(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """All voices of a checkpoint, offered or not.

    Args:
        metadata: metadata of an acoustic model.

    Raises:
        ValueError: the metadata is not that of an acoustic model.
    """
    try:
        known = parse_value("voices", tuple[str, ...], parse_json(metadata["config"])["voices"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("not an acoustic model") from error
    voices: tuple[str, ...] = known
    return voices


def check_voice_name(name: str) -> None:
    """Check that a learned voice can have this name, in blends and as the name of its file.

    Raises:
        ValueError: it is empty or too long, or has characters that it cannot have.
    """
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS or len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError(
            f"the name of a voice must have from 1 to {MAX_NAME_CHARACTERS} characters, "
            f"got {len(name)}"
        )
    wrong = NOT_IN_NAMES.intersection(name) or any(each.isspace() for each in name)
    if wrong or not name.isprintable() or name.startswith((".", "-")):
        raise ValueError(
            "the name of a voice must be printable, start with neither . nor -, and have no spaces "
            f"and none of {''.join(sorted(NOT_IN_NAMES))}; got {quoted(name)}"
        )


def parse_voice_blend(voice: str, known: Sequence[str], offered: Sequence[str] = ()) -> list[float]:
    """The share of each known voice in a voice or blend.

    Args:
        voice: a name, or names with optional weights joined by `+`.
        known: all voices.
        offered: the voices that an error message lists; by default all.

    Returns:
        A weight for each of `known`, in that order; their sum is 1.

    Raises:
        ValueError: a voice is unknown, or the blend cannot be read, or all weights are 0.

    Example:
        >>> parse_voice_blend("heart(3)+michael(1)", ["heart", "michael"])
        [0.75, 0.25]
    """
    shares = dict.fromkeys(known, 0.0)
    if voice in shares:
        return [float(name == voice) for name in known]
    for name, weight in blend_parts(voice):
        if name not in shares:
            named = offered or known
            place = "" if name == voice else f" in {quoted(voice)}"
            raise ValueError(
                f"unknown voice {quoted(name)}{place}; voices: {', '.join(named)}, "
                f"or a blend such as {named[0]}(2)+{named[-1]}(1)"
            )
        shares[name] += weight
    total = sum(shares.values())
    if not total:
        raise ValueError(f"the weights of {quoted(voice)} are all 0; give one a weight above 0")
    return [share / total for share in shares.values()]


def blend_parts(voice: str) -> list[tuple[str, float]]:
    """The names in a blend and their weights, in its order; a part that is none has no name.

    Args:
        voice: names with optional weights joined by `+`.

    Raises:
        ValueError: it is too long.

    Example:
        >>> blend_parts("heart(2)+michael")
        [('heart', 2.0), ('michael', 1.0)]
    """
    if len(voice) > MAX_BLEND_CHARACTERS:
        raise ValueError(
            f"voice must be at most {MAX_BLEND_CHARACTERS} characters long, got {len(voice)}"
        )
    matches = map(BLEND_PART.fullmatch, voice.split("+"))
    return [
        (match["name"], float(match["weight"] or 1)) if match else ("", 0.0) for match in matches
    ]

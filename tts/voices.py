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


def parse_voice_blend(voice: str, known: Sequence[str], offered: Sequence[str] = ()) -> list[float]:
    """The share of each voice of a model in a voice or blend.

    Args:
        voice: a name, or names with optional weights joined by `+`.
        known: all voices of the model.
        offered: the voices that an error message lists; by default all.

    Returns:
        A weight for each of `known`, in that order; their sum is 1.

    Raises:
        ValueError: a voice is unknown, or the blend cannot be read, or all weights are 0.

    Example:
        >>> parse_voice_blend("heart(3)+michael(1)", ["heart", "michael"])
        [0.75, 0.25]
    """
    weights = dict.fromkeys(known, 0.0)
    if voice in weights:
        return [float(name == voice) for name in known]
    if len(voice) > MAX_BLEND_CHARACTERS:
        raise ValueError(
            f"voice must be at most {MAX_BLEND_CHARACTERS} characters long, got {len(voice)}"
        )
    for part in voice.split("+"):
        match = BLEND_PART.fullmatch(part)
        if match is None or match["name"] not in weights:
            named = offered or known
            raise ValueError(
                f"unknown voice {quoted(voice)}; voices: {', '.join(named)}, "
                f"or a blend such as {named[0]}(2)+{named[-1]}(1)"
            )
        weights[match["name"]] += float(match["weight"] or 1)
    total = sum(weights.values())
    if not total:
        raise ValueError(f"the weights of {quoted(voice)} are all 0; give one a weight above 0")
    return [weight / total for weight in weights.values()]

"""A voice by its name, or a blend of several: `heart+michael`, or `heart(2)+michael(1)`.

A checkpoint has a row for each voice that it learnt from. Those that it offers stand in its
metadata under `voices`, with what was measured of them; the others speak as well when they are
named, but no list shows them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tts.error_messages import quoted, short_text
from tts.validation import parse_json, parse_value

NUMBER = r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}"
BLEND_PART = re.compile(rf"\s*(?P<name>[^\s()+]+)\s*(?:\(\s*(?P<weight>{NUMBER})\s*\)\s*)?")
MAX_BLEND_CHARACTERS = 1000  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceInfo:
    """A voice that is offered, and how well it speaks in one step; None is what nobody measured.

    Args:
        name: what `Delivery(voice=...)` takes.
        sex: `female` or `male`.
        accent: `US`.
        word_errors: of 100 words, how many Whisper base hears otherwise.
        distillmos: mean DistillMOS, an estimated opinion score from 1 to 5.
        similarity: mean cosine of speaker embeddings with the recordings it learnt from.
        lines: how many sentences the figures are of.
    """

    name: str
    sex: str | None = None
    accent: str | None = None
    word_errors: float | None = None
    distillmos: float | None = None
    similarity: float | None = None
    lines: int | None = None


def offered_voices(metadata: Mapping[str, str]) -> tuple[VoiceInfo, ...]:
    """The voices a checkpoint offers, the first one first; all it has, if it does not say.

    Args:
        metadata: of an acoustic model (`tts.checkpoint.read_metadata`).

    Raises:
        ValueError: it has no voices, or offers none, or one that it does not have.
    """
    known = known_voices(metadata)
    if "voices" not in metadata:
        return tuple(VoiceInfo(name=name) for name in known)
    try:
        found = parse_value("voices", tuple[VoiceInfo, ...], parse_json(metadata["voices"]))
    except ValueError as error:
        raise ValueError(f"what this model says of its voices cannot be read: {error}") from error
    offered: tuple[VoiceInfo, ...] = found
    names = [voice.name for voice in offered]
    if not names or set(names) - set(known) or len(set(names)) < len(names):
        listed = short_text(", ".join(names)) or "none"
        raise ValueError(
            f"a model must offer some of its voices once, and this one offers {listed}"
        )
    return offered


def known_voices(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """All the voices a checkpoint has, offered or not.

    Raises:
        ValueError: it is no acoustic model, or its config cannot be read.
    """
    try:
        known = parse_value("voices", tuple[str, ...], parse_json(metadata["config"])["voices"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("expected an acoustic model, and this is none; give another") from error
    voices: tuple[str, ...] = known
    return voices


def parse_voice_blend(voice: str, known: Sequence[str], offered: Sequence[str] = ()) -> list[float]:
    """How much each of the known voices has of this one; together they have the whole.

    What is no voice is refused by a sentence that names those that are `offered`, or all.
    """
    weights = dict.fromkeys(known, 0.0)
    if voice in weights:
        return [float(name == voice) for name in known]
    if len(voice) > MAX_BLEND_CHARACTERS:
        raise ValueError(
            f"expected a voice of at most {MAX_BLEND_CHARACTERS} characters, not {len(voice)}"
        )
    for part in voice.split("+"):
        match = BLEND_PART.fullmatch(part)
        if match is None or match["name"] not in weights:
            named = offered or known
            raise ValueError(
                f"expected one of the voices {', '.join(named)}, or a blend such as "
                f"{named[0]}(2)+{named[-1]}(1), not {quoted(voice)}"
            )
        weights[match["name"]] += float(match["weight"] or 1)
    total = sum(weights.values())
    if not total:
        raise ValueError(f"expected a blend with something in it, not {quoted(voice)}")
    return [weight / total for weight in weights.values()]

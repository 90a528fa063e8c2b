"""Findings about the recordings of a voice, and what they are derived from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from .measures import ClipMeasures

Severity = Literal["drop", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("drop", "warn", "info")

# Every kind of finding, and its title on the page; the worst come first.
KINDS: Mapping[str, str] = {
    "unreadable": "Cannot be read",
    "silence": "No speech",
    "language": "Another language, or other transcripts",
    "unaligned": "Not aligned",
    "transcript": "Transcript does not match",
    "speaker": "Another speaker",
    "duplicate": "Duplicate",
    "clipping": "Clipping",
    "music": "Music or tones",
    "reverberation": "Reverberation",
    "noise": "Noise",
    "bandwidth": "Band limit",
    "hum": "Mains hum",
    "rate": "Speaking rate",
    "loudness": "Loudness",
    "length": "Length",
    "repeated": "Repeated text",
    "phones": "Missing phones",
    "amount": "Amount of speech",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong with a clip, or with all of them.

    Args:
        clip: id of the clip; None for all clips.
        kind: a key of `KINDS`.
        severity: `drop` for a clip that is worse than none, `warn` for one to look at, `info` else.
        message: what is wrong, a sentence.
        remedy: what to do, a sentence.
        value: the measure that shows it; larger or smaller is worse, by the kind.
    """

    clip: str | None
    kind: str
    severity: Severity
    message: str
    remedy: str
    value: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedClip:
    """A clip, as rules see it.

    Args:
        row: of `recordings.jsonl`.
        aligned: of `aligned.jsonl`; None if the clip is not aligned.
        measures: of its sound; None if there is no sound.
        embedding: of its speaker, by a neural encoder; None without one.
    """

    row: Mapping[str, Any]
    aligned: Mapping[str, Any] | None
    measures: ClipMeasures | None
    embedding: Float[np.ndarray, " dim"] | None = None

    @property
    def id(self) -> str:
        return str(self.row["id"])


SPREAD_OF_MAD = 1.4826  # standard deviation of a normal distribution over its median deviation


def robust_scores(
    values: Sequence[float] | Float[np.ndarray, " clips"], floor: float
) -> Float[np.ndarray, " clips"]:
    """Distances from the median in robust standard deviations, which are at least `floor`."""
    every = np.asarray(values, np.float64)
    known = every[np.isfinite(every)]
    if not len(known):
        return np.zeros(len(every))
    middle = np.median(known)
    scale = max(SPREAD_OF_MAD * float(np.median(np.abs(known - middle))), floor)
    return np.where(np.isfinite(every), (every - middle) / scale, 0.0)

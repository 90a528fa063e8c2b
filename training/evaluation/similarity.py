"""How near speech is to its voice, and how near recordings are to theirs and to others'."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .speaker_encoder import Embedding, mean_direction
from .texts import EvaluationText

Voices = Mapping[str, Mapping[str, Embedding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Mean similarities of a voice's recordings, to its own and to the nearest other voice's.

    `voice` is to a mean over recordings, without the one compared; `recording` is to single ones.
    """

    voice: float
    recording: float
    nearest: str
    nearest_voice: float
    nearest_recording: float


@dataclass(frozen=True)
class Similarity:
    """Embeddings of the recordings of each voice, by the ids of their sentences."""

    recorded: Voices

    def score(self, embedding: Embedding, line: EvaluationText) -> dict[str, float]:
        """Cosine with the voice's mean over other sentences and, if recorded, with this one's."""
        known = self.recorded.get(line.voice, {})
        others = [one for id, one in known.items() if id != line.id]
        found = {"similarity": float(embedding @ mean_direction(others))} if others else {}
        if line.id in known:
            found["similarity_to_recording"] = float(embedding @ known[line.id])
        return found

    def bounds(self, voice: str) -> Bounds:
        """Between which a system's similarity should lie, near the first two."""
        own = np.stack(list(self.recorded[voice].values()))
        to_others = {
            name: float((own @ mean_direction(list(clips.values()))).mean())
            for name, clips in self.recorded.items()
            if name != voice
        }
        nearest = max(to_others, key=lambda name: to_others[name])
        other = np.stack(list(self.recorded[nearest].values()))
        return Bounds(
            voice=_to_the_rest(own),
            recording=float((own @ own.T)[~np.eye(len(own), dtype=bool)].mean()),
            nearest=nearest,
            nearest_voice=to_others[nearest],
            nearest_recording=float((own @ other.T).mean()),
        )


def _to_the_rest(embeddings: Float[np.ndarray, "clips dim"]) -> float:
    """The mean similarity of each to the mean of all others."""
    rest = embeddings.sum(axis=0) - embeddings
    return float(((rest * embeddings).sum(axis=1) / np.linalg.norm(rest, axis=1)).mean())

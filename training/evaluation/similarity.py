"""Speaker similarity: cosines between embeddings of speech and of recordings."""

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

    Args:
        voice: to the mean embedding of the voice's other recordings.
        recording: to single other recordings of the voice.
        nearest: name of the nearest other voice.
        nearest_voice: to the mean embedding of that voice.
        nearest_recording: to its single recordings.
    """

    voice: float
    recording: float
    nearest: str
    nearest_voice: float
    nearest_recording: float


@dataclass(frozen=True)
class Similarity:
    """Similarity to recordings; `recorded` has their embeddings by voice and sentence id."""

    recorded: Voices

    def score(self, embedding: Embedding, line: EvaluationText) -> dict[str, float]:
        """Cosines with the mean of the voice's other sentences and with this one's recording."""
        known = self.recorded.get(line.voice, {})
        others = [one for id, one in known.items() if id != line.id]
        found = {"similarity": float(embedding @ mean_direction(others))} if others else {}
        if line.id in known:
            found["similarity_to_recording"] = float(embedding @ known[line.id])
        return found

    def bounds(self, voice: str) -> Bounds:
        """The similarities that recordings reach; a good system is near the first two."""
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
    """The mean over clips of the similarity to the mean of all other clips."""
    rest = embeddings.sum(axis=0) - embeddings
    return float(((rest * embeddings).sum(axis=1) / np.linalg.norm(rest, axis=1)).mean())

"""The voice vector to begin with: the shipped voice, or the mean of some, nearest to recordings."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from tts.acoustic.model import AcousticModel

from .adaptation import adapt, find_path
from .states import symbol_states

LOW_VOICE_LOG_F0 = 5.0  # mean log-F0 (148 Hz) that divides low from high voices
NEAREST = 3  # voices in the mean of the nearest; chosen by hand
LOW, HIGH, EVERY = "mean of low voices", "mean of high voices", "mean of all voices"

Vectors = Mapping[str, Float[np.ndarray, " voice"]]
Clips = Sequence[tuple[Float[np.ndarray, "_ mels"], str]]


def choose_start(
    model: AcousticModel, clips: Clips, names: Sequence[str] | None = None
) -> tuple[str, Float[np.ndarray, " voice"]]:
    """The vector with which clips cost least to align, of voices and of means of voices.

    Args:
        model: the acoustic model.
        clips: a few normalised mels, with their symbols.
        names: voices to choose among; all by default.

    Returns:
        A description, such as the voice's name or `mean of high voices`, and the vector.
    """
    vectors = candidates(model, names)
    costs = {name: _cost(model, clips, vector) for name, vector in vectors.items()}
    single = sorted(
        (name for name in vectors if name in model.config.voices), key=costs.__getitem__
    )
    nearest = " and ".join(single[:NEAREST])
    vectors = {**vectors, nearest: np.mean([vectors[name] for name in single[:NEAREST]], axis=0)}
    costs[nearest] = _cost(model, clips, vectors[nearest])
    best = min(costs, key=costs.__getitem__)
    return best, vectors[best]


def candidates(model: AcousticModel, names: Sequence[str] | None = None) -> Vectors:
    """The vectors of voices, and the means of the low, of the high and of all of them."""
    table = model.voices.weight.detach().numpy()
    chosen = [place for place, name in enumerate(model.config.voices) if not names or name in names]
    low = [place for place in chosen if model.pitch[place, 0] < LOW_VOICE_LOG_F0]
    groups = {LOW: low, HIGH: [place for place in chosen if place not in low], EVERY: chosen}
    means = {name: table[places].mean(axis=0) for name, places in groups.items() if places}
    return {**{model.config.voices[place]: table[place] for place in chosen}, **means}


def _cost(model: AcousticModel, clips: Clips, vector: Float[np.ndarray, " voice"]) -> float:
    """The cost of a path a frame, after the offsets of bands are removed; inf without a path."""
    found = adapt(model, clips, vector, rounds=1, whiten=False)
    paths = [
        (mel, find_path(mel, symbol_states(model, text, vector), found)) for mel, text in clips
    ]
    frames = sum(len(mel) for mel, path in paths if path)
    return sum(path.cost for _, path in paths if path) / frames if frames else np.inf

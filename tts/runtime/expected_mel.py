"""The mel that an acoustic model expects of each frame, before its mel map draws one.

`AcousticModel.condition` has the same as a PyTorch module. It is trained by regression.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from tts.acoustic.durations import ENERGY, PITCH
from tts.matrix_product import matrix_product
from tts.runtime.base import Tokens

KEYS = tuple(
    f"{layer}.{part}"
    for layer in ("melody", "shape.0", "shape.2", "mean")
    for part in ("weight", "bias")
)


class ExpectedMel:
    """The expected mel as a function of symbols and frames.

    Args:
        weights: of the acoustic model, by their keys in files.
    """

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._weights = {key: np.asarray(weights[key], np.float32) for key in KEYS}

    def __call__(
        self,
        tokens: Tokens,
        token: Int[np.ndarray, " frames"],
        position: Float[np.ndarray, "frames features"],
    ) -> Float[np.ndarray, "frames mels"]:
        """The expected mel of frames, normalised.

        Args:
            tokens: the symbols of the utterance.
            token: index of the symbol that each frame belongs to.
            position: where in its symbol each frame lies, from `position_features`.
        """
        prosody = self._linear("melody", tokens.prosody[:, [PITCH, ENERGY]])
        repeated = (tokens.hidden + prosody)[token]
        inner = self._linear("shape.0", np.concatenate([repeated, position], axis=1))
        return self._linear("mean", repeated + self._linear("shape.2", _gelu(inner)))

    def _linear(
        self, layer: str, inputs: Float[np.ndarray, "length inputs"]
    ) -> Float[np.ndarray, "length outputs"]:
        weight, bias = self._weights[f"{layer}.weight"], self._weights[f"{layer}.bias"]
        return matrix_product(inputs.astype(np.float32), weight.T) + bias


def _gelu(x: Float[np.ndarray, "length dim"]) -> Float[np.ndarray, "length dim"]:
    """GELU by its approximation with tanh (arXiv 1606.08415, section 2)."""
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x**3)
    made: Float[np.ndarray, "length dim"] = np.float32(0.5) * x * (1 + np.tanh(inner))
    return made

"""The judge that every install has: small measurements of a candidate, without any network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from tts.rendering import UtterancePlan

FULL_SCALE = 0.999  # from which on a sample counts as clipped


def judge_by_ensemble(
    audio: Float[np.ndarray, " samples"], plan: "UtterancePlan"
) -> Mapping[str, float]:
    """Score a candidate by its parts, in units of which 1 is a usual difference; 0 is best.

    Args:
        audio: its samples, from -1 to 1.
        plan: its durations, and the mel that the model expects.
    """
    return {"clipping": -clipping(audio)}


def clipping(audio: Float[np.ndarray, " samples"]) -> float:
    """Percent of the samples at full scale."""
    return 100 * float((np.abs(audio) >= FULL_SCALE).mean()) if len(audio) else 0.0

"""Weightings of a term's errors: from the mean square of each item to the loss of each item."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.flow import Time
from tts.acoustic.layers import sinusoidal_embedding
from tts.network_constants import LENGTH_SCALE, START_SCALE, TIME_EMBEDDING_DIM

ItemErrors = Float[Tensor, " batch"]

# As in MeanAudio's public code (arXiv 2508.06098), whose errors are means over bands too.
ADAPTIVE_OFFSET = 1e-3
# In units of the residual's root mean square. Improved consistency models (arXiv 2310.14189) have
# this number times the root of the number of dimensions, in units of its norm.
HUBER_WIDTH = 0.00054
UNCERTAINTY_LIMIT = 4.0  # of either sign, as in CALM (arXiv 2509.06926)
UNCERTAINTY_DIM = 64  # chosen by hand, not tuned


def plain(errors: ItemErrors, power: float) -> ItemErrors:
    """The mean square itself."""
    return errors


def adaptive(errors: ItemErrors, power: float) -> ItemErrors:
    """sg(1 / (e + 0.001)^power) e, the adaptive weight of MeanFlow (arXiv 2505.13447).

    With a power of 1 the value is always near 1; the mean square is logged beside it.
    """
    return errors / (errors.detach() + ADAPTIVE_OFFSET) ** power


def huber(errors: ItemErrors, power: float) -> ItemErrors:
    """sqrt(e + c^2) - c, the pseudo-Huber distance of arXiv 2310.14189, with c = 0.00054."""
    return (errors + HUBER_WIDTH**2).sqrt() - HUBER_WIDTH


class Uncertainty(nn.Module):
    """A learned logarithm of the error that is expected of a jump, w(s, t), from -4 to 4.

    The loss is exp(-w) e + w, least at w = log e, so that jumps which are hard to learn count less
    (arXiv 2505.18825; first in EDM2, arXiv 2312.02696). It starts at zero, where the loss is the
    mean square.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(2 * TIME_EMBEDDING_DIM, UNCERTAINTY_DIM),
            nn.SiLU(),
            nn.Linear(UNCERTAINTY_DIM, 1),
        )
        nn.init.zeros_(self.network[-1].get_parameter("weight"))
        nn.init.zeros_(self.network[-1].get_parameter("bias"))

    def forward(self, s: Time, t: Time) -> ItemErrors:
        """w(s, t) of each jump."""
        with torch.autocast(s.device.type, enabled=False):
            times = (
                sinusoidal_embedding(each) for each in (START_SCALE * s, LENGTH_SCALE * (t - s))
            )
            expected: Tensor = self.network(torch.cat([*times], dim=1))[:, 0]
        # a clamp would have no gradient beyond the limit
        return UNCERTAINTY_LIMIT * F.tanh(expected / UNCERTAINTY_LIMIT)


Weighting = Callable[[ItemErrors, float], ItemErrors]
WEIGHTINGS: dict[str, Weighting] = {"none": plain, "adaptive": adaptive, "huber": huber}
LEARNED = "learned"
WEIGHTING_NAMES = (*WEIGHTINGS, LEARNED)

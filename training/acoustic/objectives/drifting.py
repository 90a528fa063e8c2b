"""The formula of drifting models (arXiv 2602.04770): samples move by a field that data attract.

It is no flow map: only the jump from noise to data is trained. Its own law: where the samples have
the distribution of the data, the drift is zero.
"""

import torch
from jaxtyping import Bool
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel

from .objective import Objective, PathSample

# Ranges of the kernel, in units of the mean distance of the points. The paper also sums the drifts
# of a few temperatures; these are chosen by hand.
TEMPERATURES = (0.05, 0.2)
FAR = 1e9


def drifting(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """A drifting model (arXiv 2602.04770): x less the stop-gradient of x + drift(x).

    x is X(noise, 0, 1), and the drift is that of `drift` with the data of the same item as
    attracting points and the samples themselves as repelling ones. An item has one recording, so
    the points are its frames. The teacher and the times are not used.
    """
    start = torch.zeros_like(draw.s)
    x = student.jump(draw.noise, start, start + 1)
    here = x.detach()
    return x - (here + drift(here, draw.data, draw.real[..., 0]))


@torch.no_grad()
def drift(x: Mel, data: Mel, real: Bool[Tensor, "batch frames"]) -> Mel:
    """The drift of points towards data and away from each other.

    With weights k(x, y) = exp(-|x - y| / temperature), normalised over x and over all y and
    multiplied as their geometric mean, the drift is the sum over data y and points z of
    k(x, y) k(x, z) (y - z). A point does not repel itself. Where points and data have one
    distribution, attraction and repulsion cancel on average.

    Args:
        x: the points.
        data: the data.
        real: true where a frame is not padding.

    Returns:
        The drift of each point; zero in the padding.
    """
    others = torch.cat([data, x], dim=1)
    distances = torch.cdist(x, others)
    itself = torch.eye(x.shape[1], dtype=torch.bool, device=x.device)
    pairs = real[:, :, None] & torch.cat([real, real], dim=1)[:, None]
    pairs = pairs & ~torch.cat([torch.zeros_like(itself), itself], dim=1)
    mean = (distances * pairs).sum(dim=(1, 2), keepdim=True) / pairs.sum(
        dim=(1, 2), keepdim=True
    ).clamp(min=1)
    total = torch.zeros_like(x)
    for temperature in TEMPERATURES:
        logits = (-distances / (temperature * mean.clamp(min=1e-6))).masked_fill(~pairs, -FAR)
        weights = (logits.softmax(dim=2) * logits.softmax(dim=1)).sqrt() * pairs
        attracting, repelling = weights.chunk(2, dim=2)
        towards = attracting * repelling.sum(dim=2, keepdim=True)
        away = repelling * attracting.sum(dim=2, keepdim=True)
        total += towards @ data - away @ x
    return total


DRIFTING = Objective(
    formula=drifting,
    passes=3,
    refusals=dict.fromkeys(
        ("average", "frozen", "path", "autoguided", "guided"),
        "the data attract and the student's own samples repel; there is no velocity",
    ),
    alone=frozenset({"student"}),
)

"""The cost of a run in forward passes, beside its time."""

from ..acoustic.objectives import OBJECTIVES
from ..config import AcousticRun

POINTS = 100  # of the progress, at which shares are averaged


def forward_passes(run: AcousticRun, steps: int) -> float:
    """Forward-pass equivalents of a run: a forward pass of the decoder on one crop is 1.

    Costs of an item are those of its objective and teacher (`Objective.cost`).

    Args:
        run: gives terms, their shares and the size of a batch.
        steps: updates.
    """
    total = 0.0
    for point in range(POINTS):
        progress = (point + 0.5) / POINTS
        shares = [term.share.at(progress) for term in run.terms]
        costs = [OBJECTIVES[term.objective].cost(term.teacher) for term in run.terms]
        total += sum(s * c for s, c in zip(shares, costs, strict=True)) / sum(shares)
    return steps * run.batch * total / POINTS

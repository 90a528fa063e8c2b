"""The flow-map objectives: residuals that are zero for the right map.

Each is a formula of a student map, a teacher map and a `PathSample`, without mask, weight or
reduction, in an `Objective` that says which teachers may answer and what it costs. Times and masks
are chosen elsewhere (`time_sampling`, `terms`).

Time runs from noise (0) to data (1): x_t = (1 - t) noise + t data. A map is
X(x, s, t) = x + (t - s) u(x, s, t), where u is the average velocity and the state x is the one at
s. SplitMeanFlow (arXiv 2507.16884) and MeanFlow (arXiv 2505.13447) count time the other way: their
t is our 1 - s, their r is our 1 - t, and their u is our -u.
"""

from .diagonal import BOUNDARY, FLOW_MATCHING
from .endpoint import ENDPOINT
from .objective import TEACHERS, Formula, Objective, PathSample
from .semigroup import SEMIGROUP

OBJECTIVES: dict[str, Objective] = {
    objective.name: objective for objective in (FLOW_MATCHING, BOUNDARY, SEMIGROUP, ENDPOINT)
}

__all__ = ["OBJECTIVES", "TEACHERS", "Formula", "Objective", "PathSample"]

"""The flow-map objectives: residuals that are zero for the right map.

Each is a formula of a student map, a teacher map and a `PathSample`, without mask, weight or
reduction, in an `Objective` that says which teachers may answer and what it costs. Times and masks
are chosen elsewhere (`time_sampling`, `terms`).

Time runs from noise (0) to data (1): x_t = (1 - t) noise + t data. A map is
X(x, s, t) = x + (t - s) u(x, s, t), where u is the average velocity and the state x is the one at
s. SplitMeanFlow (arXiv 2507.16884) and MeanFlow (arXiv 2505.13447) count time the other way: their
t is our 1 - s, their r is our 1 - t, and their u is our -u.
"""

from .align_your_flow import ALIGN_YOUR_FLOW, ALIGN_YOUR_FLOW_LAGRANGIAN
from .consistency import CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING
from .diagonal import BOUNDARY, FLOW_MATCHING
from .drifting import DRIFTING
from .endpoint import CMT, ENDPOINT, INT_MEAN_FLOW
from .eulerian import EULERIAN, EULERIAN_SELF_DISTILLATION
from .gradients import without_gradient
from .lagrangian import LAGRANGIAN, LAGRANGIAN_DISTILLATION
from .matching import FLOW_MAP_MATCHING, INVERTIBILITY
from .mean_flow import ALPHA_FLOW, IMPROVED_MEAN_FLOW, MEAN_FLOW, PMF
from .objective import TEACHERS, Formula, Objective, PathSample
from .regression import REGRESSION
from .semigroup import PROGRESSIVE, SEMIGROUP, SHORTCUT

OBJECTIVES: dict[str, Objective] = {
    objective.name: objective
    for objective in (
        FLOW_MATCHING,
        BOUNDARY,
        SEMIGROUP,
        SHORTCUT,
        PROGRESSIVE,
        LAGRANGIAN,
        LAGRANGIAN_DISTILLATION,
        EULERIAN,
        EULERIAN_SELF_DISTILLATION,
        MEAN_FLOW,
        IMPROVED_MEAN_FLOW,
        PMF,
        ALPHA_FLOW,
        ALIGN_YOUR_FLOW,
        ALIGN_YOUR_FLOW_LAGRANGIAN,
        FLOW_MAP_MATCHING,
        INVERTIBILITY,
        CONSISTENCY_DISTILLATION,
        CONSISTENCY_TRAINING,
        ENDPOINT,
        INT_MEAN_FLOW,
        CMT,
        DRIFTING,
        REGRESSION,
    )
}

__all__ = ["OBJECTIVES", "TEACHERS", "Formula", "Objective", "PathSample", "without_gradient"]

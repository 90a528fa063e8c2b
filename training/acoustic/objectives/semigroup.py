"""Formulas of composition: two jumps make the whole one. They need no derivative."""

import torch

from tts.acoustic.flow import FlowMap, Mel, per_item

from .gradients import without_gradient
from .objective import VELOCITIES, Objective, PathSample


def semigroup(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Interval-splitting consistency of SplitMeanFlow (arXiv 2507.16884).

    With l the split, m = s + l (t - s) and x_m = x_s + (m - s) u(x_s, s, m), the residual is
    u(x_s, s, t) - l u(x_s, s, m) - (1 - l) u(x_m, m, t): two jumps make the whole one. Both parts
    are the teacher's, without gradient; in the paper and in our recipes that is the student
    itself. It needs no derivative of the network.
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    middle = torch.lerp(s, t, draw.split)
    first = without_gradient(teacher.average_velocity, x, s, middle)
    halfway = x + per_item(middle - s) * first
    second = without_gradient(teacher.average_velocity, halfway, middle, t)
    return student.average_velocity(x, s, t) - torch.lerp(second, first, per_item(draw.split))


SEMIGROUP = Objective(
    formula=semigroup,
    passes=3,
    evaluations=2,
    refusals=dict.fromkeys(
        VELOCITIES, "it needs a teacher with jumps, and a velocity alone has none"
    ),
)

"""Formulas of composition: two jumps make the whole one. They need no derivative."""

import torch

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

from .gradients import without_gradient
from .objective import VELOCITIES, Objective, PathSample


def semigroup(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Interval-splitting consistency of SplitMeanFlow (arXiv 2507.16884).

    With l the split, m = s + l (t - s) and x_m = x_s + (m - s) u(x_s, s, m), the residual is
    u(x_s, s, t) - l u(x_s, s, m) - (1 - l) u(x_m, m, t): two jumps make the whole one. Both parts
    are the teacher's, without gradient; in the paper and in our recipes that is the student
    itself. It needs no derivative of the network. Also the uniform form of PSD, progressive
    self-distillation (arXiv 2505.18825).
    """
    return _composed(student, teacher, draw, draw.split)


def shortcut(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Shortcut models (arXiv 2410.12557): `semigroup` with the split in the middle.

    u(x_s, s, t) - (u(x_s, s, m) + u(x_m, m, t)) / 2 with m = (s + t) / 2. The paper's lengths are
    powers of a half (`time_sampling.dyadic`) and its targets come of averaged weights. Also the
    midpoint form of PSD (arXiv 2505.18825).
    """
    return _composed(student, teacher, draw, torch.full_like(draw.split, 0.5))


def progressive(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Progressive flow map matching (arXiv 2406.07507): a jump equals two jumps of the teacher.

    X(x_s, s, t) - X(X(x_s, s, m), m, t), where the inner and outer jumps are those of a teacher
    that is a flow map already: one trained for intervals half as long, or for two steps. Zero for
    the composition of the teacher's jumps.
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    middle = torch.lerp(s, t, draw.split)
    halfway = without_gradient(teacher.jump, x, s, middle)
    return student.jump(x, s, t) - without_gradient(teacher.jump, halfway, middle, t)


def _composed(student: FlowMap, teacher: FlowMap, draw: PathSample, split: Time) -> Mel:
    x, s, t = draw.at(draw.s), draw.s, draw.t
    middle = torch.lerp(s, t, split)
    first = without_gradient(teacher.average_velocity, x, s, middle)
    halfway = x + per_item(middle - s) * first
    second = without_gradient(teacher.average_velocity, halfway, middle, t)
    return student.average_velocity(x, s, t) - torch.lerp(second, first, per_item(split))


NO_JUMPS = dict.fromkeys(VELOCITIES, "it needs a teacher with jumps, and a velocity alone has none")
SEMIGROUP, SHORTCUT = (
    Objective(formula=formula, passes=3, evaluations=2, refusals=NO_JUMPS)
    for formula in (semigroup, shortcut)
)
PROGRESSIVE = Objective(
    formula=progressive,
    passes=3,
    evaluations=2,
    refusals=NO_JUMPS
    | {"student": "the teacher is the flow map of an earlier stage (semigroup takes its own)"},
    alone=frozenset({"frozen"}),
)

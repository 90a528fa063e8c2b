"""Formulas of consistency models (arXiv 2303.01469): neighbouring points have one end point.

Written for any end t of a jump; consistency models have t = 1 (`time_sampling.to_data`). The second
point is the student's own, without gradient. Maps trained to the data alone jump there from any
time, but nowhere else.
"""

import math

import torch

from tts.acoustic.flow import FlowMap, Mel, per_item

from .gradients import without_gradient
from .objective import GIVEN, Objective, PathSample

# Points between s and t, counted as in the paper: 18 of a teacher (section 6.1), 2 to 150 of the
# path over the progress of a run (appendix C). There they lie on the whole path, here between s
# and t.
DISTILLED_POINTS = 18
FEWEST_POINTS, MOST_POINTS = 2, 150


def consistency_distillation(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Consistency distillation: X(x_s, s, t) - X(x_n, n, t), n one step of 18 from s to t.

    The teacher's velocity leads from x_s to x_n by one step of the midpoint method, of second
    order as the paper's.
    """
    x, s = draw.at(draw.s), draw.s
    near = torch.lerp(s, draw.t, 1 / DISTILLED_POINTS)
    half = (near - s) / 2
    middle = x + per_item(half) * without_gradient(teacher.velocity, x, s)
    following = x + per_item(near - s) * without_gradient(teacher.velocity, middle, s + half)
    return student.jump(x, s, draw.t) - without_gradient(student.jump, following, near, draw.t)


def consistency_training(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Consistency training: X(x_s, s, t) - X(x_n, n, t), both points on one path.

    n is one step of N from s to t, and N grows from 2 to 150 over the run. The target has no bias
    in the limit of many steps alone.
    """
    near = torch.lerp(draw.s, draw.t, 1 / points(draw.progress))
    target = without_gradient(student.jump, draw.at(near), near, draw.t)
    return student.jump(draw.at(draw.s), draw.s, draw.t) - target


def points(progress: float) -> int:
    """How many steps consistency training has at a progress; appendix C of arXiv 2303.01469."""
    first, last = FEWEST_POINTS**2, (MOST_POINTS + 1) ** 2
    return math.ceil(math.sqrt(first + progress * (last - first)) - 1) + 1


CONSISTENCY_DISTILLATION = Objective(
    formula=consistency_distillation,
    passes=4,
    evaluations=2,
    refusals={
        "path": "it reads the velocity beside the path (consistency_training takes the path)"
    },
    alone=GIVEN - {"path"},
)
CONSISTENCY_TRAINING = Objective(
    formula=consistency_training,
    passes=4,
    refusals=dict.fromkeys(
        ("student", "average", "frozen", "autoguided", "guided"),
        "both points come of the path (consistency_distillation takes a teacher)",
    ),
    alone=frozenset({"path"}),
)

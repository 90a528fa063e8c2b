"""Formulas of the moving start: X stays while its start moves along the trajectory.

d/ds X(x, s, t) + v(x, s) d/dx X(x, s, t) = 0. The velocity is read at the sampled point. In the
form u(x, s, t) = v + (t - s) (d/ds + v d/dx) u it is the identity of MeanFlow (`mean_flow`).
"""

import torch

from tts.acoustic.flow import FlowMap, Mel

from .gradients import along, by_start, without_gradient
from .objective import GIVEN, Objective, PathSample


def eulerian(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """The Eulerian residual (d/ds + v d/dx) X(x_s, s, t), with all its gradient.

    With a frozen teacher it is Eulerian map distillation (EMD, arXiv 2406.07507).
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    velocity = without_gradient(teacher.velocity, x, s)
    return along(lambda y, start: student.jump(y, start, t), x, s, velocity)[1]


def eulerian_self_distillation(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Eulerian self-distillation (ESD, arXiv 2505.18825): no gradient in the product v d/dx X.

    d/ds X(x_s, s, t) + stop-gradient of v(x_s, s) d/dx X(x_s, s, t), where v is the student's
    own u(x_s, s, s). The authors found it the least stable of the three forms.
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    velocity = without_gradient(teacher.velocity, x, s)
    with torch.no_grad():
        whole = along(lambda y, start: student.jump(y, start, t), x, s, velocity)[1]
    by_time = by_start(student, x, s, t)[1]
    return by_time + (whole - by_time.detach())


EULERIAN = Objective(
    formula=eulerian,
    passes=6,
    evaluations=1,
    refusals={
        "path": "the variance of the path's velocity biases the gradient through d/dx X "
        "(mean_flow and eulerian_self_distillation take it)"
    },
    alone=GIVEN - {"path"},
)
EULERIAN_SELF_DISTILLATION = Objective(
    formula=eulerian_self_distillation, passes=8, evaluations=1, alone=GIVEN
)

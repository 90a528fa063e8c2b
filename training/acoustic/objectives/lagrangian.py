"""Formulas of the moving end: d/dt X(x, s, t) is the velocity at X(x, s, t) and t.

Flow maps: arXiv 2406.07507; self-distillation: arXiv 2505.18825. They need the derivative by one
time only, in forward mode, and a velocity at a point that the student itself made.
"""

from functools import partial

from tts.acoustic.flow import FlowMap, Mel

from .gradients import by_end, gradient_to_point, without_gradient
from .objective import GIVEN, Objective, PathSample


def lagrangian(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """The Lagrangian residual d/dt X(x_s, s, t) - v(X(x_s, s, t), t), without gradient in v.

    With the student as teacher, v is u(X, t, t): Lagrangian self-distillation (LSD, arXiv
    2505.18825). With averaged weights it is the term of whole intervals of Terminal Velocity
    Matching (arXiv 2511.19797).
    """
    end, speed = by_end(student, draw.at(draw.s), draw.s, draw.t)
    return speed - without_gradient(teacher.velocity, end, draw.t)


def lagrangian_distillation(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Lagrangian map distillation (LMD, arXiv 2406.07507): as `lagrangian`, gradient also in v.

    The student gets a gradient through the point where the teacher's velocity is read; the
    teacher's weights get none.
    """
    end, speed = by_end(student, draw.at(draw.s), draw.s, draw.t)
    return speed - gradient_to_point(partial(teacher.velocity, t=draw.t), end)


ELSEWHERE = {"path": "the path's velocity is unknown at a point that the student made"}
LAGRANGIAN = Objective(
    formula=lagrangian,
    passes=6,
    evaluations=1,
    refusals=ELSEWHERE,
    alone=GIVEN - {"path"},
)
LAGRANGIAN_DISTILLATION = Objective(
    formula=lagrangian_distillation,
    passes=6,
    evaluations=3,
    refusals=ELSEWHERE
    | dict.fromkeys(
        ("student", "average"), "the velocity must be a frozen teacher's (lagrangian takes its own)"
    ),
    alone=GIVEN - {"path"},
)

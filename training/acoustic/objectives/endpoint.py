"""Formulas of regression on the trajectories of a teacher."""

from functools import partial

import torch

from tts.acoustic.flow import FlowMap, Mel

from .gradients import without_gradient
from .objective import Objective, PathSample

# Of the teacher, for `endpoint`. Chosen by hand: with 8 its deviation ratio is .97 on held-out
# clips, by the log of 2026-11-28.
MIDPOINT_STEPS = 8


def endpoint(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Regression on the end points of the teacher's trajectories (arXiv 2101.02388).

    The residual is X(noise, 0, 1) minus the point that the teacher's velocity reaches from the same
    noise in 8 steps of the midpoint method. The times of the draw are not used.
    """
    end = without_gradient(
        partial(teacher.integrate, steps=MIDPOINT_STEPS, midpoint=True), draw.noise
    )
    start = torch.zeros_like(draw.s)
    return student.jump(draw.noise, start, start + 1) - end


ENDPOINT = Objective(
    formula=endpoint,
    passes=3,
    evaluations=2 * MIDPOINT_STEPS,
    refusals={
        "student": "a student cannot be its own end point; name a frozen teacher",
        "average": "a student cannot be its own end point; name a frozen teacher",
        "path": "the path of one pair is no trajectory of the velocity",
    },
)

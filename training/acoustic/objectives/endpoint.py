"""Formulas of regression on the trajectories of a teacher."""

from functools import partial

import torch

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

from .gradients import without_gradient
from .objective import GIVEN, Objective, PathSample

# Of the teacher, for `endpoint`. Chosen by hand: with 8 its deviation ratio is .97 on held-out
# clips, by the log of 2026-11-28.
MIDPOINT_STEPS = 8
INTERVAL_STEPS = 4  # of the teacher from s to t; chosen by hand


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


def int_mean_flow(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """IntMeanFlow (arXiv 2510.07979): u(x_s, s, t) less the teacher's mean velocity from s to t.

    The teacher moves from the sampled point x_s to t in 4 steps of the midpoint method. (The
    paper takes Euler's steps, which lose variance.)
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    return student.average_velocity(x, s, t) - mean_velocity(teacher, x, s, t)


def cmt(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Consistency mid-training (CMT, arXiv 2509.24526): jumps along the teacher's own trajectory.

    As `int_mean_flow`, but x_s lies on the trajectory from the noise, 4 midpoint steps from it, and
    not on the path to the data. The result is a start for any other formula.
    """
    noise, s, t = draw.noise, draw.s, draw.t
    x = noise + per_item(s) * mean_velocity(teacher, noise, torch.zeros_like(s), s)
    return student.average_velocity(x, s, t) - mean_velocity(teacher, x, s, t)


@torch.no_grad()
def mean_velocity(teacher: FlowMap, x: Mel, s: Time, t: Time) -> Mel:
    """The mean velocity of a teacher from s to t, by 4 steps of the midpoint method."""
    length = per_item(t - s) / INTERVAL_STEPS
    mean = torch.zeros_like(x)
    for step in range(INTERVAL_STEPS):
        start, middle = (torch.lerp(s, t, (step + part) / INTERVAL_STEPS) for part in (0, 0.5))
        half = x + length / 2 * teacher.velocity(x, start)
        velocity = teacher.velocity(half, middle)
        x = x + length * velocity
        mean = mean + velocity / INTERVAL_STEPS
    return mean


NO_TRAJECTORY = dict.fromkeys(("student", "average"), "a student cannot be its own end point") | {
    "path": "the path of one pair is no trajectory of the velocity"
}
ENDPOINT, INT_MEAN_FLOW, CMT = (
    Objective(
        formula=formula,
        passes=3,
        evaluations=2 * steps,
        refusals=NO_TRAJECTORY,
        alone=GIVEN - {"path"},
    )
    for formula, steps in (
        (endpoint, MIDPOINT_STEPS),
        (int_mean_flow, INTERVAL_STEPS),
        (cmt, 2 * INTERVAL_STEPS),
    )
)

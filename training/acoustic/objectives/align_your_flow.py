"""Formulas of Align Your Flow (arXiv 2506.14603): normalised tangents of distillation.

Both are the gradient of a loss whose step in time goes to zero. The student is moved along a
tangent g, which is zero for the right map, scaled to g / (|g| + 0.1); |g| is the root mean square
over the frames of an item. The part of g with a derivative is weighted by the progress of the
run over its first tenth, so that training begins as flow matching.
"""

from tts.acoustic.flow import FlowMap, Mel, per_item

from .gradients import by_end, total_derivative, without_gradient
from .objective import GIVEN, Objective, PathSample

# From the paper. There the weight of the derivative ends at 0.99; at 1 the exact map is the fixed
# point, so here it ends at 1. That it ends after a tenth of a run is chosen by hand.
NORM_OFFSET, WARMUP = 0.1, 0.1


def align_your_flow(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Its Eulerian form (AYF-EMD): g = v - u + (t - s) D u, D u = (d/ds + v d/dx) u.

    The residual is u less its own value without gradient and less g / (|g| + 0.1): its gradient is
    that of the paper, and its square mean is that of the scaled tangent.
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    velocity = without_gradient(teacher.velocity, x, s)
    u, derivative = total_derivative(student, x, s, t, velocity)
    tangent = velocity - u.detach() + warmup(draw) * per_item(t - s) * derivative
    return u - (u.detach() + normalised(tangent, draw))


def align_your_flow_lagrangian(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Its Lagrangian form (AYF-LMD): g = v(X, t) - u - (t - s) du/dt, with X = X(x_s, s, t).

    The authors found it far worse than the Eulerian form, on images.
    """
    end, speed = by_end(student, draw.at(draw.s), draw.s, draw.t)
    u = student.average_velocity(draw.at(draw.s), draw.s, draw.t)
    velocity = without_gradient(teacher.velocity, end, draw.t)
    derivative = speed.detach() - u.detach()  # (t - s) du/dt
    tangent = velocity - u.detach() - warmup(draw) * derivative
    return u - (u.detach() + normalised(tangent, draw))


def normalised(tangent: Mel, draw: PathSample) -> Mel:
    """A tangent over its root mean square over the real frames of each item, plus 0.1."""
    real = draw.real
    count = (real.sum(dim=(1, 2), keepdim=True) * tangent.shape[2]).clamp(min=1)
    size = ((tangent * real).square().sum(dim=(1, 2), keepdim=True) / count).sqrt()
    return tangent / (size + NORM_OFFSET)


def warmup(draw: PathSample) -> float:
    """The weight of the derivative in a tangent, 0 to 1."""
    return min(1.0, draw.progress / WARMUP)


ALIGN_YOUR_FLOW = Objective(
    formula=align_your_flow,
    passes=4,
    evaluations=1,
    refusals={
        "path": "the scaled tangent is not linear in the velocity, so that of the path biases it"
    },
    alone=GIVEN - {"path"},
)
ALIGN_YOUR_FLOW_LAGRANGIAN = Objective(
    formula=align_your_flow_lagrangian,
    passes=5,
    evaluations=1,
    refusals={"path": "the path's velocity is unknown at a point that the student made"},
    alone=GIVEN - {"path"},
)

"""Formulas of MeanFlow and its successors: u = v + (t - s) (d/ds + v d/dx) u.

The velocity v stands linearly, at the sampled point, in a target without gradient. So that of the
path may answer, and no teacher is needed.
"""

import torch

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

from .gradients import total_derivative, without_gradient
from .objective import GIVEN, Objective, PathSample

# Of alpha-Flow (arXiv 2510.20771): the steepness of its anneal, and how near to 0 and to 1 the
# share is taken as these. Chosen by hand.
STEEPNESS, CLAMP = 25.0, 5e-3
MIN_TIME_LEFT = 0.05  # of a data prediction, or its velocity would be infinite; chosen by hand


def mean_flow(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """MeanFlow (arXiv 2505.13447, equation 6): u - stop-gradient of v + (t - s) D u.

    D u = (d/ds + v d/dx) u(x_s, s, t). In the paper v is the velocity of the path.
    """
    velocity = without_gradient(teacher.velocity, draw.at(draw.s), draw.s)
    return _mean_flow(student, velocity, draw)


def _mean_flow(student: FlowMap, velocity: Mel, draw: PathSample) -> Mel:
    x, s, t = draw.at(draw.s), draw.s, draw.t
    u, derivative = total_derivative(student, x, s, t, velocity)
    return u - (velocity + per_item(t - s) * derivative)


def improved_mean_flow(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Improved MeanFlow (arXiv 2512.02012): V - v, with V = u - (t - s) D u.

    A regression on v, whose prediction V depends on nothing but the state: the derivative D u is
    along the student's own velocity, u(x_s, s, s) or that of a velocity head. D u has no gradient.
    """
    x, s, t = draw.at(draw.s), draw.s, draw.t
    own = without_gradient(student.velocity, x, s)
    u, derivative = total_derivative(student, x, s, t, own)
    return u - per_item(t - s) * derivative - without_gradient(teacher.velocity, x, s)


def pmf(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Pixel MeanFlow (pMF, arXiv 2601.22158): a data prediction with its loss in velocity space.

    `improved_mean_flow` of u = (data - x) / (1 - s), where 1 - s is held at 0.05 or above in the
    prediction and in v alike. So residuals of the last twentieth of the path are scaled down. The
    network of the paper predicts data; that is `DataPrediction`. Of a network that predicts u, only
    the scale differs from `improved_mean_flow`.
    """
    left = 1 - draw.s
    scale = left / left.clamp(min=MIN_TIME_LEFT)
    return per_item(scale) * improved_mean_flow(student, teacher, draw)


class DataPrediction(FlowMap):
    """A flow map whose network gives data, u = (data - x) / (1 - s) with 1 - s at least 0.05.

    Args:
        network: gives the predicted data from the state at `s` and the times `s` and `t`.
    """

    def average_velocity(self, x: Mel, s: Time, t: Time) -> Mel:
        """The change of the state from `s` to `t`, divided by `t - s`."""
        return (self.network(x, s, t) - x) / per_item((1 - s).clamp(min=MIN_TIME_LEFT))


def alpha_flow(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Alpha-Flow (arXiv 2510.20771): from flow matching to MeanFlow over the progress of a run.

    With a share a and m = s + a (t - s), the target of u(x_s, s, t) is
    a v + (1 - a) u(x_s + (m - s) v, m, t). The residual is (u - target) / a, in value and in
    gradient, as the paper weights the loss by 1 / a. Flow matching at a = 1; MeanFlow, which is the
    limit, at a = 0.
    """
    share, x = alpha(draw.progress), draw.at(draw.s)
    velocity = without_gradient(teacher.velocity, x, draw.s)
    if share == 0:
        return _mean_flow(student, velocity, draw)
    middle = torch.lerp(draw.s, draw.t, share)
    near = x + per_item(middle - draw.s) * velocity
    rest = without_gradient(student.average_velocity, near, middle, draw.t)
    u = student.average_velocity(x, draw.s, draw.t)
    wrong = u.detach() - torch.lerp(rest, velocity, share)
    return u - (u.detach() - wrong / share)


def alpha(progress: float) -> float:
    """The share of alpha-Flow: 1 before the middle of a run, 0 after it, a sigmoid between."""
    share = torch.sigmoid(torch.tensor(STEEPNESS * (0.5 - progress), dtype=torch.float64)).item()
    return 0.0 if share < CLAMP else 1.0 if share > 1 - CLAMP else share


MEAN_FLOW = Objective(formula=mean_flow, passes=4, evaluations=1, alone=GIVEN)
IMPROVED_MEAN_FLOW, PMF = (
    Objective(formula=formula, passes=5, evaluations=1, alone=GIVEN)
    for formula in (improved_mean_flow, pmf)
)
ALPHA_FLOW = Objective(formula=alpha_flow, passes=4, evaluations=1, alone=GIVEN)

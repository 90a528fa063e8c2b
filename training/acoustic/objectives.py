"""The flow-map objectives: residuals that are zero for the right map.

Each takes a student map, a teacher map and a `PathSample`, and returns the residual to minimise,
without mask, weight or reduction. Times and masks are chosen elsewhere (`time_sampling`, `terms`).

Time runs from noise (0) to data (1): x_t = (1 - t) noise + t data. A map is
X(x, s, t) = x + (t - s) u(x, s, t), where u is the average velocity and the state x is the one at
s. SplitMeanFlow (arXiv 2507.16884) and MeanFlow (arXiv 2505.13447) count time the other way: their
t is our 1 - s, their r is our 1 - t, and their u is our -u.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

# Of the teacher, for `endpoint`. Chosen by hand: with 8 its deviation ratio is .97 on held-out
# clips, by the log of 2026-11-28.
MIDPOINT_STEPS = 8


@dataclass(frozen=True)
class PathSample:
    """Noise and data joined by a straight path, and the times of a jump along it.

    Args:
        noise: standard normal, (batch, frames, bands).
        data: normalised mels, or prosody of three numbers a symbol, of the same shape.
        s: start time of the jump, (batch), 0 to 1.
        t: end time of the jump, (batch), s to 1.
        split: where `semigroup` splits the jump, as a share of t - s, 0 to 1; (batch).
    """

    noise: Mel
    data: Mel
    s: Time
    t: Time
    split: Time

    def at(self, time: Time) -> Mel:
        """The point of the path at a time."""
        return torch.lerp(self.noise, self.data, per_item(time))

    def velocity(self, time: Time) -> Mel:
        """The velocity of the path: data minus noise, the same at every time."""
        return self.data - self.noise


Objective = Callable[[FlowMap, FlowMap, PathSample], Mel]


def flow_matching(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Flow matching (arXiv 2210.02747): u(x_t, t, t) - (data - noise).

    The mean square of this residual is least where u is the conditional mean velocity; it is not
    zero there. The teacher is not used.
    """
    return student.velocity(draw.at(draw.t), draw.t) - draw.velocity(draw.t)


def boundary(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """The boundary condition of SplitMeanFlow (arXiv 2507.16884): u(x_t, t, t) - v(x_t, t).

    A jump of no length has the teacher's velocity v. Without this term, `semigroup` is also solved
    by a map that moves nothing.
    """
    x, t = draw.at(draw.t), draw.t
    return student.velocity(x, t) - without_gradient(teacher.velocity, x, t)


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


def without_gradient(function: Callable[..., Tensor], *points: Tensor) -> Tensor:
    """Call a function on detached tensors, without a graph: targets have no gradient."""
    with torch.no_grad():
        return function(*(point.detach() for point in points)).detach()


OBJECTIVES: dict[str, Objective] = {
    objective.__name__: objective for objective in (flow_matching, boundary, semigroup, endpoint)
}

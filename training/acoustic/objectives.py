"""The flow-map objectives. Each takes a student map, a teacher map and a draw, and returns the
residual it drives to zero: no reduction, no mask, no weight, no law of times.

Identities and names: Boffi et al. (flow maps), Geng et al. (MeanFlow), SplitMeanFlow
(arXiv 2507.16884); with time from noise (0) to data (1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

MIDPOINT_STEPS = 8


@dataclass(frozen=True)
class PathSample:
    """Noise and data joined by a straight path, and the two times of a jump along it."""

    noise: Mel
    data: Mel
    s: Time
    t: Time
    split: Time

    def at(self, time: Time) -> Mel:
        """Where the path is."""
        return torch.lerp(self.noise, self.data, per_item(time))

    def velocity(self, time: Time) -> Mel:
        """How fast it moves: on a straight path, the same at every time."""
        return self.data - self.noise


Objective = Callable[[FlowMap, FlowMap, PathSample], Mel]


def flow_matching(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """v(x, t) is the velocity of the path through x."""
    return student.velocity(draw.at(draw.t), draw.t) - draw.velocity(draw.t)


def boundary(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """A jump of no length moves at the teacher's velocity (SplitMeanFlow's first half)."""
    x, t = draw.at(draw.t), draw.t
    return student.velocity(x, t) - without_gradient(teacher.velocity, x, t)


def semigroup(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Two jumps in a row make the whole one, wherever the split (SplitMeanFlow's second half)."""
    x, s, t = draw.at(draw.s), draw.s, draw.t
    middle = torch.lerp(s, t, draw.split)
    first = without_gradient(teacher.average_velocity, x, s, middle)
    halfway = x + per_item(middle - s) * first
    second = without_gradient(teacher.average_velocity, halfway, middle, t)
    return student.average_velocity(x, s, t) - torch.lerp(second, first, per_item(draw.split))


def endpoint(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """One jump from noise lands where the teacher's velocity leads, by 8 midpoint steps.

    It asks nothing of the times of a draw. (Knowledge distillation, arXiv 2101.02388.)
    """
    end = without_gradient(
        partial(teacher.integrate, steps=MIDPOINT_STEPS, midpoint=True), draw.noise
    )
    start = torch.zeros_like(draw.s)
    return student.jump(draw.noise, start, start + 1) - end


def without_gradient(function: Callable[..., Tensor], *points: Tensor) -> Tensor:
    """A teacher's answer, outside the graph."""
    with torch.no_grad():
        return function(*(point.detach() for point in points)).detach()


OBJECTIVES: dict[str, Objective] = {
    objective.__name__: objective for objective in (flow_matching, boundary, semigroup, endpoint)
}

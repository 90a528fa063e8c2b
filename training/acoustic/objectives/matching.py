"""Formulas of two-sided flow map matching (arXiv 2406.07507): back along the map, and on again.

The jump back ends at a point whose jump on returns to the sampled point, where the path's velocity
is known. So the velocity needs no teacher. The map must cover both directions of time.
"""

from tts.acoustic.flow import FlowMap, Mel

from .gradients import by_end, without_gradient
from .objective import GIVEN, Objective, PathSample


def flow_map_matching(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Flow map matching: d/dt X(y, s, t) - v(x_t, t) at y = X(x_t, t, s), with all its gradient."""
    x, s, t = draw.at(draw.t), draw.s, draw.t
    velocity = without_gradient(teacher.velocity, x, t)
    return by_end(student, student.jump(x, t, s), s, t)[1] - velocity


def invertibility(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """The second part of flow map matching: X(X(x_t, t, s), s, t) - x_t, there and back again.

    The teacher is not used.
    """
    x, s, t = draw.at(draw.t), draw.s, draw.t
    return student.jump(student.jump(x, t, s), s, t) - x


# Alone it is also solved by a map that moves nothing backward, and is wrong forward.
FLOW_MAP_MATCHING = Objective(
    formula=flow_map_matching,
    passes=9,
    evaluations=1,
    alone=GIVEN,
    beside=invertibility.__name__,
)
INVERTIBILITY = Objective(
    formula=invertibility,
    passes=6,
    refusals=dict.fromkeys(
        ("average", "frozen", "path", "autoguided", "guided"), "both jumps are the student's own"
    ),
)

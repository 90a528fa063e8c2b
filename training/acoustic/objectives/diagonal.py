"""Formulas for the velocity of a flow map: jumps of no length, u(x, t, t)."""

from tts.acoustic.flow import FlowMap, Mel

from .gradients import without_gradient
from .objective import Objective, PathSample


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


FLOW_MATCHING = Objective(
    formula=flow_matching,
    passes=3,
    refusals=dict.fromkeys(
        ("average", "frozen", "autoguided", "guided"),
        "its velocity is that of the path (boundary takes a teacher's)",
    ),
    alone=frozenset({"student", "path"}),
    diagonal=True,
)
BOUNDARY = Objective(
    formula=boundary,
    passes=3,
    evaluations=1,
    refusals=dict.fromkeys(
        ("student", "average"),
        "a network's own velocity tells it nothing new (flow_matching takes the path's)",
    ),
    alone=frozenset({"frozen", "path", "autoguided", "guided"}),
    diagonal=True,
)

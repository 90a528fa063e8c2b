"""Plain regression from the condition to the data, for comparison: no flow map."""

import torch

from tts.acoustic.flow import FlowMap, Mel

from .objective import TEACHERS, Objective, PathSample


def regression(student: FlowMap, teacher: FlowMap, draw: PathSample) -> Mel:
    """Regression of the data from no noise: X(0, 0, 1) - data.

    Its mean square is least where X(0, 0, 1) is the conditional mean, whatever the distribution of
    the data; it is not zero there. The noise, the times and the teacher are not used.
    """
    start = torch.zeros_like(draw.s)
    return student.jump(torch.zeros_like(draw.data), start, start + 1) - draw.data


REGRESSION = Objective(
    formula=regression,
    passes=3,
    refusals=dict.fromkeys(
        [name for name in TEACHERS if name != "student"],
        "its target is the recording, so it has no teacher",
    ),
    alone=frozenset({"student"}),
)

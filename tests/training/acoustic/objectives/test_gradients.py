"""What each objective trains: the gradient of its residual is that of one expression of the
student, and everything else in it is a target (T8 and T9 of the reference's list)."""

from functools import partial

import pytest
import torch
from tts.training.acoustic.objectives import OBJECTIVES
from tts.training.acoustic.objectives.endpoint import mean_velocity

from tests.training.acoustic.objectives.curved import curved_draw, exact, wrong
from tts.acoustic.flow import FlowMap, per_item

STEP = 1e-5  # of central differences, in float64


def velocity(student, draw):
    return student.velocity(draw.at(draw.t), draw.t)


def average_velocity(student, draw):
    return student.average_velocity(draw.at(draw.s), draw.s, draw.t)


def jump(student, draw):
    return student.jump(draw.at(draw.s), draw.s, draw.t)


def whole_jump(student, draw):
    return student.jump(draw.noise, 0 * draw.s, 0 * draw.s + 1)


def from_nothing(student, draw):
    return student.jump(0 * draw.noise, 0 * draw.s, 0 * draw.s + 1)


def central(function):
    return (function(STEP) - function(-STEP)) / (2 * STEP)


def end_speed(student, draw, x=None):
    x = draw.at(draw.s) if x is None else x
    return central(lambda h: student.jump(x, draw.s, draw.t + h))


def less_velocity(student, draw):
    return end_speed(student, draw) - FlowMap(exact).velocity(jump(student, draw), draw.t)


def along(student, draw):
    x, s = draw.at(draw.s), draw.s
    v = FlowMap(exact).velocity(x, s)
    return central(lambda h: student.jump(x + h * v, s + h, draw.t))


def by_start(student, draw):
    return central(lambda h: student.jump(draw.at(draw.s), draw.s + h, draw.t))


def back_and_on(student, draw):
    return end_speed(student, draw, student.jump(draw.at(draw.t), draw.t, draw.s))


def there_and_back(student, draw):
    return student.jump(student.jump(draw.at(draw.t), draw.t, draw.s), draw.s, draw.t)


def on_a_trajectory(student, draw):
    s, noise = draw.s, draw.noise
    x = noise + per_item(s) * mean_velocity(FlowMap(exact), noise, 0 * s, s)
    return student.average_velocity(x, s, draw.t)


TRAINED = {
    "flow_matching": velocity,
    "boundary": velocity,
    "progressive": jump,
    "consistency_distillation": jump,
    "consistency_training": jump,
    "endpoint": whole_jump,
    "drifting": whole_jump,
    "regression": from_nothing,
    "cmt": on_a_trajectory,
    "lagrangian": end_speed,
    "lagrangian_distillation": less_velocity,
    "eulerian": along,
    "eulerian_self_distillation": by_start,
    "flow_map_matching": back_and_on,
    "invertibility": there_and_back,
}


def gradient(function, residual, weight):
    value = (function * residual.detach()).sum()
    return torch.autograd.grad(value, weight)[0]


@pytest.mark.parametrize("progress", [0.05, 1.0])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_gradient_is_that_of_the_prediction_alone(name, progress):
    draw, weight = curved_draw(progress), torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    student = FlowMap(lambda x, s, t: weight * wrong(x, s, t))
    residual = OBJECTIVES[name].formula(student, FlowMap(exact), draw)
    trained = TRAINED.get(name, average_velocity)(student, draw)
    torch.testing.assert_close(
        gradient(residual, residual, weight),
        gradient(trained, residual, weight),
        rtol=1e-6,
        atol=1e-8,
    )


@pytest.mark.parametrize("name", [n for n in OBJECTIVES if "student" in OBJECTIVES[n].teachers])
def test_a_student_that_teaches_itself_gets_no_gradient_from_its_answers(name):
    draw, weight = curved_draw(), torch.tensor(0.9, dtype=torch.float64, requires_grad=True)

    def network(weight, x, s, t):
        return weight * wrong(x, s, t)

    student, copy = (FlowMap(partial(network, w)) for w in (weight, weight.detach()))
    own, other = (OBJECTIVES[name].formula(student, teacher, draw) for teacher in (student, copy))
    torch.testing.assert_close(own, other)
    torch.testing.assert_close(gradient(own, own, weight), gradient(other, other, weight))

"""Derivatives of a jump, and targets without gradient, for the formulas."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import jvp

from tts.acoustic.flow import FlowMap, Mel, Time


def without_gradient(function: Callable[..., Tensor], *points: Tensor) -> Tensor:
    """Call a function on detached tensors, without a graph: targets have no gradient."""
    with torch.no_grad():
        return function(*(point.detach() for point in points)).detach()


def by_end(student: FlowMap, x: Mel, s: Time, t: Time) -> tuple[Mel, Mel]:
    """A jump X(x, s, t) and its derivative by the end time t, in forward mode."""
    return _directional(lambda end: student.jump(x, s, end), (t,), (torch.ones_like(t),))


def by_start(student: FlowMap, x: Mel, s: Time, t: Time) -> tuple[Mel, Mel]:
    """A jump X(x, s, t) and its derivative by the start time s, with x held."""
    return _directional(lambda start: student.jump(x, start, t), (s,), (torch.ones_like(s),))


def along(
    function: Callable[[Tensor, Tensor], Tensor], x: Mel, s: Time, velocity: Mel
) -> tuple[Mel, Mel]:
    """The value of a function of (x, s), and its derivative along the trajectory through x.

    That is d/ds + velocity d/dx, one product of the Jacobian with (velocity, 1).
    """
    return _directional(function, (x, s), (velocity, torch.ones_like(s)))


def total_derivative(student: FlowMap, x: Mel, s: Time, t: Time, velocity: Mel) -> tuple[Mel, Mel]:
    """The average velocity u(x, s, t), and (d/ds + velocity d/dx) u without gradient."""
    u, derivative = along(lambda y, start: student.average_velocity(y, start, t), x, s, velocity)
    return u, derivative.detach()


def _directional(
    function: Callable[..., Tensor], point: tuple[Tensor, ...], direction: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor]:
    """The value of a function and its directional derivative, in forward mode."""
    value, derivative = jvp(function, point, direction)[:2]
    return value, derivative


def gradient_to_point(function: Callable[[Tensor], Tensor], point: Tensor) -> Tensor:
    """Call a function so that only the point gets a gradient, and none of its weights."""
    return _GradientToPoint.apply(point, function)


class _GradientToPoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, point: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        with torch.enable_grad():
            ctx.point = point.detach().requires_grad_()
            ctx.value = function(ctx.point)
        return ctx.value.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = torch.autograd.grad(ctx.value, ctx.point, gradients)
        return gradient, None

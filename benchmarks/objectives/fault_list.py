# ruff: noqa: E501
"""The faults that `faults` plants: a text of a module and what takes its place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A fault of one line.

    Args:
        module: of `tts.training.acoustic.objectives`.
        formula: whose it is; empty for one that many formulas share.
        kind: what is wrong.
        old: the right text, which stands in the module once.
        new: the wrong text.
    """

    module: str
    formula: str
    kind: str
    old: str
    new: str


SIGN, TERM, TIME = "sign", "dropped term", "wrong time"
GRADIENT, TANGENT, NUMBER = "stop-gradient", "tangent off by 1 %", "number"

FAULTS = (
    Fault("diagonal", "flow_matching", SIGN, ") - draw.velocity(", ") + draw.velocity("),
    Fault("diagonal", "flow_matching", TIME, "velocity(draw.at(draw.t), draw.t) -", "velocity(draw.at(draw.s), draw.t) -"),
    Fault("diagonal", "boundary", SIGN, "student.velocity(x, t) - without", "student.velocity(x, t) + without"),
    Fault("diagonal", "boundary", GRADIENT, "without_gradient(teacher.velocity, x, t)", "teacher.velocity(x, t)"),
    Fault("diagonal", "boundary", TIME, "draw.at(draw.t), draw.t\n", "draw.at(draw.t), draw.s\n"),
    Fault("semigroup", "semigroup", TERM, "per_item(middle - s) * first", "per_item(middle - s)"),
    Fault("semigroup", "semigroup", SIGN, "halfway = x + per_item", "halfway = x - per_item"),
    Fault("semigroup", "semigroup", GRADIENT, "first = without_gradient(teacher.average_velocity, x, s, middle)", "first = teacher.average_velocity(x, s, middle)"),
    Fault("semigroup", "semigroup", GRADIENT, "without_gradient(teacher.average_velocity, halfway, middle, t)", "teacher.average_velocity(halfway, middle, t)"),
    Fault("semigroup", "semigroup", TIME, "teacher.average_velocity, halfway, middle, t", "teacher.average_velocity, halfway, s, t"),
    Fault("semigroup", "semigroup", TERM, "torch.lerp(second, first,", "torch.lerp(first, second,"),
    Fault("semigroup", "shortcut", NUMBER, "torch.full_like(draw.split, 0.5)", "draw.split"),
    Fault("semigroup", "progressive", TERM, "without_gradient(teacher.jump, halfway, middle, t)", "halfway"),
    Fault("semigroup", "progressive", GRADIENT, "without_gradient(teacher.jump, halfway, middle, t)", "teacher.jump(halfway, middle, t)"),
    Fault("semigroup", "progressive", TIME, "teacher.jump, x, s, middle", "teacher.jump, x, s, t"),
    Fault("lagrangian", "lagrangian", SIGN, "speed - without_gradient", "speed + without_gradient"),
    Fault("lagrangian", "lagrangian", TIME, "teacher.velocity, end, draw.t)", "teacher.velocity, end, draw.s)"),
    Fault("lagrangian", "lagrangian", TERM, "without_gradient(teacher.velocity, end, draw.t)", "without_gradient(teacher.velocity, draw.at(draw.s), draw.t)"),
    Fault("lagrangian", "lagrangian", GRADIENT, "without_gradient(teacher.velocity, end, draw.t)", "teacher.velocity(end, draw.t)"),
    Fault("lagrangian", "lagrangian_distillation", GRADIENT, "gradient_to_point(partial(teacher.velocity, t=draw.t), end)", "without_gradient(teacher.velocity, end, draw.t)"),
    Fault("lagrangian", "lagrangian_distillation", GRADIENT, "gradient_to_point(partial(teacher.velocity, t=draw.t), end)", "teacher.velocity(end, draw.t)"),
    Fault("lagrangian", "lagrangian_distillation", SIGN, "speed - gradient", "speed + gradient"),
    Fault("eulerian", "eulerian", SIGN, "t), x, s, velocity)[1]\n\n", "t), x, s, -velocity)[1]\n\n"),
    Fault("eulerian", "eulerian_self_distillation", GRADIENT, "(whole - by_time.detach())", "(whole - by_time)"),
    Fault("eulerian", "eulerian_self_distillation", TERM, "return by_time + (whole - by_time.detach())", "return by_time"),
    Fault("mean_flow", "mean_flow", SIGN, "(velocity + per_item(t - s) * derivative)", "(velocity - per_item(t - s) * derivative)"),
    Fault("mean_flow", "mean_flow", TERM, "(velocity + per_item(t - s) * derivative)", "velocity"),
    Fault("mean_flow", "mean_flow", TIME, "(velocity + per_item(t - s) * derivative)", "(velocity + per_item(t) * derivative)"),
    Fault("mean_flow", "improved_mean_flow", SIGN, "u - per_item(t - s) * derivative", "u + per_item(t - s) * derivative"),
    Fault("mean_flow", "improved_mean_flow", TERM, "own = without_gradient(student.velocity, x, s)", "own = without_gradient(teacher.velocity, x, s)"),
    Fault("mean_flow", "improved_mean_flow", GRADIENT, "- without_gradient(teacher.velocity, x, s)\n", "- teacher.velocity(x, s)\n"),
    Fault("mean_flow", "pmf", TERM, "per_item(scale) * improved", "improved"),
    Fault("mean_flow", "pmf", NUMBER, "MIN_TIME_LEFT = 0.05", "MIN_TIME_LEFT = 0.1"),
    Fault("mean_flow", "alpha_flow", SIGN, "(u.detach() - wrong / share)", "(u.detach() + wrong / share)"),
    Fault("mean_flow", "alpha_flow", TERM, "wrong / share)", "wrong)"),
    Fault("mean_flow", "alpha_flow", TERM, "torch.lerp(rest, velocity, share)", "torch.lerp(velocity, rest, share)"),
    Fault("mean_flow", "alpha_flow", GRADIENT, "u - (u.detach() - wrong / share)", "u - (u - wrong / share)"),
    Fault("mean_flow", "alpha_flow", TIME, "(0.5 - progress)", "(progress - 0.5)"),
    Fault("align_your_flow", "align_your_flow", SIGN, "+ warmup(draw) * per_item(t - s) * derivative", "- warmup(draw) * per_item(t - s) * derivative"),
    Fault("align_your_flow", "align_your_flow", TERM, "warmup(draw) * per_item", "per_item"),
    Fault("align_your_flow", "align_your_flow", SIGN, "tangent = velocity - u.detach() + warmup(draw) * per_item(t - s) * derivative\n    return u - (u.detach() + ", "tangent = velocity - u.detach() + warmup(draw) * per_item(t - s) * derivative\n    return u - (u.detach() - "),
    Fault("align_your_flow", "align_your_flow", NUMBER, "NORM_OFFSET, WARMUP = 0.1, 0.1", "NORM_OFFSET, WARMUP = 0.2, 0.1"),
    Fault("align_your_flow", "align_your_flow", TERM, "(tangent * real).square()", "tangent.square()"),
    Fault("align_your_flow", "align_your_flow_lagrangian", SIGN, "u.detach() - warmup(draw) * derivative", "u.detach() + warmup(draw) * derivative"),
    Fault("align_your_flow", "align_your_flow_lagrangian", GRADIENT, "derivative = speed.detach() - u.detach()", "derivative = speed - u.detach()"),
    Fault("align_your_flow", "align_your_flow_lagrangian", TIME, "teacher.velocity, end, draw.t)", "teacher.velocity, end, draw.s)"),
    Fault("consistency", "consistency_distillation", TERM, "teacher.velocity, middle, s + half", "teacher.velocity, x, s"),
    Fault("consistency", "consistency_distillation", GRADIENT, "without_gradient(student.jump, following, near, draw.t)", "student.jump(following, near, draw.t)"),
    Fault("consistency", "consistency_distillation", NUMBER, "DISTILLED_POINTS = 18", "DISTILLED_POINTS = 9"),
    Fault("consistency", "consistency_training", TIME, "student.jump, draw.at(near), near, draw.t", "student.jump, draw.at(near), draw.s, draw.t"),
    Fault("consistency", "consistency_training", GRADIENT, "without_gradient(student.jump, draw.at(near), near, draw.t)", "student.jump(draw.at(near), near, draw.t)"),
    Fault("consistency", "consistency_training", NUMBER, "points(draw.progress))", "points(1 - draw.progress))"),
    Fault("matching", "flow_map_matching", SIGN, "[1] - velocity", "[1] + velocity"),
    Fault("matching", "flow_map_matching", TIME, "by_end(student, student.jump(x, t, s), s, t)", "by_end(student, student.jump(x, s, t), s, t)"),
    Fault("matching", "flow_map_matching", GRADIENT, "by_end(student, student.jump(x, t, s), s, t)", "by_end(student, student.jump(x, t, s).detach(), s, t)"),
    Fault("matching", "invertibility", TERM, "s, t) - x\n", "s, t)\n"),
    Fault("matching", "invertibility", GRADIENT, "student.jump(student.jump(x, t, s), s, t) - x", "student.jump(student.jump(x, t, s).detach(), s, t) - x"),
    Fault("endpoint", "endpoint", TERM, "midpoint=True", "midpoint=False"),
    Fault("endpoint", "endpoint", TIME, "student.jump(draw.noise, start, start + 1)", "student.jump(draw.noise, start, start + 0.99)"),
    Fault("endpoint", "int_mean_flow", TERM, "teacher.velocity(half, middle)", "teacher.velocity(x, start)"),
    Fault("endpoint", "int_mean_flow", GRADIENT, "@torch.no_grad()\n", ""),
    Fault("endpoint", "cmt", TERM, "x = noise + per_item(s) * mean_velocity(teacher, noise, torch.zeros_like(s), s)", "x = draw.noise"),
    Fault("regression", "regression", SIGN, "start + 1) - draw.data", "start + 1) + draw.data"),
    Fault("regression", "regression", TERM, "torch.zeros_like(draw.data), start", "draw.noise, start"),
    Fault("drifting", "drifting", SIGN, "(here + drift(", "(here - drift("),
    Fault("drifting", "drifting", TERM, "pairs = pairs & ~torch.cat([torch.zeros_like(itself), itself], dim=1)", "pairs = pairs"),
    Fault("drifting", "drifting", TERM, "towards @ data - away @ x", "towards @ data"),
    Fault("drifting", "drifting", GRADIENT, "return x - (here +", "return x - (x +"),
    Fault("drifting", "drifting", TERM, "pairs = real[:, :, None] & ", "pairs = real[:, :, None] | "),
    Fault("gradients", "", TANGENT, "lambda end: student.jump(x, s, end), (t,), (torch.ones_like(t),)", "lambda end: student.jump(x, s, end), (t,), (1.01 * torch.ones_like(t),)"),
    Fault("gradients", "", TANGENT, "(s,), (torch.ones_like(s),)", "(s,), (1.01 * torch.ones_like(s),)"),
    Fault("gradients", "", TANGENT, "(velocity, torch.ones_like(s))", "(1.01 * velocity, torch.ones_like(s))"),
    Fault("gradients", "", TANGENT, "(velocity, torch.ones_like(s))", "(velocity, 1.01 * torch.ones_like(s))"),
    Fault("gradients", "", GRADIENT, "return u, derivative.detach()", "return u, derivative"),
    Fault("gradients", "", GRADIENT, "ctx.point, gradients)", "ctx.point, [-g for g in gradients])"),
    Fault("gradients", "", GRADIENT, "    with torch.no_grad():\n        return function(*(point.detach() for point in points)).detach()", "    return function(*points)"),
)  # fmt: skip

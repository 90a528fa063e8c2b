import pytest
import torch
from tts.training.acoustic.objectives import OBJECTIVES, PathSample, consistency, endpoint

from tests.training.acoustic.objectives.curved import (
    curved_draw,
    exact,
    teacher_of,
    wrong,
)
from tts.acoustic.flow import FlowMap

# Targets of these come of a solver's steps; drifting has a law of its own, in `test_drifting`.
SOLVED = {"endpoint", "int_mean_flow", "cmt", "consistency_distillation"}
VANISHING = [name for name in OBJECTIVES if name != "drifting"]
PAIRS = [
    (name, kind)
    for name in VANISHING
    for kind in ("map", "path")
    if OBJECTIVES[name].teachers & ({"path"} if kind == "path" else {"student", "frozen"})
]


@pytest.fixture
def draw():
    return curved_draw()


@pytest.mark.parametrize(("name", "kind"), [p for p in PAIRS if p[0] not in SOLVED])
def test_vanishes_at_the_exact_map(name, kind, draw):
    residual = OBJECTIVES[name].formula(FlowMap(exact), teacher_of(draw, kind), draw)
    torch.testing.assert_close(residual, torch.zeros_like(draw.data), atol=1e-12, rtol=0)


@pytest.mark.parametrize(
    ("name", "steps", "order"),
    [
        ("endpoint", (endpoint, "MIDPOINT_STEPS"), 2),
        ("int_mean_flow", (endpoint, "INTERVAL_STEPS"), 2),
        ("cmt", (endpoint, "INTERVAL_STEPS"), 2),
        ("consistency_distillation", (consistency, "DISTILLED_POINTS"), 3),
    ],
)
def test_vanishes_at_the_exact_map_as_the_solver_gets_finer(name, steps, order, draw, monkeypatch):
    """Of second order over a jump, so of third order in one step."""

    def error(count):
        monkeypatch.setattr(*steps, count)
        return OBJECTIVES[name].formula(FlowMap(exact), FlowMap(exact), draw).norm().item()

    assert error(16) < 2e-2
    assert error(16) / error(32) == pytest.approx(2**order, rel=0.1)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_notices_a_wrong_map(name, kind, draw):
    """By far more than the solvers' error; of near points the difference is small itself."""
    right, off = (
        OBJECTIVES[name].formula(FlowMap(network), teacher_of(draw, kind), draw).abs().mean()
        for network in (exact, wrong)
    )
    assert off > max(2e-4, 10 * right)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_trains_the_student_and_only_the_student(name, draw):
    student, teacher = (torch.tensor(v, requires_grad=True).double() for v in (0.9, 1.0))
    for weight in (student, teacher):
        weight.retain_grad()
    residual = OBJECTIVES[name].formula(
        FlowMap(lambda x, s, t: student * wrong(x, s, t)),
        FlowMap(lambda x, s, t: teacher * wrong(x, s, t)),
        draw,
    )
    residual.square().mean().backward()
    assert student.grad.abs() > 0
    assert teacher.grad is None


def test_a_straight_path_runs_from_noise_to_data():
    noise, data, half = torch.zeros(1, 2, 3), torch.ones(1, 2, 3), torch.tensor([0.25])
    draw = PathSample(noise, data, half, half, half)
    torch.testing.assert_close(draw.at(half), torch.full_like(data, 0.25))
    torch.testing.assert_close(draw.velocity(half), data)


@pytest.mark.parametrize("name", ["semigroup", "shortcut", "invertibility"])
def test_standing_still_satisfies_composition_and_only_the_boundary_refuses_it(name, draw):
    still = FlowMap(lambda x, s, t: torch.zeros_like(x))
    assert OBJECTIVES[name].formula(still, still, draw).abs().max() == 0
    assert OBJECTIVES["boundary"].formula(still, FlowMap(exact), draw).abs().mean() > 0.1


def residual(name, progress=1.0, student=wrong):
    draw = curved_draw(progress)
    return OBJECTIVES[name].formula(FlowMap(student), FlowMap(exact), draw)


def test_alpha_flow_goes_from_flow_matching_to_mean_flow():
    draw, student = curved_draw(), FlowMap(wrong)
    x, s, t = draw.at(draw.s), draw.s, draw.t
    u, velocity = student.average_velocity(x, s, t), FlowMap(exact).velocity(x, s)
    torch.testing.assert_close(residual("alpha_flow", 0.0), u - velocity)
    torch.testing.assert_close(residual("alpha_flow", 1.0), residual("mean_flow"))
    middle = (s + t) / 2
    halfway = x + (middle - s)[:, None, None] * velocity
    rest = student.average_velocity(halfway, middle, t)
    torch.testing.assert_close(residual("alpha_flow", 0.5), (u - (velocity + rest) / 2) / 0.5)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("align_your_flow", "mean_flow"), ("align_your_flow_lagrangian", "lagrangian")],
)
def test_align_your_flow_scales_its_tangent_to_about_one(name, plain):
    """By hand: the residual without scale, over its root mean square plus 0.1."""
    size = residual(plain).square().mean(dim=(1, 2), keepdim=True).sqrt()
    torch.testing.assert_close(residual(name), residual(plain) / (size + 0.1))


@pytest.mark.parametrize("name", ["align_your_flow", "align_your_flow_lagrangian"])
def test_align_your_flow_begins_without_the_derivative(name):
    draw, student = curved_draw(), FlowMap(wrong)
    x, s, t = draw.at(draw.s), draw.s, draw.t
    point, time = (student.jump(x, s, t), t) if "lagrangian" in name else (x, s)
    plain = student.average_velocity(x, s, t) - FlowMap(exact).velocity(point, time)
    size = plain.square().mean(dim=(1, 2), keepdim=True).sqrt()
    torch.testing.assert_close(residual(name, 0.0), plain / (size + 0.1))


def test_align_your_flow_leaves_padding_out_of_the_size_of_a_tangent():
    draw = curved_draw()

    def padded(count):
        long = [torch.cat([v, torch.zeros(5, count, 3)], dim=1) for v in (draw.noise, draw.data)]
        path = PathSample(*long, draw.s, draw.t, draw.split)
        return OBJECTIVES["align_your_flow"].formula(FlowMap(wrong), FlowMap(exact), path)

    torch.testing.assert_close(padded(9)[:, :7], padded(0))


def test_pmf_counts_less_at_the_end_of_the_path():
    draw = curved_draw()
    draw.s[:2], draw.t[:2] = torch.tensor([0.96, 0.99], dtype=torch.float64), 1.0
    parts = [
        OBJECTIVES[name].formula(FlowMap(wrong), FlowMap(exact), draw)
        for name in ("pmf", "improved_mean_flow")
    ]
    ratio = (parts[0] / parts[1]).mean(dim=(1, 2))
    torch.testing.assert_close(ratio, torch.tensor([0.8, 0.2, 1, 1, 1]).double())


def test_improved_mean_flow_differentiates_along_its_own_velocity():
    """By hand, with central differences: u - (t - s) D u - v, of a student that is wrong."""
    draw, student, step = curved_draw(), FlowMap(wrong), 1e-5
    x, s, t = draw.at(draw.s), draw.s, draw.t
    own = student.velocity(x, s)
    ahead, behind = (student.average_velocity(x + h * own, s + h, t) for h in (step, -step))
    derivative = (ahead - behind) / (2 * step)
    plain = student.average_velocity(x, s, t) - (t - s)[:, None, None] * derivative
    expected = plain - FlowMap(exact).velocity(x, s)
    torch.testing.assert_close(residual("improved_mean_flow"), expected, atol=1e-8, rtol=1e-6)


def second_starts(name, progress=1.0):
    """Where the jumps start that are asked for, as shares of the way from s to t."""
    draw, starts = curved_draw(progress), []

    def network(x, s, t):
        starts.append(s)
        return wrong(x, s, t)

    teacher = network if name == "shortcut" else exact
    OBJECTIVES[name].formula(FlowMap(network), FlowMap(teacher), draw)
    return sorted({round(((s - draw.s) / (draw.t - draw.s)).mean().item(), 4) for s in starts})


def test_shortcut_splits_in_the_middle():
    assert second_starts("shortcut") == [0, 0.5]


def test_consistency_distillation_and_consistency_training_jump_from_near_points():
    assert second_starts("consistency_distillation") == pytest.approx([0, 1 / 18], abs=1e-4)
    assert second_starts("consistency_training", 0.0) == pytest.approx([0, 1 / 2])
    assert second_starts("consistency_training", 1.0) == pytest.approx([0, 1 / 151], rel=0.02)
    assert [consistency.points(p) for p in (0.0, 0.25, 1.0)] == [2, 76, 151]

import pytest
import torch
from tts.training.acoustic.objectives import OBJECTIVES, PathSample

from tts.acoustic.flow import FlowMap, per_item


def a(t):
    return per_item(1 - 0.4 * t - 0.3 * t**2)


def b(t):
    return per_item(2 * t + t**2)


class CurvedDraw(PathSample):
    """A path whose trajectories bend, or half of each identity would go untested."""

    def at(self, time):
        return a(time) * self.noise + b(time)

    def velocity(self, time):
        return per_item(-0.4 - 0.6 * time) * self.noise + per_item(2 + 2 * time)


def exact(x, s, t):
    """Average velocity of the true map, (X(x, s, t) - x) / (t - s), divided out by hand."""
    return per_item(-0.4 - 0.3 * (s + t)) / a(s) * (x - b(s)) + per_item(2 + (s + t))


def wrong(x, s, t):
    return 1.1 * exact(x, s, t) + 0.1 * per_item(t) * x


@pytest.fixture
def draw():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(5, 7, 3, generator=generator, dtype=torch.float64)
    s, t = torch.rand(2, 5, generator=generator, dtype=torch.float64).sort(dim=0).values
    split = torch.rand(5, generator=generator, dtype=torch.float64)
    return CurvedDraw(noise, a(torch.ones(5)) * noise + b(torch.ones(5)), s, t, split)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_vanishes_at_the_exact_map(name, draw):
    flow = FlowMap(exact)
    residual = OBJECTIVES[name].formula(flow, flow, draw)
    # its target comes of eight steps of second order
    error = 1e-2 if name == "endpoint" else 1e-7
    torch.testing.assert_close(residual, torch.zeros_like(draw.data), atol=error, rtol=0)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_notices_a_wrong_map(name, draw):
    residual = OBJECTIVES[name].formula(FlowMap(wrong), FlowMap(exact), draw)
    assert residual.abs().mean() > 1e-3


@pytest.mark.parametrize("name", OBJECTIVES)
def test_trains_the_student_and_only_the_student(name, draw):
    student = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    teacher = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
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


def test_standing_still_satisfies_the_semigroup_and_only_the_boundary_refuses_it(draw):
    still = FlowMap(lambda x, s, t: torch.zeros_like(x))
    assert OBJECTIVES["semigroup"].formula(still, still, draw).abs().max() == 0
    assert OBJECTIVES["boundary"].formula(still, FlowMap(exact), draw).abs().mean() > 0.1

"""The objectives at maps known in closed form, from paths with noise (T1, T2 and T7 of the
reference's list): there the path's velocity is right on average only."""

from dataclasses import replace

import pytest
import torch
from tts.training.acoustic.objectives import OBJECTIVES, PathSample

from benchmarks.objectives.targets import LINE, PLANE, Mixture
from tests.toys import Gaussian
from tts.acoustic.flow import FlowMap

GAUSSIAN = Gaussian(mean=0.7, deviation=0.5)
EXACT = FlowMap(GAUSSIAN.exact)
SOLVED = {"endpoint", "int_mean_flow", "cmt", "consistency_distillation", "drifting"}
TAUGHT = [n for n, o in OBJECTIVES.items() if o.teachers - {"path"} and n not in SOLVED]


def double(target):
    return Mixture(target.means.double(), target.deviations.double())


def sampled(target, count=4, points=3):
    generator = torch.Generator().manual_seed(0)
    data = target.sample((count, points), generator).double()
    noise = torch.randn(data.shape, generator=generator).double()
    s, t = torch.rand(2, count, generator=generator).double().sort(dim=0).values
    return PathSample(noise, data, s, t, torch.rand(count, generator=generator).double())


@pytest.mark.parametrize("name", [n for n in TAUGHT if n != "flow_matching"])
def test_vanishes_for_gaussian_data(name):
    draw = sampled(Mixture(torch.tensor([[0.7]]), torch.tensor([0.5])))
    residual = OBJECTIVES[name].formula(EXACT, EXACT, draw)
    assert residual.abs().max() < 1e-8


@pytest.mark.parametrize("name", ["semigroup", "lagrangian", "mean_flow"])
def test_vanishes_for_a_mixture(name, monkeypatch):
    """Whose velocity bends; the solver's error is what remains."""
    monkeypatch.setattr("benchmarks.objectives.targets.SOLVER_STEPS", 16)
    target = double(PLANE)

    def network(x, s, t):
        span = (t - s)[:, None, None]
        short = span.abs() < 1e-9
        average = (target.solve(x, s, t) - x) / torch.where(short, torch.ones_like(span), span)
        return torch.where(short, target.velocity(x, s), average)

    flow = FlowMap(network)
    residual = OBJECTIVES[name].formula(flow, flow, sampled(target))
    assert residual.abs().max() < 1e-4


def test_the_maps_of_a_mixture_agree():
    """Monotone transport, and a solver of the velocity."""
    target = double(LINE)
    draw = sampled(target)
    x = draw.at(draw.s)
    made = target.solve(x, draw.s, draw.t)
    torch.testing.assert_close(made, target.transport(x, draw.s, draw.t), atol=1e-6, rtol=0)


BY_THE_PATH = ("boundary", "mean_flow", "improved_mean_flow", "eulerian_self_distillation")


@pytest.mark.parametrize("name", BY_THE_PATH)
def test_the_path_is_right_on_average(name):
    """Over the data that a point may come from, the mean residual at the exact map is zero."""
    count, s, t, x = 20_000, 0.3, 0.9, 0.4
    generator = torch.Generator().manual_seed(0)
    spread = (1 - s) ** 2 + (s * 0.5) ** 2
    mean = 0.7 + s * 0.25 / spread * (x - s * 0.7)
    deviation = 0.5 * (1 - s) / spread**0.5
    data = mean + deviation * torch.randn(count, 1, 1, generator=generator).double()
    times = torch.full((count,), s).double(), torch.full((count,), t).double()
    draw = PathSample((x - s * data) / (1 - s), data, *times, times[0])
    if name == "boundary":
        draw = replace(draw, t=draw.s)
    path = FlowMap(lambda x, s, t: draw.velocity(s))
    residual = OBJECTIVES[name].formula(EXACT, path, draw)
    assert residual.std() > 0.1
    assert abs(residual.mean()) < 4 * residual.std() / count**0.5


def test_the_path_is_wrong_on_average_where_it_is_refused():
    """The scaled tangent of Align Your Flow has another mean than zero."""
    assert "path" in OBJECTIVES["align_your_flow"].refusals
    count = 20_000
    generator = torch.Generator().manual_seed(0)
    data = 3.0 * (torch.rand(count, 1, 1, generator=generator) < 0.2).double()  # skewed
    noise = torch.randn(data.shape, generator=generator).double()
    times = torch.full((count,), 0.4).double(), torch.full((count,), 0.4).double()
    draw = PathSample(noise, data, *times, times[0])
    off = draw.velocity(draw.s) - (data - noise).mean()
    scaled = off / (off.abs() + 0.1)
    assert abs(off.mean()) < 1e-9
    assert abs(scaled.mean()) > 0.05

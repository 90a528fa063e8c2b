import pytest
import torch

from tests.toys import Gaussian
from tts.acoustic.flow import FlowMap


@pytest.fixture
def noise():
    return torch.randn(4, 50, 3, dtype=torch.float64)


@pytest.mark.parametrize("steps", [1, 2, 3, 8])
def test_the_exact_map_reaches_the_data_in_any_number_of_steps(noise, steps):
    toy = Gaussian(mean=0.7, deviation=0.4)
    torch.testing.assert_close(FlowMap(toy.exact).sample(noise, steps), 0.7 + 0.4 * noise)


def test_two_jumps_make_the_whole_one(noise):
    flow = FlowMap(Gaussian(mean=0.7, deviation=0.4).exact)
    s, m, t = (torch.full((4,), time, dtype=torch.float64) for time in (0.1, 0.45, 0.9))
    torch.testing.assert_close(flow.jump(flow.jump(noise, s, m), m, t), flow.jump(noise, s, t))


def test_a_jump_back_undoes_a_jump(noise):
    flow = FlowMap(Gaussian(mean=0.7, deviation=0.4).exact)
    s, t = (torch.full((4,), time, dtype=torch.float64) for time in (0.2, 0.8))
    torch.testing.assert_close(flow.jump(flow.jump(noise, s, t), t, s), noise)


def test_the_midpoint_method_is_of_second_order(noise):
    """Half the step, at most a quarter of the error; Euler's method halves it."""
    toy = Gaussian(mean=0.7, deviation=0.4)
    flow, data = FlowMap(toy.exact), 0.7 + 0.4 * noise
    errors = [
        float((flow.integrate(noise, steps, midpoint=midpoint) - data).abs().mean())
        for midpoint in (True, False)
        for steps in (16, 32)
    ]
    assert errors[0] / errors[1] > 3.5
    assert errors[2] / errors[3] == pytest.approx(2, rel=0.15)


def test_few_euler_steps_lose_variance_and_one_loses_all(noise):
    flow = FlowMap(Gaussian(mean=0.0, deviation=0.32).exact)
    ratio = [float(flow.integrate(noise, n).std() / (0.32 * noise.std())) for n in (1, 2, 4, 32)]
    assert ratio == pytest.approx([0, 0.29, 0.61, 0.94], abs=0.01)

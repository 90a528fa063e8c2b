import torch
from tts.training.acoustic.objectives import OBJECTIVES, drifting

from tests.training.acoustic.objectives.curved import curved_draw
from tts.acoustic.flow import FlowMap


def points(count, mean=0.0, deviation=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return mean + deviation * torch.randn(1, count, 1, generator=generator, dtype=torch.float64)


def moved(x, data):
    """How a drift changes the mean and the deviation of points, in their deviations."""
    field = drifting.drift(x, data, torch.ones(1, x.shape[1], dtype=torch.bool))
    return field.mean().item(), ((x + field).std() - x.std()).item()


def test_points_with_the_distribution_of_the_data_stay():
    shift, growth = moved(points(600), points(600, seed=1))
    assert abs(shift) < 0.01
    assert abs(growth) < 0.01


def test_points_move_towards_the_data_and_spread_to_their_width():
    assert moved(points(600), points(600, mean=1, seed=1))[0] > 0.03
    assert moved(points(600), points(600, deviation=2, seed=1))[1] > 0.01
    assert moved(points(600), points(600, deviation=0.5, seed=1))[1] < -0.01


def test_the_residual_is_less_the_drift_of_the_samples():
    draw = curved_draw()
    student = FlowMap(lambda x, s, t: x)
    residual = OBJECTIVES["drifting"].formula(student, student, draw)
    everywhere = torch.ones(5, 7, dtype=torch.bool)
    torch.testing.assert_close(residual, -drifting.drift(2 * draw.noise, draw.data, everywhere))


def test_by_hand_one_point_between_two_data():
    """One point repels nothing but itself, and that does not count: there is no drift. With a
    second one it moves away from that towards the data."""
    data = torch.tensor([[[1.0], [1.0]]]).double()
    x = torch.tensor([[[0.0], [-1.0]]]).double()
    field = drifting.drift(x, data, torch.ones(1, 2, dtype=torch.bool))
    assert (field > 0).all()
    assert (
        drifting.drift(x[:, :1], data[:, :1], torch.ones(1, 1, dtype=torch.bool)).abs().max() == 0
    )


def test_padding_neither_attracts_nor_moves():
    x, data = points(6), points(6, mean=1, seed=1)
    real = torch.ones(1, 9, dtype=torch.bool)
    real[:, 6:] = False
    pad = torch.zeros(1, 3, 1).double()
    padded = drifting.drift(torch.cat([x, pad], dim=1), torch.cat([data, pad], dim=1), real)
    torch.testing.assert_close(padded[:, :6], drifting.drift(x, data, real[:, :6]))
    assert padded[:, 6:].abs().max() == 0

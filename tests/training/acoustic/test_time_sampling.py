import pytest
import torch
from torch import Generator
from tts.training.acoustic.time_sampling import TIME_SAMPLERS

COUNT = 20_000


def times(name, max_interval=1.0):
    return TIME_SAMPLERS[name](COUNT, max_interval, Generator().manual_seed(0))


def share(which):
    return which.float().mean().item()


@pytest.mark.parametrize("name", TIME_SAMPLERS)
def test_times_are_in_order_and_between_noise_and_data(name):
    s, t = times(name)
    assert s.min() >= 0
    assert (s <= t).all()
    assert t.max() <= 1


def test_four_in_five_diagonal_times_are_logit_normal():
    """In the middle half lie 72.8 % of these, and 50 % of uniform ones."""
    s, t = times("diagonal")
    assert torch.equal(s, t)
    assert share((s > 0.25) & (s < 0.75)) == pytest.approx(0.8 * 0.728 + 0.2 * 0.5, abs=0.012)
    assert share(s < 0.02) == pytest.approx(0.2 * 0.02, abs=0.002)


def test_deployed_jumps_have_their_shares_of_whole_and_half_ways():
    s, t = times("deployed")
    assert share((s == 0) & (t == 1)) == pytest.approx(0.15, abs=0.01)
    assert share((s == 0) ^ (t == 1)) == pytest.approx(0.15, abs=0.01)
    assert share(s == 0) == pytest.approx(share(t == 1), abs=0.01)
    inner = (s > 0) & (t < 1)
    assert (t - s)[inner].mean().item() == pytest.approx(1 / 3, abs=0.01)


def test_no_deployed_jump_is_longer_than_it_may_be():
    s, t = times("deployed", 0.1)
    assert (t - s).max() <= 0.1 + 1e-6
    whole = ((t - s) > 0.1 - 1e-6) & ((s == 0) | (t == 1))
    assert share(whole & (s == 0)) == pytest.approx(share(whole & (t == 1)), abs=0.02)


def test_a_whole_jump_goes_from_noise_to_data():
    s, t = times("whole", 0.1)
    assert (s == 0).all()
    assert (t == 1).all()

import pytest
import torch
from torch import Generator
from tts.training.acoustic.time_sampling import TIME_SAMPLERS, without_length

COUNT = 20_000
FORWARD = [name for name in TIME_SAMPLERS if name not in ("backward", "both_ways")]


def times(name, max_interval=1.0):
    return TIME_SAMPLERS[name](COUNT, max_interval, Generator().manual_seed(0))


def share(which):
    return which.float().mean().item()


@pytest.mark.parametrize("name", TIME_SAMPLERS)
@pytest.mark.parametrize("longest", [0.03, 1.0])
def test_times_are_between_noise_and_data_and_in_their_order(name, longest):
    s, t = times(name, longest)
    assert min(s.min(), t.min()) >= 0
    assert max(s.max(), t.max()) <= 1
    assert torch.isfinite(s + t).all()
    if name in FORWARD:
        assert (s <= t).all()
    if name not in ("whole", "to_data"):
        assert (t - s).abs().max() <= longest + 1e-6


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


def quantile(times, share):
    return times.quantile(share).item()


def test_dyadic_jumps_start_at_multiples_of_their_length():
    s, t = times("dyadic")
    length = t - s
    for halvings in range(7):
        assert share(length == 0.5**halvings) == pytest.approx(1 / 7, abs=0.01)
    assert (s / length == (s / length).round()).all()
    half = s[length == 0.5]
    assert share(half == 0) == pytest.approx(0.5, abs=0.03)
    short = times("dyadic", 0.1)
    assert (short[1] - short[0]).max() == 1 / 16


def test_consistency_jumps_end_at_data():
    s, t = times("to_data")
    assert (t == 1).all()
    assert s.mean().item() == pytest.approx(0.5, abs=0.01)


def test_pairs_of_mean_flow_are_logit_normal_and_nearer_to_data():
    """Either time of a pair, taken at random, has its logit at 0.4 with a deviation of 1."""
    both = torch.cat(times("logit_normal")).logit()
    assert both.mean().item() == pytest.approx(0.4, abs=0.02)
    assert both.std().item() == pytest.approx(1, abs=0.02)


def test_gaps_have_a_normal_logit_and_ends_a_truncated_one():
    s, t = times("gap_sigmoid")
    gaps = (t - s).logit()
    assert gaps.mean().item() == pytest.approx(-0.8, abs=0.02)
    assert gaps.std().item() == pytest.approx(1, abs=0.02)
    narrow = (t - s > 0.3) & (t - s < 0.32)
    normal = torch.distributions.Normal(0.4, 1.0)
    place = (1 + normal.cdf(torch.tensor(0.31).logit())) / 2
    middle = normal.icdf(place).sigmoid().item()
    assert quantile(t[narrow], 0.5) == pytest.approx(middle, abs=0.02)


def test_jumps_back_mirror_those_forth():
    s, t = times("backward")
    assert (t <= s).all()
    assert (s - t).mean().item() == pytest.approx(1 / 3, abs=0.01)
    s, t = times("both_ways")
    assert share(t < s) == pytest.approx(0.5, abs=0.01)


def test_a_share_of_jumps_has_no_length():
    first, last = times("uniform")
    s, t = without_length((first, last), 0.75, Generator().manual_seed(1))
    assert torch.equal(s, first)
    assert share(s == t) == pytest.approx(0.75, abs=0.01)
    assert (t[s != t] == last[s != t]).all()

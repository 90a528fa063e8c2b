"""The categorical flow map on cases whose true map is known."""

import pytest
import torch
from torch import Generator, nn
from tts.training.durations.categorical import (
    CategoricalFlowMap,
    CategoricalSample,
    denoising,
    semigroup,
)

from tts.acoustic.flow import per_item

WEIGHTS = torch.tensor([0.5, 0.3, 0.15, 0.05], dtype=torch.float64)
CORNER = 0.5**0.5  # of two bins along their difference, (x_1 - x_2) / sqrt(2)


def posterior(x, s, t):
    """The logits of categories with `WEIGHTS` given x at s: log w + s x / (1 - s)^2."""
    return WEIGHTS.log() + per_item(s / (1 - s) ** 2) * x


def two_bins(x, s, t):
    """The logits of p(x, s, t) for two equal bins, by the map of one dimension: F_t^-1(F_s(r)).

    r is the difference of the two coordinates over sqrt(2): normal noise that goes to a corner at
    +- sqrt(1/2). Their sum goes to 1 whatever it was.
    """
    r = (x[..., 0] - x[..., 1]) * CORNER
    end = carried(r, s[:, None], t[:, None])
    share = ((t - s) / (1 - s))[:, None]
    gap = (end - (1 - share) * r) / share / CORNER  # p_1 - p_2
    gap = torch.where(share > 0, gap, torch.tanh(s[:, None] * r * CORNER / (1 - s[:, None]) ** 2))
    return torch.stack([(1 + gap) / 2, (1 - gap) / 2], dim=2).log()


def cumulative(r, t):
    """The probability that the point of the path at t lies below r."""
    below = [torch.special.ndtr((r + sign * t * CORNER) / (1 - t)) for sign in (-1, 1)]
    return (below[0] + below[1]) / 2


def carried(r, s, t):
    """The point at t with as much probability below it as r has at s, by bisection."""
    level = cumulative(r, s)
    low, high = torch.full_like(r, -9.0), torch.full_like(r, 9.0)
    for _ in range(60):
        middle = (low + high) / 2
        under = cumulative(middle, t) < level
        low, high = torch.where(under, middle, low), torch.where(under, high, middle)
    return (low + high) / 2


@pytest.fixture
def draw():
    generator = Generator().manual_seed(0)
    noise = torch.randn(6, 5, 2, generator=generator, dtype=torch.float64)
    s, t = 0.8 * torch.rand(2, 6, generator=generator, dtype=torch.float64).sort(dim=0).values
    split = torch.rand(6, generator=generator, dtype=torch.float64)
    category = torch.randint(2, (6, 5), generator=generator)
    return CategoricalSample(noise, category, s, t, split)


def test_the_velocity_of_the_exact_map_of_two_bins_is_the_formula_of_tanh(draw):
    """dX/dt at t = s is (p - x) / (1 - s), with p_1 - p_2 = tanh(s r / sqrt(2) / (1 - s)^2)."""
    x, s, step = draw.at(draw.s), draw.s, 1e-5
    r = (x[..., 0] - x[..., 1]) * CORNER
    slope = (carried(r, s[:, None], s[:, None] + step) - r) / step
    gap = torch.tanh(s[:, None] * r * CORNER / (1 - s[:, None]) ** 2)
    torch.testing.assert_close(slope, (gap * CORNER - r) / (1 - s[:, None]), atol=1e-3, rtol=1e-3)


def test_the_semigroup_vanishes_at_the_exact_map(draw):
    flow = CategoricalFlowMap(two_bins)
    divergence = semigroup(flow, flow, draw)
    torch.testing.assert_close(divergence, torch.zeros_like(divergence), atol=1e-9, rtol=0)


def test_the_target_of_the_semigroup_is_the_end_of_two_jumps(draw):
    """X(X(x, s, m), m, t) = x + g (p* - x) for the mixture p*, whatever the network says."""
    flow = CategoricalFlowMap(lambda x, s, t: 2 * x + per_item(t - s))
    seen = []

    def student(x, s, t):
        seen.append((x, s, t))
        return torch.zeros_like(x)

    x, s, t = draw.at(draw.s), draw.s, draw.t
    middle = torch.lerp(s, t, draw.split)
    two = flow.jump(flow.jump(x, s, middle), middle, t)
    target = x + (two - x) / per_item((t - s) / (1 - s))
    against = torch.full_like(target, 0.5).log()
    expected = (target * (target.log() - against)).sum(dim=2)
    divergence = semigroup(CategoricalFlowMap(student), flow, draw)
    torch.testing.assert_close(divergence, expected)
    torch.testing.assert_close(seen[0][0], x)


def test_a_wrong_map_is_noticed(draw):
    wrong = CategoricalFlowMap(lambda x, s, t: 1.1 * two_bins(x, s, t) + per_item(t) * x)
    assert semigroup(wrong, CategoricalFlowMap(two_bins), draw).mean() > 1e-3


def test_the_diagonal_is_least_at_the_true_probabilities():
    generator = Generator().manual_seed(1)
    category = torch.multinomial(WEIGHTS, 4000, replacement=True, generator=generator)[:, None]
    noise = torch.randn(4000, 1, 4, generator=generator, dtype=torch.float64)
    t = 0.95 * torch.rand(4000, generator=generator, dtype=torch.float64)
    draw = CategoricalSample(noise, category, t / 2, t, t)
    right = denoising(CategoricalFlowMap(posterior), CategoricalFlowMap(posterior), draw)
    at_t = posterior(draw.at(t), t, t).log_softmax(dim=2)
    torch.testing.assert_close(right, -at_t.gather(2, category[..., None])[..., 0])
    for other in (0.7, 1.4):
        flow = CategoricalFlowMap(lambda x, s, t, other=other: other * posterior(x, s, t))
        worse = denoising(flow, flow, draw) - right
        assert worse.mean() > 4 * worse.std() / 4000**0.5


@pytest.mark.parametrize("term", [denoising, semigroup])
def test_a_term_trains_the_student_alone(term, draw):
    student, teacher = (torch.ones((), dtype=torch.float64, requires_grad=True) for _ in range(2))
    loss = term(
        CategoricalFlowMap(lambda x, s, t: student * x),
        CategoricalFlowMap(lambda x, s, t: teacher * x),
        draw,
    )
    loss.mean().backward()
    assert student.grad.abs() > 0
    assert teacher.grad is None


def test_the_velocity_carries_noise_to_the_frequencies_of_the_data():
    """By 100 steps of the exact velocity, each category is met as often as in the data."""
    noise = torch.randn(2000, 1, 4, generator=Generator().manual_seed(2), dtype=torch.float64)
    flow = CategoricalFlowMap(lambda x, s, t: posterior(x, s, t))
    found = flow.sample(noise, 100)
    shares = found.flatten().bincount(minlength=4) / len(noise)
    torch.testing.assert_close(shares.double(), WEIGHTS, atol=0.035, rtol=0)


def test_one_step_goes_to_the_largest_probability_at_the_end():
    x = torch.randn(3, 5, 4, generator=Generator().manual_seed(3))
    flow = CategoricalFlowMap(lambda x, s, t: x.roll(1, dims=2))
    assert torch.equal(flow.sample(x, 1), x.roll(1, dims=2).argmax(dim=2))


class Small(nn.Module):
    """A network of four categories without any text."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 4)
        )

    def forward(self, x, s, t):
        times = torch.stack([s, t], dim=1)[:, None].expand(-1, x.shape[1], -1)
        return self.layers(torch.cat([x, times], dim=2))


@pytest.mark.slow
def test_a_trained_map_draws_the_data_in_one_step():
    """The histogram of one step is that of the data, and its probabilities are almost certain."""
    torch.manual_seed(0)
    generator, network, steps = Generator().manual_seed(0), Small(), 600
    flow = CategoricalFlowMap(network)
    optimizer = torch.optim.AdamW(network.parameters(), 4e-3)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 4e-3 * min(1.0, 2 * (1 - step / steps))
        loss = toy_loss(flow, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    noise = torch.randn(20000, 1, 4, generator=generator)
    shares = flow.sample(noise, 1).flatten().bincount(minlength=4) / len(noise)
    torch.testing.assert_close(shares.double(), WEIGHTS, atol=0.08, rtol=0)
    zero = torch.zeros(len(noise))
    assert flow.endpoint(noise, zero, zero + 1).amax(dim=2).median() > 0.9


def toy_loss(flow, generator, count=256):
    """Both terms on data of `WEIGHTS`; three in ten jumps go from noise to data."""
    category = torch.multinomial(WEIGHTS.float(), count, replacement=True, generator=generator)
    noise = torch.randn(count, 1, 4, generator=generator)
    s, t = torch.rand(2, count, generator=generator).sort(dim=0).values
    s[: 3 * count // 10], t[: 3 * count // 10] = 0, 1
    split, time = torch.rand(2, count, generator=generator)
    draws = (
        CategoricalSample(noise, category[:, None], *times, split)
        for times in ((time, time), (s, t))
    )
    terms = zip((denoising, semigroup), draws, strict=True)
    return sum(term(flow, flow, draw).mean() for term, draw in terms)

"""Steering on Gaussian data, where the steered distribution is known."""

from itertools import pairwise

import pytest
import torch

from tests.toys import Gaussian
from tts.acoustic.flow import FlowMap
from tts.steering.ascent import NoiseAscent
from tts.steering.tilting import Particles, Tilting, systematic

TOY = Gaussian(mean=0.7, deviation=0.4)
FLOW = FlowMap(TOY.exact)
ITEMS = 10_000


def linear(x):
    return x.sum(dim=(1, 2))


def curved(x):
    return -(x**2).sum(dim=(1, 2)) / 2


def even_noise(count, deviation, frames=1):
    """Quantiles in random orders: the moments are those of the distribution, for any draw."""
    quantiles = torch.special.ndtri((torch.arange(count) + 0.5) / count)
    generator = torch.Generator().manual_seed(1)
    orders = [torch.randperm(count, generator=generator) for _ in range(frames)]
    return deviation * torch.stack([quantiles[order] for order in orders], dim=1)[..., None]


def moments(particles):
    """Weighted mean and variance, the same for each frame."""
    weights, x = particles.weights[:, None], particles.states[..., 0]
    mean = (weights * x).sum(dim=0)
    return mean.mean().item(), (weights * (x - mean) ** 2).sum(dim=0).mean().item()


def test_tilting_shifts_a_gaussian_by_strength_times_variance():
    noise, generator = even_noise(ITEMS, 0.6, frames=4), torch.Generator().manual_seed(1)
    flow = FlowMap(Gaussian(mean=0.0, deviation=0.4).exact)
    found = Tilting(linear, strength=2.5, steps=60).tilt(flow, noise, generator, deviation=0.6)
    variance = (0.4 * 0.6) ** 2
    assert moments(found) == pytest.approx((2.5 * variance, variance), rel=0.02)
    assert found.effective > 0.5 * ITEMS


def test_tilting_narrows_a_gaussian_by_a_curved_reward():
    """The product of two Gaussians, of precisions 1 / .16 and 5."""
    noise, generator = even_noise(ITEMS, 1.0, frames=4), torch.Generator().manual_seed(0)
    found = Tilting(curved, strength=5.0, steps=40).tilt(FLOW, noise, generator)
    precision = 1 / 0.16 + 5
    assert moments(found) == pytest.approx((0.7 / 0.16 / precision, 1 / precision), rel=0.04)


@pytest.mark.parametrize("deviation", [1.0, 0.6])
def test_ascent_shifts_each_sample_by_strength_times_variance(deviation):
    noise = even_noise(100, deviation)
    ascent = NoiseAscent(linear, strength=1.5, reach=1e6, steps=1)
    found = FLOW.sample(ascent.climb(FLOW, noise, deviation=deviation), 1)
    shift = 1.5 * (0.4 * deviation) ** 2
    torch.testing.assert_close(found, 0.7 + 0.4 * noise + shift)


def test_ascent_finds_the_maximum_of_a_curved_reward():
    """Of -5 (.7 + .4 z)^2 / 2 - (z - z0)^2 / (2 .6^2), where its derivative is zero."""
    noise = even_noise(100, 0.6)
    ascent = NoiseAscent(curved, strength=5.0, reach=1e6, steps=30)
    found = ascent.climb(FLOW, noise, deviation=0.6)
    expected = (noise - 0.36 * 5 * 0.4 * 0.7) / (1 + 0.36 * 5 * 0.4**2)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("jumps", [1, 3])
@pytest.mark.parametrize("reach", [0.1, 0.3])
def test_ascent_without_a_strength_goes_as_far_as_it_may(reach, jumps):
    noise = torch.randn(5, 8, 3, dtype=torch.float64)
    found = NoiseAscent(linear, reach=reach, steps=3).climb(FLOW, noise, jumps=jumps)
    moved, length = (found - noise).flatten(1), noise.flatten(1).norm(dim=1)
    torch.testing.assert_close(moved.norm(dim=1), reach * length)
    torch.testing.assert_close(moved, moved[:, :1].expand_as(moved))  # along the gradient


def test_no_reward_falls_however_rough_it_is():
    def rough(x):
        return (30 * x).sin().sum(dim=(1, 2))

    noise = torch.randn(50, 4, 2, dtype=torch.float64)
    rewards = [
        rough(FLOW.sample(NoiseAscent(rough, steps=steps).climb(FLOW, noise), 1))
        for steps in (1, 4, 12)
    ]
    rewards.insert(0, rough(FLOW.sample(noise, 1)))
    for before, after in pairwise(rewards):
        assert (after >= before).all()
    assert rewards[-1].mean() > rewards[0].mean() + 1


def test_resampling_takes_each_as_often_as_its_weight_says():
    weights = torch.tensor([0.5, 0.125, 0.3, 0.075], dtype=torch.float64)
    for seed in range(20):
        drawn = systematic(weights, torch.Generator().manual_seed(seed), count=40)
        counts = torch.bincount(drawn, minlength=4)
        assert ((counts - 40 * weights).abs() < 1).all()


def test_one_state_is_drawn_by_the_weights():
    states = torch.arange(3.0, dtype=torch.float64)[:, None, None]
    particles = Particles(states, torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64).log())
    generator = torch.Generator().manual_seed(0)
    drawn = torch.cat([particles.draw(generator) for _ in range(300)]).flatten()
    shares = torch.bincount(drawn.long()) / 300
    torch.testing.assert_close(shares, torch.tensor([0.2, 0.5, 0.3]), atol=0.08, rtol=0)

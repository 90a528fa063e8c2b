"""Distributions whose flow maps are known in closed form, and a network small enough for them."""

from dataclasses import dataclass

import torch
from torch import nn

from tts.flow import per_item


@dataclass(frozen=True)
class Gaussian:
    """Data from N(mean, deviation^2) in every channel."""

    mean: float
    deviation: float

    def spread(self, time):
        return ((1 - time) ** 2 + (time * self.deviation) ** 2).sqrt()

    def exact(self, x, s, t):
        """u(x, s, t) = m + (spread(t) / spread(s) - 1) / (t - s) (x - s m)."""
        span = (t - s).abs().clamp(min=1e-9) * torch.where(t < s, -1.0, 1.0)
        slope = (self.deviation**2 * s - (1 - s)) / self.spread(s) ** 2
        gain = torch.where(
            (t - s).abs() < 1e-6, slope, (self.spread(t) / self.spread(s) - 1) / span
        )
        return self.mean + per_item(gain) * (x - per_item(s) * self.mean)

    def sample(self, shape, chance):
        return self.mean + self.deviation * torch.randn(shape, generator=chance)


class Toy(nn.Module):
    """A small network of (x, s, t - s), for one channel."""

    def __init__(self, dim=64):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3, dim), nn.SiLU(), nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, 1)
        )

    def forward(self, x, s, t):
        times = torch.stack([s, t - s], dim=1)[:, None].expand(-1, x.shape[1], -1)
        return self.net(torch.cat([x, times], dim=2))

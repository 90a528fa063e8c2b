"""Distributions whose flow maps are known in closed form, a network small enough for them, and
features of clips that nobody said."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from tts.training.data.features import ClipFeatures, write_features

from tts.acoustic.flow import per_item

TINY_MODEL = (
    "model.voice_dim=8", "model.encoder.dim=16", "model.encoder.depth=1", "model.encoder.heads=2",
    "model.prosody.dim=16", "model.prosody.depth=1", "model.prosody.heads=2",
    "model.decoder.dim=16", "model.decoder.depth=1", "batch=4", "crop=32", "log_every=1",
)  # fmt: skip


def write_toy_features(folder, sets=("heart", "val")):
    """Four clips of noise a set, by two voices, as `prepare` writes them."""
    generator, durations = (
        np.random.default_rng(0),
        (4, 5, 0, 8, 7, 9, 6, 0, 5, 0, 8, 5, 4, 5, 5, 6),
    )
    for name in sets:
        clips = [
            ClipFeatures(
                id=f"{name}{index}",
                voice=("heart", "michael")[index % 2],
                text="Hello, world.",
                convention="misaki",
                symbols="^hˈɛlO, wˈɜɹld.$",
                durations=durations,
                pitch=tuple(generator.normal(5, 0.2, 16).round(4).tolist()),
                level=tuple(generator.normal(-30, 5, 16).round(4).tolist()),
            )
            for index in range(4)
        ]
        frames = sum(durations) * len(clips)
        mels = generator.uniform(-7, 1, (frames, 100)).astype(np.float16)
        write_features(folder / name, clips, mels)


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

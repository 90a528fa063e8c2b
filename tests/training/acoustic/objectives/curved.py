"""A path whose trajectories bend, its exact flow map, and wrong ones; all in float64."""

import torch
from tts.training.acoustic.objectives import PathSample

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
    """Not even linear in the state, so that each derivative counts."""
    return 1.1 * exact(x, s, t) + 0.1 * per_item(t) * x + 0.05 * (x + per_item(s)).sin()


def curved_draw(progress=1.0):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(5, 7, 3, generator=generator, dtype=torch.float64)
    s, t = torch.rand(2, 5, generator=generator, dtype=torch.float64).sort(dim=0).values
    split = torch.rand(5, generator=generator, dtype=torch.float64)
    data = a(torch.ones(5, dtype=torch.float64)) * noise + b(torch.ones(5, dtype=torch.float64))
    return CurvedDraw(noise, data, s, t, split, progress)


def teacher_of(draw, name):
    """A right teacher: the path's velocity, or the exact map."""
    return FlowMap((lambda x, s, t: draw.velocity(s)) if name == "path" else exact)

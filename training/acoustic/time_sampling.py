"""Laws for the two times of a jump: each draws s <= t for every item of a batch."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

TimeSampler = Callable[[int, float, Generator], tuple[Tensor, Tensor]]


def diagonal(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """No interval: four in five logit-normal, where the velocity is hard; the rest uniform."""
    normal = torch.randn(count, generator=generator, device=generator.device).sigmoid()
    uniform = torch.rand(count, generator=generator, device=generator.device)
    logit = torch.rand(count, generator=generator, device=generator.device) < 0.8
    time = torch.where(logit, normal, uniform)
    return time, time


def deployed(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """70 % two sorted uniform times, 15 % the whole way, 15 % from one of its ends; all clipped."""
    s, t = torch.rand(2, count, generator=generator, device=generator.device).sort(dim=0).values
    kind = torch.rand(count, generator=generator, device=generator.device)
    s = torch.where((kind < 0.15) | (kind > 0.925), 0.0, s)
    t = torch.where(kind < 0.225, 1.0, t)
    near_data = torch.rand(count, generator=generator, device=generator.device) < 0.5
    clipped = torch.where(near_data, torch.maximum(s, t - max_interval), s)
    return clipped, torch.minimum(t, clipped + max_interval)


def whole(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """The one jump from noise to data."""
    s = torch.zeros(count, device=generator.device)
    return s, s + 1


TIME_SAMPLERS: dict[str, TimeSampler] = {law.__name__: law for law in (diagonal, deployed, whole)}

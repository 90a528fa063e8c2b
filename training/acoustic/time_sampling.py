"""Laws for the two times of a jump: each draws s <= t for every item of a batch."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

Law = Callable[[int, float, Generator], tuple[Tensor, Tensor]]


def diagonal(count: int, longest: float, chance: Generator) -> tuple[Tensor, Tensor]:
    """No interval: four in five logit-normal, where the velocity is hard; the rest uniform."""
    normal = torch.randn(count, generator=chance, device=chance.device).sigmoid()
    uniform = torch.rand(count, generator=chance, device=chance.device)
    logit = torch.rand(count, generator=chance, device=chance.device) < 0.8
    time = torch.where(logit, normal, uniform)
    return time, time


def deployed(count: int, longest: float, chance: Generator) -> tuple[Tensor, Tensor]:
    """70 % two sorted uniform times, 15 % the whole way, 15 % from one of its ends; all clipped."""
    s, t = torch.rand(2, count, generator=chance, device=chance.device).sort(dim=0).values
    kind = torch.rand(count, generator=chance, device=chance.device)
    s = torch.where((kind < 0.15) | (kind > 0.925), 0.0, s)
    t = torch.where(kind < 0.225, 1.0, t)
    near_data = torch.rand(count, generator=chance, device=chance.device) < 0.5
    clipped = torch.where(near_data, torch.maximum(s, t - longest), s)
    return clipped, torch.minimum(t, clipped + longest)


def whole(count: int, longest: float, chance: Generator) -> tuple[Tensor, Tensor]:
    """The one jump from noise to data."""
    s = torch.zeros(count, device=chance.device)
    return s, s + 1


TIMES: dict[str, Law] = {law.__name__: law for law in (diagonal, deployed, whole)}

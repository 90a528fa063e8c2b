"""Samplers of the start and end times of jumps.

Each takes the number of items, the longest interval t - s, and a generator. It returns s and t,
each of shape (count,), with 0 <= s <= t <= 1. Time runs from noise (0) to data (1).
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

TimeSampler = Callable[[int, float, Generator], tuple[Tensor, Tensor]]


def diagonal(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """s = t: of four in five items logit-normal(0, 1), of the others uniform.

    Logit-normal times (arXiv 2403.03206) are denser in the middle, where the velocity is hardest to
    predict; uniform ones keep some near data. The share of 0.8 is chosen by hand; not tuned.
    """
    normal = torch.randn(count, generator=generator, device=generator.device).sigmoid()
    uniform = torch.rand(count, generator=generator, device=generator.device)
    logit = torch.rand(count, generator=generator, device=generator.device) < 0.8
    time = torch.where(logit, normal, uniform)
    return time, time


def deployed(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Intervals for the semigroup term; none is longer than `max_interval`.

    70 % are two sorted uniform times, as in public code of SplitMeanFlow; 15 % are (0, 1), the jump
    of one-step synthesis, which uniform times almost never give; 7.5 % start at 0 and 7.5 % end at
    1. Shares are chosen by hand. More of (0, 1) changed nothing (docs/log, 2026-11-28). A longer
    interval is cut at one of its ends, each with a probability of one half.
    """
    s, t = torch.rand(2, count, generator=generator, device=generator.device).sort(dim=0).values
    kind = torch.rand(count, generator=generator, device=generator.device)
    s = torch.where((kind < 0.15) | (kind > 0.925), 0.0, s)
    t = torch.where(kind < 0.225, 1.0, t)
    near_data = torch.rand(count, generator=generator, device=generator.device) < 0.5
    clipped = torch.where(near_data, torch.maximum(s, t - max_interval), s)
    return clipped, torch.minimum(t, clipped + max_interval)


def whole(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Always (0, 1), the jump from noise to data."""
    s = torch.zeros(count, device=generator.device)
    return s, s + 1


TIME_SAMPLERS: dict[str, TimeSampler] = {law.__name__: law for law in (diagonal, deployed, whole)}

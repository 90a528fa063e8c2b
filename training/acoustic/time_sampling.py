"""Samplers of the start and end times of jumps.

Each takes the number of items, the longest interval t - s, and a generator. It returns s and t,
each of shape (count,), from 0 to 1, with s <= t except for `backward` and `both_ways`. Time runs
from noise (0) to data (1). Papers whose time runs from data to noise have 1 - t here, which turns
the sign of a logit-normal mean.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

TimeSampler = Callable[[int, float, Generator], tuple[Tensor, Tensor]]

SHORTEST_HALVINGS = 7  # the shortest dyadic jump is 1/128, the base of shortcut models
LOGIT_NORMAL_MEAN = 0.4  # -0.4 in the time of MeanFlow and of terminal velocity matching
GAP_MEAN = -0.8  # of the logit of a gap, in the public code of terminal velocity matching


def diagonal(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """s = t: of four in five items logit-normal(0, 1), of the others uniform.

    Logit-normal times (arXiv 2403.03206) are denser in the middle, where the velocity is hardest to
    predict; uniform ones keep some near data. The share of 0.8 is chosen by hand; not tuned.
    """
    normal = _normal(count, generator).sigmoid()
    uniform = _uniform(count, generator)
    logit = _uniform(count, generator) < 0.8
    time = torch.where(logit, normal, uniform)
    return time, time


def uniform_diagonal(
    count: int, max_interval: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """s = t, uniform."""
    time = _uniform(count, generator)
    return time, time


def deployed(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Intervals for the semigroup term; none is longer than `max_interval`.

    70 % are two sorted uniform times, as in public code of SplitMeanFlow; 15 % are (0, 1), the jump
    of one-step synthesis, which uniform times almost never give; 7.5 % start at 0 and 7.5 % end at
    1. Shares are chosen by hand. More of (0, 1) changed nothing (docs/log, 2026-11-28). A longer
    interval is cut at one of its ends, each with a probability of one half.
    """
    s, t = _sorted_uniform(count, generator)
    kind = _uniform(count, generator)
    s = torch.where((kind < 0.15) | (kind > 0.925), 0.0, s)
    t = torch.where(kind < 0.225, 1.0, t)
    return _cut(s, t, max_interval, generator)


def uniform(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Two sorted uniform times; a longer interval than `max_interval` is cut as in `deployed`."""
    return _cut(*_sorted_uniform(count, generator), max_interval, generator)


def whole(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Always (0, 1), the jump from noise to data."""
    s = torch.zeros(count, device=generator.device)
    return s, s + 1


def to_data(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """From a uniform time to data, the jumps of consistency models (arXiv 2303.01469)."""
    s = _uniform(count, generator)
    return s, torch.ones_like(s)


def dyadic(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Jumps of 1, 1/2, 1/4 to 1/64 that start at a multiple of their length.

    Those of shortcut models (arXiv 2410.12557, section 3.2), whose targets are two jumps of half
    the length, at least 1/128. All lengths are as likely; none is longer than `max_interval`, but
    for the shortest.
    """
    halvings = (_uniform(count, generator) * SHORTEST_HALVINGS).floor()
    length = 0.5**halvings
    halved = (length / max_interval).log2().ceil().clamp(min=0)
    length = (length * 0.5**halved).clamp(min=0.5 ** (SHORTEST_HALVINGS - 1))
    s = (_uniform(count, generator) / length).floor() * length
    return s, s + length


def logit_normal(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Two sorted logit-normal(0.4, 1) times, as in the public code of MeanFlow (arXiv 2505.13447).

    A longer interval than `max_interval` is cut as in `deployed`. The share of items without a
    length is the term's.
    """
    times = (_normal(2 * count, generator) + LOGIT_NORMAL_MEAN).sigmoid().view(2, count)
    s, t = times.sort(dim=0).values
    return _cut(s, t, max_interval, generator)


def gap_sigmoid(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """A gap whose logit is normal(-0.8, 1), then the end of the jump, where it leaves room.

    The end is logit-normal(0.4, 1), truncated to times from the gap to 1, as in the public code of
    terminal velocity matching (arXiv 2511.19797). A gap is at most `max_interval`.
    """
    gap = (_normal(count, generator) + GAP_MEAN).sigmoid().clamp(max=max_interval)
    lowest = torch.special.ndtr(gap.logit() - LOGIT_NORMAL_MEAN)
    place = torch.lerp(lowest, torch.ones_like(lowest), _uniform(count, generator))
    end = (torch.special.ndtri(place.double()).float() + LOGIT_NORMAL_MEAN).sigmoid()
    t = end.clamp(max=1.0).maximum(gap)
    return t - gap, t


def backward(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Jumps from data towards noise, t <= s: the times of `uniform` with their ends exchanged."""
    s, t = uniform(count, max_interval, generator)
    return t, s


def both_ways(count: int, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Two uniform times in any order, for maps of both directions (arXiv 2406.07507)."""
    s, t = uniform(count, max_interval, generator)
    turned = _uniform(count, generator) < 0.5
    return torch.where(turned, t, s), torch.where(turned, s, t)


def without_length(
    times: tuple[Tensor, Tensor], share: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """The same times, but t = s in a share of the items, chosen at random.

    Args:
        times: s and t, each of shape (count,).
        share: 0 to 1.
        generator: chooses the items.
    """
    s, t = times
    return s, torch.where(_uniform(len(s), generator) < share, s, t)


def _uniform(count: int, generator: Generator) -> Tensor:
    return torch.rand(count, generator=generator, device=generator.device)


def _normal(count: int, generator: Generator) -> Tensor:
    return torch.randn(count, generator=generator, device=generator.device)


def _sorted_uniform(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    s, t = torch.rand(2, count, generator=generator, device=generator.device).sort(dim=0).values
    return s, t


def _cut(s: Tensor, t: Tensor, max_interval: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Intervals of at most `max_interval`: a longer one is cut at one of its ends, at random."""
    near_data = _uniform(len(s), generator) < 0.5
    clipped = torch.where(near_data, torch.maximum(s, t - max_interval), s)
    return clipped, torch.minimum(t, clipped + max_interval)


DIAGONALS = (diagonal.__name__, uniform_diagonal.__name__)  # whose jumps have no length
TIME_SAMPLERS: dict[str, TimeSampler] = {
    sampler.__name__: sampler
    for sampler in (
        diagonal,
        uniform_diagonal,
        deployed,
        uniform,
        whole,
        to_data,
        dyadic,
        logit_normal,
        gap_sigmoid,
        backward,
        both_ways,
    )
}

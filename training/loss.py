"""From residuals to numbers: terms, their shares of a batch, and the mean over what is real."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from training.objectives import OBJECTIVES, Draw
from training.times import TIMES
from tts.flow import FlowMap, Mel


@dataclass(frozen=True, kw_only=True, slots=True)
class Ramp:
    """A number that goes straight from `start` to `end` by the time progress reaches `until`."""

    start: float
    end: float
    until: float = 1.0

    def at(self, progress: float) -> float:
        return self.start + (self.end - self.start) * min(1.0, progress / self.until)


ONE = Ramp(start=1.0, end=1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One objective on its share of each batch: which teacher answers, how times are drawn."""

    objective: str
    times: str
    teacher: str = "student"
    share: Ramp = ONE
    longest: Ramp = ONE

    def __post_init__(self) -> None:
        for value, known in ((self.objective, OBJECTIVES), (self.times, TIMES)):
            if value not in known:
                raise ValueError(f"expected one of {', '.join(known)}, not {value!r}")
        if self.teacher not in ("student", "frozen"):
            raise ValueError(f"a teacher is 'student' or 'frozen', not {self.teacher!r}")


Maps = Callable[[str, slice], FlowMap]


def flow_map_loss(
    terms: Sequence[Term],
    maps: Maps,
    data: Mel,
    mask: Bool[Tensor, "batch frames"],
    chance: Generator,
    *,
    progress: float = 0.0,
) -> dict[str, Float[Tensor, ""]]:
    """What each term contributes, by objective; the sum, every item counting alike, is to fall."""
    noise = torch.randn(data.shape, generator=chance, device=data.device)
    split = torch.rand(len(data), generator=chance, device=data.device)
    parts = {}
    for term, items in zip(terms, _shares(terms, len(data), progress), strict=True):
        count = items.stop - items.start
        if count:
            s, t = TIMES[term.times](count, term.longest.at(progress), chance)
            draw = Draw(noise[items], data[items], s, t, split[items])
            student, teacher = maps("student", items), maps(term.teacher, items)
            residual = OBJECTIVES[term.objective](student, teacher, draw)
            parts[term.objective] = mean_square(residual, mask[items]) * count / len(data)
    return parts


def _shares(terms: Sequence[Term], count: int, progress: float) -> list[slice]:
    """Neighbouring slices of a batch, as near to the terms' shares as whole items allow."""
    shares = [term.share.at(progress) for term in terms]
    ends, total = [0], 0.0
    for share in shares:
        total += share
        ends.append(round(count * total / sum(shares)))
    return [slice(start, stop) for start, stop in zip(ends, ends[1:], strict=False)]


def mean_square(residual: Mel, mask: Bool[Tensor, "batch frames"]) -> Float[Tensor, ""]:
    """Mean square over all real frames; what lies in the padding counts for nothing."""
    frames = residual.float().square().mean(dim=2)
    return (frames * mask).sum() / mask.sum().clamp(min=1)

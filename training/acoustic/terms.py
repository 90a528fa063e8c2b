"""From residuals to numbers: terms, their shares of a batch, and the mean over what is real."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, starmap

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from tts.acoustic.flow import FlowMap, Mel
from tts.validation import check_types

from .objectives import OBJECTIVES, PathSample
from .time_sampling import TIME_SAMPLERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Ramp:
    """A number that goes straight from `start` to `end` as progress goes from `since` to `until`.

    Before, it is `start`; after, it is `end`.
    """

    start: float
    end: float
    until: float = 1.0
    since: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        if not 0 <= self.since < self.until <= 1:
            raise ValueError(
                f"a ramp goes from a progress to a later one, not from {self.since} to {self.until}"
            )

    def at(self, progress: float) -> float:
        passed = (progress - self.since) / (self.until - self.since)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, passed))


MAPS = ("prosody", "mel")
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
        check_types(self)
        for value, known in ((self.objective, OBJECTIVES), (self.times, TIME_SAMPLERS)):
            if value not in known:
                raise ValueError(f"expected one of {', '.join(known)}, not {value!r}")
        if self.teacher not in ("student", "frozen"):
            raise ValueError(f"a teacher is 'student' or 'frozen', not {self.teacher!r}")


@dataclass(frozen=True)
class TrainingStep:
    """One step's teaching: its terms, how far the run has come, and where chance comes from.

    Args:
        maps: the flow maps that learn, of `prosody` and `mel`; the reading of the text learns by
            the mel.
        masked: share of the symbols that the encoder is not told.
    """

    terms: Sequence[Term]
    generator: Generator
    progress: float = 0.0
    maps: Sequence[str] = MAPS
    masked: float = 0.0


Maps = Callable[[str, slice], FlowMap]


def flow_map_loss(
    training_step: TrainingStep, maps: Maps, data: Mel, mask: Bool[Tensor, "batch frames"]
) -> dict[str, Float[Tensor, ""]]:
    """What each term contributes, by objective; the sum is to fall."""
    generator, progress = training_step.generator, training_step.progress
    noise = torch.randn(data.shape, generator=generator, device=data.device)
    split = torch.rand(len(data), generator=generator, device=data.device)
    parts: dict[str, Tensor] = {}
    for term, items in _shares(training_step.terms, len(data), progress):
        count = items.stop - items.start
        if count:
            s, t = TIME_SAMPLERS[term.times](count, term.longest.at(progress), generator)
            draw = PathSample(noise[items], data[items], s, t, split[items])
            student, teacher = maps("student", items), maps(term.teacher, items)
            residual = OBJECTIVES[term.objective](student, teacher, draw)
            share = mean_square(residual, mask[items]) * count / len(data)
            parts[term.objective] = parts.get(term.objective, 0) + share
    return parts


def _shares(terms: Sequence[Term], count: int, progress: float) -> Iterator[tuple[Term, slice]]:
    """Each term's slice of a batch: neighbours, as near to their shares as whole items allow."""
    shares = [term.share.at(progress) for term in terms]
    ends = [round(count * total / sum(shares)) for total in accumulate(shares, initial=0.0)]
    yield from zip(terms, starmap(slice, pairwise(ends)), strict=True)


def mean_square(residual: Mel, mask: Bool[Tensor, "batch frames"]) -> Float[Tensor, ""]:
    """Mean square over all real frames; what lies in the padding counts for nothing."""
    frames = residual.float().square().mean(dim=2)
    return (frames * mask).sum() / mask.sum().clamp(min=1)

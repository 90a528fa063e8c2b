"""Terms of the flow-map loss: objectives, their shares of a batch, and the masked mean."""

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
    """A number that changes linearly with the progress of a run.

    Args:
        start: value up to the progress `since`.
        end: value from the progress `until` on.
        until: progress at which it ends, above `since`, at most 1.
        since: progress at which it begins, at least 0.

    Raises:
        ValueError: a value is of the wrong type, or `since` and `until` are out of order.
    """

    start: float
    end: float
    until: float = 1.0
    since: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        if not 0 <= self.since < self.until <= 1:
            raise ValueError(
                "a ramp must have 0 <= since < until <= 1, "
                f"got since={self.since} and until={self.until}"
            )

    def at(self, progress: float) -> float:
        """The value at a progress from 0 to 1."""
        passed = (progress - self.since) / (self.until - self.since)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, passed))


MAPS = ("prosody", "mel")
ONE = Ramp(start=1.0, end=1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One objective, trained on its share of each batch.

    Args:
        objective: name of one of `OBJECTIVES`.
        times: name of one of `TIME_SAMPLERS`, which draws the jumps' start and end times.
        teacher: `student` for targets from the network in training itself, without gradient, or
            `frozen` for targets from the run's teacher. `flow_matching` needs none.
        share: part of the batch, over the progress; shares are divided by their sum.
        longest: longest interval `t - s` of a jump, over the progress, above 0 to 1; of the
            samplers only `deployed` uses it.

    Raises:
        ValueError: a name is unknown, or a value is of the wrong type.
    """

    objective: str
    times: str
    teacher: str = "student"
    share: Ramp = ONE
    longest: Ramp = ONE

    def __post_init__(self) -> None:
        check_types(self)
        for name, known in (("objective", OBJECTIVES), ("times", TIME_SAMPLERS)):
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}; got {value!r}")
        if self.teacher not in ("student", "frozen"):
            raise ValueError(f"teacher must be one of student, frozen; got {self.teacher!r}")


@dataclass(frozen=True)
class TrainingStep:
    """What the losses of one training step depend on beside the models and the batch.

    Args:
        terms: the objectives and their shares of the batch.
        generator: source of noise and times, on the device of the batch.
        progress: of the run, 0 to 1.
        maps: the flow maps to train, of `prosody` and `mel`; the text encoder is trained with
            `mel`.
        masked: probability that a symbol is hidden from the encoder.
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
    """The loss of one flow map over a batch, in the parts that its objectives contribute.

    Args:
        training_step: terms, progress and generator.
        maps: gives the flow map of a model (`student` or `frozen`), conditioned on some items.
        data: the end of the path, in normalised units: mels of (batch, frames, bands), or
            prosody of (batch, text, 3).
        mask: true where a frame, or a symbol, is real.

    Returns:
        By objective, a scalar: the mean square of its residual over its items, times their part
        of the batch. The sum is minimised.
    """
    generator, progress = training_step.generator, training_step.progress
    noise = torch.randn(data.shape, generator=generator, device=data.device)
    split = torch.rand(len(data), generator=generator, device=data.device)
    parts: dict[str, Tensor] = {}
    for term, items in _shares(training_step.terms, len(data), progress):
        count = items.stop - items.start
        if count:
            s, t = TIME_SAMPLERS[term.times](count, term.longest.at(progress), generator)
            draw = PathSample(noise[items], data[items], s, t, split[items], progress)
            student, teacher = maps("student", items), maps(term.teacher, items)
            residual = OBJECTIVES[term.objective].formula(student, teacher, draw)
            share = mean_square(residual, mask[items]) * count / len(data)
            parts[term.objective] = parts.get(term.objective, 0) + share
    return parts


def _shares(terms: Sequence[Term], count: int, progress: float) -> Iterator[tuple[Term, slice]]:
    """Each term with its slice of a batch; slices are adjacent, rounded to whole items."""
    shares = [term.share.at(progress) for term in terms]
    ends = [round(count * total / sum(shares)) for total in accumulate(shares, initial=0.0)]
    yield from zip(terms, starmap(slice, pairwise(ends)), strict=True)


def mean_square(residual: Mel, mask: Bool[Tensor, "batch frames"]) -> Float[Tensor, ""]:
    """Mean square over all real frames and all bands; padding counts for nothing."""
    frames = residual.float().square().mean(dim=2)
    return (frames * mask).sum() / mask.sum().clamp(min=1)

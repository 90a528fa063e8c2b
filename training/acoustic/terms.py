"""Terms of the flow-map loss: objectives, their shares of a batch, and the masked mean."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise, starmap

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from tts.acoustic.flow import Mel
from tts.acoustic.layers import precise
from tts.validation import check_ranges, check_types

from .guidance import Guidance
from .objectives import OBJECTIVES, TEACHERS, PathSample
from .teachers import Maps, bind_path
from .time_sampling import DIAGONALS, TIME_SAMPLERS, without_length
from .weighting import LEARNED, WEIGHTING_NAMES, WEIGHTINGS, Uncertainty


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
        teacher: name of one of `TEACHERS`, whose flow map gives the targets; `flow_matching` needs
            none.
        share: part of the batch, over the progress, at least 0; shares are divided by their sum.
        longest: longest interval of a jump, over the progress, above 0 to 1; the samplers
            `whole` and `to_data` do not use it.
        flat: share of the term's items whose jump has no length (t = s), 0 to 1.
        weighting: name of one of `WEIGHTING_NAMES`, which makes the losses of items from their
            mean squares.
        power: exponent of the weighting `adaptive`, 0 to 1.

    Raises:
        ValueError: a name is unknown, a value is of the wrong type or out of range, or the
            objective cannot have the teacher or learns nothing from the times.
    """

    objective: str
    times: str
    teacher: str = "student"
    share: Ramp = ONE
    longest: Ramp = ONE
    flat: float = 0.0
    weighting: str = "none"
    power: float = 1.0

    def __post_init__(self) -> None:
        check_types(self)
        names: dict[str, Collection[str]] = {
            "objective": OBJECTIVES,
            "times": TIME_SAMPLERS,
            "teacher": TEACHERS,
            "weighting": WEIGHTING_NAMES,
        }
        for name, known in names.items():
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}; got {value!r}")
        check_ranges(self, {"flat": (0, 1), "power": (0, 1)})
        self._check_ramps()
        self._check_teacher()

    def _check_ramps(self) -> None:
        share, longest = ((ramp.start, ramp.end) for ramp in (self.share, self.longest))
        if min(share) < 0:
            raise ValueError(f"share must be at least 0, got {min(share)}")
        if min(longest) <= 0 or max(longest) > 1:
            raise ValueError(
                f"longest must be above 0 and at most 1, got {longest[0]} to {longest[1]}"
            )

    def _check_teacher(self) -> None:
        objective = OBJECTIVES[self.objective]
        if reason := objective.refusals.get(self.teacher):
            raise ValueError(
                f"{self.objective} cannot have the teacher {self.teacher}: {reason}; name another"
            )
        if self.times in DIAGONALS and self.teacher == "student" and not self.holds_the_diagonal:
            raise ValueError(
                f"{self.objective} learns nothing of itself from times {self.times}, whose jumps "
                "have no length; name other times"
            )

    def sample_times(
        self, count: int, progress: float, generator: Generator
    ) -> tuple[Tensor, Tensor]:
        """Start and end times of the jumps of some items, at a progress of the run."""
        times = TIME_SAMPLERS[self.times](count, self.longest.at(progress), generator)
        return without_length(times, self.flat, generator) if self.flat else times

    @property
    def takes_part(self) -> bool:
        """Whether the term has a share of any batch."""
        return self.share.start > 0 or self.share.end > 0

    @property
    def holds_the_diagonal(self) -> bool:
        """Whether the term keeps the flow map from the collapse to one that moves nothing."""
        objective = OBJECTIVES[self.objective]
        return objective.diagonal or self.teacher in objective.alone


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
        freeze_encoder: whether the text encoder gets no gradient, and `mean` no loss.
        uncertainties: the networks of terms with learned weights: in a step by map and objective,
            such as `mel/lsd`; in the loss of one map by objective.
        unconditional: probability that an item loses its conditions.
        guidance: of the teacher `guided`.
    """

    terms: Sequence[Term]
    generator: Generator
    progress: float = 0.0
    maps: Sequence[str] = MAPS
    masked: float = 0.0
    freeze_encoder: bool = False
    uncertainties: Mapping[str, Uncertainty] = field(default_factory=dict)
    unconditional: float = 0.0
    guidance: Guidance = field(default_factory=Guidance)


def flow_map_loss(
    training_step: TrainingStep, maps: Maps, data: Mel, mask: Bool[Tensor, "batch frames"]
) -> dict[str, Float[Tensor, ""]]:
    """The loss of one flow map over a batch, in the parts that its objectives contribute.

    Args:
        training_step: terms, progress and generator.
        maps: gives the flow map of the student, or of a teacher by name, conditioned on some
            items.
        data: the end of the path, in normalised units: mels of (batch, frames, bands), or
            prosody of (batch, text, 3).
        mask: true where a frame, or a symbol, is real.

    Returns:
        By objective, a scalar: the weighted mean square of its residual over its items, times
        their part of the batch. The sum is minimised. For a weighted term also, without gradient,
        `OBJECTIVE/mean_square` and, if it is learned, `OBJECTIVE/uncertainty`: means over its
        items.
    """
    generator, progress = training_step.generator, training_step.progress
    noise = torch.randn(data.shape, generator=generator, device=data.device, dtype=data.dtype)
    split = torch.rand(len(data), generator=generator, device=data.device).to(data.dtype)
    parts: dict[str, Tensor] = {}
    for term, items in _shares(training_step.terms, len(data), progress):
        count = items.stop - items.start
        if count:
            s, t = (time.to(data.dtype) for time in term.sample_times(count, progress, generator))
            draw = PathSample(noise[items], data[items], s, t, split[items], progress)
            student = bind_path(maps, "student", items, draw)
            teacher = bind_path(maps, term.teacher, items, draw)
            residual = OBJECTIVES[term.objective].formula(student, teacher, draw)
            own = _term_loss(training_step, term, residual, mask[items], draw)
            share = own.pop(term.objective) * count / len(data)
            parts |= own | {term.objective: parts.get(term.objective, 0) + share}
    return parts


def forward_passes(terms: Sequence[Term], count: int, progress: float) -> float:
    """Compute of the losses of one flow map on a batch, in forward passes of one item.

    Args:
        terms: the objectives and their shares of the batch.
        count: items of the batch.
        progress: of the run, 0 to 1.
    """
    return sum(
        (items.stop - items.start) * OBJECTIVES[term.objective].cost(term.teacher)
        for term, items in _shares(terms, count, progress)
    )


def _term_loss(
    training_step: TrainingStep,
    term: Term,
    residual: Mel,
    mask: Bool[Tensor, "batch frames"],
    draw: PathSample,
) -> dict[str, Float[Tensor, ""]]:
    """The loss of one term, and what is logged beside it; each is a mean over real frames."""
    if term.weighting == "none":
        return {term.objective: mean_square(residual, mask)}
    errors, lengths = item_mean_squares(residual, mask), mask.sum(dim=1)
    means = {"mean_square": errors.detach()}
    if term.weighting == LEARNED:
        expected = training_step.uncertainties[term.objective](draw.s, draw.t)
        losses = errors * (-expected).exp() + expected
        means["uncertainty"] = expected.detach()
    else:
        losses = WEIGHTINGS[term.weighting](errors, term.power)
    total = lengths.sum().clamp(min=1)
    logged = {
        f"{term.objective}/{name}": (each * lengths).sum() / total for name, each in means.items()
    }
    return {term.objective: (losses * lengths).sum() / total} | logged


def _shares(terms: Sequence[Term], count: int, progress: float) -> Iterator[tuple[Term, slice]]:
    """Each term with its slice of a batch; slices are adjacent, rounded to whole items."""
    shares = [term.share.at(progress) for term in terms]
    ends = [round(count * total / sum(shares)) for total in accumulate(shares, initial=0.0)]
    yield from zip(terms, starmap(slice, pairwise(ends)), strict=True)


def mean_square(residual: Mel, mask: Bool[Tensor, "batch frames"]) -> Float[Tensor, ""]:
    """Mean square over all real frames and all bands; padding counts for nothing."""
    return (_frame_squares(residual) * mask).sum() / mask.sum().clamp(min=1)


def item_mean_squares(residual: Mel, mask: Bool[Tensor, "batch frames"]) -> Float[Tensor, " batch"]:
    """Mean square of each item over its real frames and all bands."""
    return (_frame_squares(residual) * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def _frame_squares(residual: Mel) -> Float[Tensor, "batch frames"]:
    return precise(residual).square().mean(dim=2)

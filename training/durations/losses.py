"""The losses of duration models on one batch, by name; their plain sum is minimised.

Both maps are trained alike: a share of the batch at s = t, the rest by the semigroup with targets
from the network itself, without gradient and without dropout.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from tts.acoustic.flow import Time

from ..acoustic.objectives import OBJECTIVES, PathSample
from ..acoustic.time_sampling import deployed, diagonal
from . import categorical
from .categorical import CategoricalSample
from .model import CATEGORICAL, CONTINUOUS, REGRESSION, DurationModel
from .run import DurationRun
from .sentences import DurationBatch

Losses = dict[str, Float[Tensor, ""]]
DIAGONAL, SEMIGROUP = "diagonal", "semigroup"


@dataclass(frozen=True)
class DurationStep:
    """What the losses of a step depend on beside the models and the batch.

    Args:
        diagonal: share of the batch that is trained at s = t, 0 to 1.
        longest: longest interval of a jump.
        generator: source of noise and times, on the device of the batch.
    """

    diagonal: float
    longest: float
    generator: Generator

    @classmethod
    def of(cls, run: DurationRun, progress: float, generator: Generator) -> "DurationStep":
        return cls(run.diagonal.at(progress), run.longest.at(progress), generator)


def without_dropout(model: DurationModel) -> DurationModel:
    """The same model with the same weights in `eval` mode: what it says of itself as a teacher."""
    shared = [*model.parameters(), *model.buffers()]
    return deepcopy(model, {id(weight): weight for weight in shared}).eval()


def duration_losses(
    step: DurationStep, student: DurationModel, teacher: DurationModel, batch: DurationBatch
) -> Losses:
    """All losses of a duration model on one batch.

    Args:
        step: shares and generator.
        student: the model in training.
        teacher: gives the targets of jumps, without gradient: the student `without_dropout`.
        batch: sentences.

    Returns:
        `regression`, a mean square error in normalised log lengths; or `diagonal` and `semigroup`,
        for a continuous map in the same unit, for a categorical one in nats a symbol.
    """
    kind = student.config.kind
    if kind == REGRESSION:
        error = student.expected(batch.given).float() - batch.lengths
        return {REGRESSION: mean(error.square(), batch.lasting)}
    losses: Losses = {}
    count = len(batch.clips)
    border = round(count * step.diagonal)
    for name, items in ((DIAGONAL, slice(0, border)), (SEMIGROUP, slice(border, count))):
        part = batch.part(items)
        if len(part.clips):
            residual = TERMS[kind](name, step, (student, teacher), part)
            losses[name] = mean(residual, part.lasting) * len(part.clips) / count
    return losses


def mean(values: Float[Tensor, "batch text"], mask: Bool[Tensor, "batch text"]) -> Tensor:
    """The mean over the symbols of the mask."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def _times(name: str, step: DurationStep, count: int) -> tuple[Time, Time, Time]:
    """Starts, ends and splits of jumps of a term."""
    law = diagonal if name == DIAGONAL else deployed
    s, t = law(count, step.longest, step.generator)
    split = torch.rand(count, generator=step.generator, device=step.generator.device)
    return s, t, split


def _continuous_term(
    name: str,
    step: DurationStep,
    models: tuple[DurationModel, DurationModel],
    batch: DurationBatch,
) -> Float[Tensor, "batch text"]:
    """The square of a residual of the map of log lengths."""
    data = batch.lengths[..., None]
    noise = torch.randn(data.shape, generator=step.generator, device=data.device)
    student, teacher = (model.flow(batch.given) for model in models)
    draw = PathSample(noise, data, *_times(name, step, len(data)))
    formula = OBJECTIVES["flow_matching" if name == DIAGONAL else "semigroup"].formula
    residual: Tensor = formula(student, teacher, draw)
    return residual.float().square()[..., 0]


def _categorical_term(
    name: str,
    step: DurationStep,
    models: tuple[DurationModel, DurationModel],
    batch: DurationBatch,
) -> Float[Tensor, "batch text"]:
    """A divergence of the map over bins."""
    bins = models[0].config.bins
    shape = (*batch.durations.shape, len(bins))
    noise = torch.randn(shape, generator=step.generator, device=batch.durations.device)
    student, teacher = (model.categorical_flow(batch.given) for model in models)
    category = bins.index(batch.durations)
    draw = CategoricalSample(noise, category, *_times(name, step, len(category)))
    formula = categorical.denoising if name == DIAGONAL else categorical.semigroup
    return formula(student, teacher, draw)


TERMS: dict[str, Callable[..., Tensor]] = {
    CONTINUOUS: _continuous_term,
    CATEGORICAL: _categorical_term,
}

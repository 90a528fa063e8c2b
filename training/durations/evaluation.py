"""How durations drawn from models agree with recorded ones: likelihood, scores and spread.

Every model is read alike, through what it draws. A sampler gives log lengths of all symbols of a
sentence; of each sentence many are drawn. Figures are of symbols that last.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from tts.acoustic.layers import Conditioning
from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import LENGTH

from ..data.dataset import FeatureDataset
from ..evaluation.bootstrap import Estimate, bootstrap_estimate
from .bins import DurationBins
from .model import DurationModel
from .sentences import DurationBatch

DRAWS, AT_ONCE = 256, 64  # sentences drawn of each clip, and at a time; chosen by hand
# Draws of the training histogram that are added to those of a model, so that no bin has the
# probability 0; chosen by hand.
PRIOR_DRAWS = 1.0

Sampler = Callable[[Conditioning, Generator], Float[Tensor, "batch text"]]
Row = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the figures of all models depend on.

    Args:
        clips: indices of the held-out sentences that are measured.
        clip: gives a sentence by its index.
        bins: on which likelihoods are computed.
        prior: the histogram of the training set over the bins.
        mean: gives the mean log length of each symbol, which deviations are taken from.
    """

    clips: Sequence[int]
    clip: Callable[[int], DurationBatch]
    bins: DurationBins
    prior: Float[Tensor, " bins"]
    mean: Callable[[Conditioning], Float[Tensor, "batch text"]]


def draw_model(model: DurationModel, given: Conditioning, generator: Generator) -> Tensor:
    """Log lengths in one step of a duration model, at temperature 1."""
    shape = (*given.features.shape[:2], model.config.channels)
    return model.generate(given, torch.randn(shape, generator=generator))


def draw_shipped(model: AcousticModel, given: Conditioning, generator: Generator) -> Tensor:
    """Log lengths in one step of the prosody map of an acoustic model, at temperature 1."""
    hidden, lasting = given.features[..., :-1], given.features[..., -1] > 0
    noise = torch.randn(*hidden.shape[:2], 3, generator=generator)
    prosody = model.prosody_map(hidden, lasting, given.voice, given.mask).sample(noise, 1)
    return prosody[..., LENGTH] * model.prosody_deviation[LENGTH] + model.prosody_mean[LENGTH]


def draw_classified(model: DurationModel, given: Conditioning, generator: Generator) -> Tensor:
    """Log lengths by the probabilities p(x, 0, 0) of a categorical map, each symbol by itself.

    They are those of a plain classifier of bins: the part of the map that no jump has changed.
    """
    shape = (*given.features.shape[:2], model.config.channels)
    noise = torch.randn(shape, generator=generator)
    time = noise.new_zeros(len(noise))
    chances = model.categorical_flow(given).endpoint(noise, time, time)
    bins = torch.multinomial(chances.flatten(0, 1), 1, generator=generator)
    return model.config.bins.centers.to(noise)[bins.view(shape[:2])]


def draw_normal(
    model: DurationModel, deviation: float, given: Conditioning, generator: Generator
) -> Tensor:
    """The mean log lengths of a model with normal noise on each symbol."""
    mean = model.denormalise(model.expected(given))
    return mean + deviation * torch.randn(mean.shape, generator=generator)


@torch.inference_mode()
def clip_figures(sampler: Sampler, reading: Reading, index: int) -> dict[str, float]:
    """Sums over the symbols of one clip, from which `summarise` makes figures.

    Args:
        sampler: of the model.
        reading: what all models share.
        index: of the clip.

    Returns:
        `symbols`; `nats`, the sum of the negative log-likelihoods of the bins; `score`, the sum of
        the continuous ranked probability scores; and squares of deviations from the mean log
        length, of drawn and recorded symbols (`drawn`, `recorded`) and of the means of sentences
        (`drawn_sentence`, `recorded_sentence`).
    """
    batch = reading.clip(index)
    lasting = batch.lasting[0]
    drawn = draw_many(sampler, batch, seed=index)[:, lasting].double()
    frames = batch.durations[0, lasting]
    recorded, mean = frames.double().log(), reading.mean(batch.given)[0, lasting].double()
    off, real = drawn - mean, recorded - mean
    chance = chances(reading.bins.index_of_log(drawn), reading.bins.index(frames), reading.prior)
    return {
        "symbols": len(frames),
        "nats": float(-chance.log().sum()),
        "score": float(ranked_scores(drawn, recorded).sum()),
        "drawn": float(off.square().mean(dim=0).sum()),
        "recorded": float(real.square().sum()),
        "drawn_sentence": float(off.mean(dim=1).square().mean()),
        "recorded_sentence": float(real.mean().square()),
    }


def draw_many(
    sampler: Sampler, batch: DurationBatch, seed: int, draws: int = DRAWS
) -> Float[Tensor, "draws text"]:
    """Log lengths of a single sentence, drawn many times."""
    given, generator = batch.given, Generator().manual_seed(seed)
    found = []
    for first in range(0, draws, AT_ONCE):
        count = min(AT_ONCE, draws - first)
        repeated = Conditioning(
            *(part.expand(count, *part.shape[1:]) for part in vars(given).values())
        )
        found.append(sampler(repeated, generator))
    return torch.cat(found)


def chances(
    drawn: Int[Tensor, "draws symbols"],
    recorded: Int[Tensor, " symbols"],
    prior: Float[Tensor, " bins"],
) -> Float[Tensor, " symbols"]:
    """The probability of each recorded bin: the share of draws in it, with a little of the prior.

    Args:
        drawn: bins that were drawn.
        recorded: bins of the recording.
        prior: the histogram of the training set, which counts as `PRIOR_DRAWS` draws.
    """
    hits = (drawn == recorded).sum(dim=0)
    return (hits + PRIOR_DRAWS * prior[recorded]) / (len(drawn) + PRIOR_DRAWS)


def ranked_scores(
    drawn: Float[Tensor, "draws symbols"], recorded: Float[Tensor, " symbols"]
) -> Float[Tensor, " symbols"]:
    """The continuous ranked probability score of each symbol, from draws; lower is better.

    E |X - y| - E |X - X'| / 2 (Gneiting and Raftery 2007, equation 21), with all pairs of draws.
    For a single value it is the absolute error.
    """
    ordered, count = drawn.sort(dim=0).values, len(drawn)
    rank = 2 * torch.arange(1, count + 1, dtype=drawn.dtype)[:, None] - count - 1
    between = 2 * (rank * ordered).sum(dim=0) / count**2
    return (drawn - recorded).abs().mean(dim=0) - between / 2


def summarise(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Figures of a model with 95 % intervals over clips.

    Returns:
        `nats` and `score` a symbol; `deviation` and `sentence`, deviation ratios of symbols and of
        the means of sentences: 0 for a model that gives the mean, 1 for a right one.
    """
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    found = {
        name: bootstrap_estimate(columns[name], columns["symbols"]) for name in ("nats", "score")
    }
    for name, ending in (("deviation", ""), ("sentence", "_sentence")):
        square = bootstrap_estimate(columns["drawn" + ending], columns["recorded" + ending])
        found[name] = Estimate(*(float(np.sqrt(v)) for v in asdict(square).values()))
    return {name: asdict(estimate) for name, estimate in found.items()}


def residual_deviation(reading: Reading, without: int) -> float:
    """The standard deviation of recorded log lengths from their mean, over all clips but one."""
    squares, count = 0.0, 0
    for index in reading.clips:
        if index != without:
            batch = reading.clip(index)
            lasting = batch.lasting[0]
            off = batch.durations[0, lasting].log() - reading.mean(batch.given)[0, lasting]
            squares, count = squares + float(off.square().sum()), count + len(off)
    return float(np.sqrt(squares / count))


def histogram(corpus: FeatureDataset, bins: DurationBins) -> Float[Tensor, " bins"]:
    """The share of each bin among the durations of a set."""
    durations = corpus.durations[: corpus.clip_count]
    counts = bins.index(durations[durations > 0]).bincount(minlength=len(bins))
    return counts.double() / counts.sum()


def mean_of(model: DurationModel) -> Callable[[Conditioning], Tensor]:
    """The mean log lengths of a regression model."""
    return lambda given: model.denormalise(model.expected(given)).detach()


def samplers(models: Mapping[str, DurationModel], acoustic: AcousticModel) -> dict[str, Sampler]:
    """The samplers of the table, by name; that of the mean has no noise."""
    return {
        "mean": partial(draw_model, models["mean"]),
        "continuous map": partial(draw_model, models["continuous"]),
        "categorical map": partial(draw_model, models["categorical"]),
        "classifier": partial(draw_classified, models["categorical"]),
        "shipped prosody map": partial(draw_shipped, acoustic),
    }

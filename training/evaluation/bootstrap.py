"""Bootstrap confidence intervals over utterances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES, SEED = 2000, 0  # chosen by hand


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def bootstrap_estimate(values: Sequence[float], weights: Sequence[float] | None = None) -> Estimate:
    """The sum of values over the sum of weights, or their mean, with a percentile interval.

    A word error rate has errors as values and words as weights. The difference of two systems on
    the same utterances has differences of errors as values, so that its interval is paired.

    Args:
        values: a value for each utterance.
        weights: a weight for each utterance; all 1 if None.
    """
    top = np.asarray(values, dtype=np.float64)
    bottom = np.ones_like(top) if weights is None else np.asarray(weights, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(len(top), size=(RESAMPLES, len(top)))
    rates = top[drawn].sum(axis=1) / bottom[drawn].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return Estimate(float(top.sum() / bottom.sum()), float(low), float(high))

"""How sure a figure is: bootstrap intervals over utterances."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES, SEED = 2000, 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval that holds it in 95 of 100 draws of utterances."""

    value: float
    low: float
    high: float


def bootstrap_estimate(values: Sequence[float], weights: Sequence[float] | None = None) -> Estimate:
    """The sum of values over the sum of weights: a mean where none are given.

    A word error rate is errors over words; the difference of two systems on the same utterances is
    the difference of their errors over words, so that its interval is a paired one.
    """
    top = np.asarray(values, dtype=np.float64)
    bottom = np.ones_like(top) if weights is None else np.asarray(weights, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(len(top), size=(RESAMPLES, len(top)))
    rates = top[drawn].sum(axis=1) / bottom[drawn].sum(axis=1)
    low, high = np.percentile(rates, [2.5, 97.5])
    return Estimate(float(top.sum() / bottom.sum()), float(low), float(high))

"""Recipes of durations: three models of one size, trained alike for the same number of updates.

Numbers without a source are chosen by hand and not tuned.
"""

from dataclasses import replace

from tts.config import ProsodyConfig
from tts.text.pronounce.conventions import ESPEAK

from ..acoustic.terms import Ramp
from ..data.dataset import Selection
from .model import CATEGORICAL, REGRESSION
from .run import DurationRun


def continuous_durations() -> DurationRun:
    """Train durations as a continuous flow map of log lengths, for one step.

    From the shipped acoustic model, whose encoder is frozen; 600 updates. Writes one duration
    model.
    Flow matching, and from a fifth of the run on SplitMeanFlow's semigroup (arXiv 2507.16884) with
    targets from the model itself, at most on half of a batch.
    """
    return DurationRun(
        name="continuous_durations",
        selection=Selection(conventions=(ESPEAK,)),
        diagonal=Ramp(start=1.0, end=0.5, since=0.2, until=0.5),
        longest=Ramp(start=0.1, end=1.0, since=0.2, until=0.5),
        network=ProsodyConfig(dim=96, depth=2, heads=2),
        steps=600,
        batch=24,
        rate=1.5e-3,
        matrix_rate=2e-3,
        decay=0.5,
        average=0.99,
        precision="bfloat16",
    )


def categorical_durations() -> DurationRun:
    """Train durations as a categorical flow map over log-spaced bins, for one step.

    Otherwise as `continuous_durations`. Endpoint form and cross-entropy at s = t: Categorical Flow
    Maps (arXiv 2602.12233), whose share of jumps is a quarter and whose jumps are Lagrangian. Here
    they are taught by the semigroup.
    """
    return replace(continuous_durations(), name="categorical_durations", kind=CATEGORICAL)


def mean_durations() -> DurationRun:
    """Train durations as one mean log length a symbol, by the mean square error.

    Otherwise as `continuous_durations`: the baseline that flow maps are compared with, as in
    FastSpeech 2 (arXiv 2006.04558).
    """
    return replace(continuous_durations(), name="mean_durations", kind=REGRESSION)


DURATIONS = (continuous_durations, categorical_durations, mean_durations)

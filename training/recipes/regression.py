"""Recipes without a flow map, which flow maps are compared with."""

from dataclasses import replace

from ..acoustic.terms import Term
from ..config import AcousticRun
from .speech import split_mean_flow


def regression() -> AcousticRun:
    """Plain regression: one pass from the condition to the mel, without noise.

    From the averages of `prosody`; 120 minutes. It gives the conditional mean; use it in one step
    at a temperature of 0. Writes one acoustic model, whose mel map alone is trained.
    """
    return replace(
        split_mean_flow(),
        name="regression",
        terms=(Term(objective="regression", times="whole"),),
        maps=("mel",),
        freeze_encoder=True,
    )


def regression_critics() -> AcousticRun:
    """Regression against discriminators of mels (`acoustic.critics`); otherwise as `regression`.

    Eight channels were chosen for their cost: an update takes twice the time of one without.
    """
    return replace(regression(), name="regression_critics", critic_channels=8)


REGRESSION = (regression, regression_critics)

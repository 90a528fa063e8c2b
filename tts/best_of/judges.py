"""Judges of candidates, by name.

A judge is a function of the samples of an utterance and of its plan. It returns a number, or the
numbers of its parts by name, whose sum is the score; the highest score wins.
"""

from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from tts.best_of.ensemble import judge_by_ensemble
from tts.error_messages import short_repr

if TYPE_CHECKING:
    from tts.rendering import UtterancePlan

Judge = Callable[..., float | Mapping[str, float]]  # of samples and an `UtterancePlan`
ENSEMBLE = "ensemble"


def find_judge(judge: "str | Judge") -> "Judge":
    """The function of a judge that is given by name, loaded once; a function is its own.

    Raises:
        ModuleNotFoundError: the judge needs the extra `evaluate`, which is not installed.

    Example:
        >>> find_judge("ensemble").__name__
        'judge_by_ensemble'
    """
    return _load(judge) if isinstance(judge, str) else judge


def check_judge(judge: object) -> None:
    """Check that a judge is a function, or the name of one.

    Raises:
        ValueError: there is no such judge.
    """
    if not (judge in JUDGES if isinstance(judge, str) else callable(judge)):
        names = ", ".join(JUDGES)
        raise ValueError(f"judge must be one of {names}, or a function, got {short_repr(judge)}")


def judge_name(judge: "str | Judge") -> str:
    """The name of a judge; of a function, that of its definition."""
    return judge if isinstance(judge, str) else getattr(judge, "__name__", type(judge).__name__)


def score_audio(
    judge: "Judge", audio: Float[np.ndarray, " samples"], plan: "UtterancePlan"
) -> Mapping[str, float]:
    """The scores of a candidate by part; a judge of one number has one part, of its own name.

    Args:
        judge: scores it; it has a copy of the samples.
        audio: its samples, from -1 to 1.
        plan: its symbols and durations.

    Raises:
        ValueError: the judge returned something else than finite numbers.

    Example:
        >>> score_audio(lambda audio, plan: {"length": len(audio)}, np.zeros(4), None)
        {'length': 4.0}
    """
    found = judge(audio.copy(), plan)
    parts = found if isinstance(found, Mapping) else {judge_name(judge): found}
    try:
        scores = {name: float(score) for name, score in parts.items()}
    except (TypeError, ValueError):
        scores = {}
    if not scores or not isfinite(sum(scores.values())):
        name = judge_name(judge)
        raise ValueError(f"the judge {name} must return finite numbers, got {short_repr(found)}")
    return scores


@cache
def _load(name: str) -> "Judge":
    return JUDGES[name]()


def _opinion(name: str) -> "Judge":
    """An estimator of opinion scores from `tts.metrics`; silence has the lowest score, 1."""
    from tts.metrics import OPINIONS, audible, to_judge_audio

    predict = OPINIONS[name]()

    def judge(audio: Any, plan: "UtterancePlan") -> float:
        heard = to_judge_audio(audio, plan.runtime.config.mel.sample_rate)
        return predict(heard) if audible(heard) else LOWEST_OPINION

    return judge


LOWEST_OPINION = 1.0
JUDGES: Mapping[str, Callable[[], Judge]] = {
    ENSEMBLE: lambda: judge_by_ensemble,
    "distillmos": lambda: _opinion("distillmos"),
    "dnsmos": lambda: _opinion("dnsmos"),
}

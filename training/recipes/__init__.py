"""Recipes: named training runs, each a function that returns a frozen run.

Minutes are those of the run's own budget (`config.BaseRun`); `--minutes` changes them. Numbers
without a source are chosen by hand and not tuned. The log is `docs/log`.
"""

from collections.abc import Callable

from ..config import AcousticRun, JointRun, VocoderRun
from ..durations.recipes import DURATIONS
from ..durations.run import DurationRun
from .flow_maps import FLOW_MAPS
from .guided import GUIDED
from .large import LARGER
from .speech import (
    MODEL,
    SPEECH,
    flow_matching,
    joint,
    prosody,
    split_mean_flow,
    vocoder,
    voice_flow_matching,
    voice_split_mean_flow,
)

AnyRun = AcousticRun | VocoderRun | JointRun | DurationRun
Recipe = (
    Callable[[], AcousticRun]
    | Callable[[], VocoderRun]
    | Callable[[], JointRun]
    | Callable[[], DurationRun]
)
RECIPES: dict[str, Recipe] = {
    recipe.__name__: recipe for recipe in (*SPEECH, *FLOW_MAPS, *GUIDED, *LARGER, *DURATIONS)
}


def make_run(recipe: str) -> AnyRun:
    """The run of a recipe, by its name.

    Raises:
        ValueError: there is no such recipe.
    """
    if recipe not in RECIPES:
        raise ValueError(f"unknown recipe {recipe!r}; recipes: {', '.join(RECIPES)}")
    return RECIPES[recipe]()


__all__ = [
    "MODEL",
    "RECIPES",
    "AnyRun",
    "flow_matching",
    "joint",
    "make_run",
    "prosody",
    "split_mean_flow",
    "vocoder",
    "voice_flow_matching",
    "voice_split_mean_flow",
]

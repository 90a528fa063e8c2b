"""DurationRun: every option of a training run of durations."""

from dataclasses import dataclass, field
from typing import ClassVar

from tts.config import ProsodyConfig

from ..acoustic.terms import Ramp
from ..config import BaseRun
from ..data.dataset import Selection
from .bins import DurationBins
from .model import CONTINUOUS, MODELS


@dataclass(frozen=True, kw_only=True, slots=True)
class DurationRun(BaseRun):
    """A run of a duration model, on the hidden vectors of a frozen text encoder.

    Args:
        start: checkpoint of the acoustic model whose encoder, voices and statistics are used.
        kind: one of `regression`, `continuous`, `categorical`.
        network: sizes of the network.
        bins: bins of the categorical map.
        selection: which clips of the sets are used; their convention must be the encoder's.
        diagonal: share of a batch that is trained at s = t, from above 0 to 1; the rest trains
            jumps by the semigroup. Regression has neither.
        longest: longest interval t - s of a jump, from above 0 to 1.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = ("diagonal", "regression")

    start: str | None = "checkpoints/acoustic.safetensors"
    kind: str = CONTINUOUS
    network: ProsodyConfig = field(default_factory=ProsodyConfig)
    bins: DurationBins = field(default_factory=DurationBins)
    selection: Selection = field(default_factory=Selection)
    diagonal: Ramp = field(default_factory=lambda: Ramp(start=1.0, end=0.5))
    longest: Ramp = field(default_factory=lambda: Ramp(start=1.0, end=1.0))

    def __post_init__(self) -> None:
        BaseRun.__post_init__(self)
        if self.kind not in MODELS:
            raise ValueError(
                f"kind of run {self.name} must be one of {', '.join(MODELS)}; got {self.kind!r}"
            )
        if self.start is None:
            raise ValueError(f"run {self.name} has no text encoder; set start to its checkpoint")
        for name in ("diagonal", "longest"):
            ramp = getattr(self, name)
            if not all(0 < value <= 1 for value in (ramp.start, ramp.end)):
                raise ValueError(
                    f"{name} of run {self.name} must be above 0 and at most 1, got {ramp.start} "
                    f"to {ramp.end}"
                )

"""Run: all that decides a run, written beside its results as run.json."""

from dataclasses import dataclass

from training.loss import Term
from tts.config import ModelConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One stage of training. `start` is the checkpoint it begins from, and its frozen teacher.

    With `minutes`, progress is the time spent over the budget; without, the step over `steps`.
    """

    name: str
    model: ModelConfig
    terms: tuple[Term, ...]
    start: str | None = None
    steps: int = 20_000
    minutes: float | None = None
    batch: int = 16
    crop: int = 192
    rate: float = 1e-3
    matrix_rate: float | None = None
    warmup: int = 100
    decay: float = 0.35
    average: float = 0.999
    weight_decay: float = 0.01
    precision: str = "float32"
    compiled: bool = False
    save_minutes: float = 3.0
    log_every: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision is 'float32' or 'bfloat16', not {self.precision!r}")
        if self.steps < 1 or (self.minutes is not None and self.minutes <= 0):
            raise ValueError(f"run {self.name} needs a length above 0; give it steps or minutes")
        if self.taught and self.start is None:
            raise ValueError(
                f"run {self.name} has a teacher, so it needs a checkpoint to start from"
            )
        diagonal = {"flow_matching", "boundary"} & {term.objective for term in self.terms}
        if not diagonal:
            raise ValueError(f"run {self.name} needs flow_matching or boundary, or it collapses")

    @property
    def taught(self) -> bool:
        """Whether a frozen teacher answers; then its reading of the text is frozen too."""
        return any(term.teacher == "frozen" for term in self.terms)

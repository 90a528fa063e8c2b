"""Objective: a formula for flow maps, and what a run must know of it to use it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jaxtyping import Bool
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel, Time, per_item

# Evaluations of a network that one velocity, or average velocity, of a teacher costs.
TEACHERS: dict[str, int] = {
    "student": 1,
    "average": 1,
    "frozen": 1,
    "path": 0,
    "autoguided": 2,
    "guided": 2,
}
VELOCITIES = ("path", "autoguided", "guided")  # teachers that have no jumps of their own
# A velocity that is not the student's own: a formula that fits the map to it cannot collapse.
GIVEN = frozenset({"path", "frozen", "autoguided", "guided"})


@dataclass(frozen=True)
class PathSample:
    """Noise and data joined by a straight path, and the times of a jump along it.

    Args:
        noise: standard normal, (batch, frames, bands).
        data: normalised mels, or prosody of three numbers a symbol, of the same shape.
        s: start time of the jump, (batch), 0 to 1.
        t: end time of the jump, (batch), s to 1; for maps of both directions also below s.
        split: where `semigroup` splits the jump, as a share of t - s, 0 to 1; (batch).
        progress: of the run, 0 to 1, for formulas that change with it.
    """

    noise: Mel
    data: Mel
    s: Time
    t: Time
    split: Time
    progress: float = 1.0

    def at(self, time: Time) -> Mel:
        """The point of the path at a time."""
        return self.noise.lerp(self.data, per_item(time))

    def velocity(self, time: Time) -> Mel:
        """The velocity of the path: data minus noise, the same at every time."""
        return self.data - self.noise

    @property
    def real(self) -> Bool[Tensor, "batch frames 1"]:
        """Where a frame is not padding; padding is zeros."""
        return (self.data != 0).any(dim=2, keepdim=True)


Formula = Callable[[FlowMap, FlowMap, PathSample], Mel]


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A formula, the teachers that may answer it, and its cost.

    A formula takes a student, a teacher and a draw and gives the residual to minimise, of the
    data's shape. Masks, weights, times and conditioning are chosen elsewhere.

    Costs are in forward-pass equivalents of one item: a forward pass is 1, a backward pass 2, a
    forward pass with a directional derivative 2, a backward pass through one 4.

    Args:
        formula: the residual.
        passes: cost of all but the teacher's evaluations.
        evaluations: forward-pass equivalents of the teacher, where it is one network.
        refusals: by name of a teacher, the reason why it cannot answer.
        alone: teachers with which a run needs no diagonal term beside this one. With the others
            the map may collapse, for instance to one that moves nothing.
        diagonal: whether the formula itself trains the velocity, u(x, t, t).
        beside: name of the objective without which the formula is also solved by a wrong map.

    Raises:
        ValueError: a teacher is unknown, or both refused and enough alone.

    Example:
        >>> from tts.training.acoustic.objectives import OBJECTIVES
        >>> OBJECTIVES["semigroup"].cost("student")
        5
        >>> sorted(OBJECTIVES["boundary"].teachers)
        ['autoguided', 'frozen', 'guided', 'path']
    """

    formula: Formula
    passes: float
    evaluations: int = 0
    refusals: Mapping[str, str] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()
    diagonal: bool = False
    beside: str | None = None

    def __post_init__(self) -> None:
        if unknown := (set(self.refusals) | self.alone) - set(TEACHERS):
            raise ValueError(f"teachers must be some of {', '.join(TEACHERS)}; got {unknown}")
        if both := set(self.refusals) & self.alone:
            raise ValueError(f"a refused teacher cannot be enough alone; got {both}")

    @property
    def name(self) -> str:
        """The name of the formula."""
        return self.formula.__name__

    @property
    def teachers(self) -> frozenset[str]:
        """Names of the teachers that may answer."""
        return frozenset(TEACHERS) - frozenset(self.refusals)

    def cost(self, teacher: str) -> float:
        """Forward-pass equivalents of one item with a teacher."""
        return self.passes + self.evaluations * TEACHERS[teacher]

"""The teachers of a term, by name: whose flow map gives the targets.

`student` is the network in training itself, `average` the running average of its weights, `frozen`
the run's teacher; all three without gradient. `path` is the velocity of the path between a noise
and its data, whose conditional mean is the velocity: right only where a method evaluates the
velocity at the sampled point, and its target is linear in it. `autoguided` is the frozen teacher,
extrapolated away from a weaker one (arXiv 2406.02507). `guided` is a conditional map, extrapolated
away from the same map without its conditions (arXiv 2207.12598).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from tts.acoustic.flow import FlowMap, Mel, Time
from tts.acoustic.model import AcousticModel

from .guidance import Conditions, Guidance, SelfGuidance, guide
from .objectives import PathSample

FROZEN = ("frozen", "autoguided")  # those that need the run's teacher

Maps = Callable[[str, slice], FlowMap | SelfGuidance]
Bind = Callable[[str, slice, bool], FlowMap]


@dataclass(frozen=True)
class Models:
    """The acoustic models of a training step.

    Args:
        student: the model in training.
        frozen: the run's teacher, or None.
        average: a model with the running average of the student's weights, or None.
        weak: a second, weaker teacher, or None.
        guidance: scale of the extrapolation away from the weaker teacher, or from the map without
            conditions; 1 is the teacher itself.
    """

    student: AcousticModel
    frozen: AcousticModel | None = None
    average: AcousticModel | None = None
    weak: AcousticModel | None = None
    guidance: float = 1.0

    @property
    def reader(self) -> AcousticModel:
        """The model whose encoder reads the text: the frozen teacher, or else the student."""
        return self.frozen or self.student

    def all(self) -> list[AcousticModel]:
        """Every model that there is."""
        found = (getattr(self, field.name) for field in fields(self))
        return [model for model in found if isinstance(model, AcousticModel)]

    def named(self, name: str) -> AcousticModel:
        """The model of a name.

        Raises:
            ValueError: there is none.
        """
        model = getattr(self, name) if name in (field.name for field in fields(self)) else None
        if not isinstance(model, AcousticModel):
            raise ValueError(f"a term has the teacher {name}, but there is no such model")
        return model


def bind_teachers(bind: Bind, conditions: Conditions, guidance: Guidance) -> Maps:
    """The flow maps of all teachers but `path`, from those of single models.

    Args:
        bind: gives the flow map of one model (`student`, `frozen`, `average` or `weak`), of some
            items, with their conditions (true) or without.
        conditions: of the batch, with the guidance of each item.
        guidance: whose velocities a guided teacher has.
    """

    def maps(name: str, items: slice) -> FlowMap | SelfGuidance:
        each = conditions.guidance[items]
        if name == "autoguided":
            return guide(bind("frozen", items, True), bind("weak", items, True), each)
        if name != "guided":
            return bind(name, items, True)
        own = bind(guidance.source, items, True), bind(guidance.source, items, False)
        if guidance.source == "frozen":
            return guide(*own, each)
        return SelfGuidance(*own, each, guidance.kappa)

    return maps


def bind_path(maps: Maps, name: str, items: slice, draw: PathSample) -> FlowMap:
    """The flow map of a teacher by name, with the path of a draw where it needs that."""
    if name == "path":
        return path_velocity(draw)
    found = maps(name, items)
    return found.along(path_velocity(draw)) if isinstance(found, SelfGuidance) else found


def path_velocity(draw: PathSample) -> FlowMap:
    """A flow map whose velocity is that of the path of a draw, whatever the state is."""

    def network(x: Mel, s: Time, t: Time) -> Mel:
        return draw.velocity(t)

    return FlowMap(network)

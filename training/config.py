"""Run, VocoderRun, JointRun: all that decides a run, written beside its results as run.json."""

import json
from dataclasses import dataclass, field, fields, is_dataclass, replace
from math import inf
from typing import Any, ClassVar, get_type_hints

from tts.config import ModelConfig, VocoderConfig
from tts.delivery import Delivery
from tts.validation import check_types, parse_value

from .acoustic.terms import MAPS, Term
from .data.dataset import MISAKI_CLIPS, Selection
from .vocoder.discriminators import DiscriminatorConfig

SPECTRAL = ("mel", "convergence", "magnitude")  # losses of the vocoder's held-out copies


def override(options: Any, path: str, value: Any) -> Any:
    """The same options, but for one of them, however deep it lies.

    Args:
        options: a frozen dataclass, or a tuple of them.
        path: names and places with dots between, such as `model.decoder.depth` or `terms.1.share`.
        value: what JSON can say; a list becomes a tuple.

    Raises:
        ValueError: there is no such option, or the value is not one for it.

    Example:
        >>> from tts.training.recipes import flow_matching
        >>> override(flow_matching(), "model.encoder.heads", 0).model.encoder.heads
        0
    """
    name, _, rest = path.partition(".")
    if isinstance(options, tuple):
        known = [str(place) for place in range(len(options))]
    else:
        known = [field.name for field in fields(options)] if is_dataclass(options) else []
    if name not in known:
        raise ValueError(f"expected one of {', '.join(known) or 'no more names'}, not {name!r}")
    inner = options[int(name)] if isinstance(options, tuple) else getattr(options, name)
    kind = type(inner) if isinstance(options, tuple) else get_type_hints(type(options))[name]
    if not rest and isinstance(kind, type) and is_dataclass(kind):
        raise ValueError(f"expected the name of an option within {kind.__name__}")
    changed = override(inner, rest, value) if rest else parse_value(name, kind, value)
    if isinstance(options, tuple):
        return (*options[: int(name)], changed, *options[int(name) + 1 :])
    return replace(options, **{name: changed})


def parse_option(text: str) -> tuple[str, Any]:
    """The path and the value of `path=value`, where the value is JSON or else a string."""
    path, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"expected an option such as model.encoder.heads=0, not {text!r}")
    try:
        return path, json.loads(value)
    except json.JSONDecodeError:
        return path, value


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseRun:
    """What any stage of training decides. `start` is the checkpoint it begins from.

    `sets` are the sets of clips it learns from, written down when they are read.
    With `minutes`, progress is the time spent over the budget; without, the step over `steps`.
    With a held-out loss to `watch`, the averages are kept at its lowest, not at the end.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = ()  # losses of held-out clips, by name

    name: str
    start: str | None = None
    sets: tuple[str, ...] = ()
    steps: int = 20_000
    minutes: float | None = None
    batch: int = 16
    crop: int = 192
    rate: float = 1e-3
    matrix_rate: float | None = None
    betas: tuple[float, float] = (0.9, 0.98)
    warmup: int = 100
    decay: float = 0.35
    average: float = 0.999
    weight_decay: float = 0.01
    precision: str = "float32"
    save_minutes: float = 3.0
    watch: str | None = None
    log_every: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        check_types(self)
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision is 'float32' or 'bfloat16', not {self.precision!r}")
        length = self.steps if self.minutes is None else self.minutes
        if not 0 < length < inf or self.steps < 1:
            raise ValueError(f"run {self.name} needs a length above 0; give it steps or minutes")
        for name in ("batch", "crop", "warmup", "log_every", "rate", "decay"):
            if not 0 < getattr(self, name) < inf:
                raise ValueError(f"{name} of run {self.name} is above 0, not {getattr(self, name)}")
        if self.save_minutes < 0:
            raise ValueError(f"run {self.name} saves every so many minutes, 0 or more; give others")
        if not 0 <= self.average < 1:
            raise ValueError(f"average of run {self.name} is from 0 to below 1, not {self.average}")
        if self.watch is not None and self.watch not in self.WATCHABLE_LOSSES:
            raise ValueError(
                f"run {self.name} can watch {', '.join(self.WATCHABLE_LOSSES)}, not {self.watch!r}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class AcousticRun(BaseRun):
    """One stage of the acoustic model; a frozen `teacher`, if it has one, is `start` if unnamed.

    A run has the voices of `model` and all that are in its clips. Of the `maps`, `prosody` and
    `mel`, it may teach one alone; the reading of the text learns by the mel. A share of the
    symbols is `masked`: the encoder is not told which they are. The mel decoder may be `compiled`
    for the shapes of its batches.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = (
        "mean",
        "pause",
        *(f"{m}/flow_matching" for m in MAPS),
    )

    model: ModelConfig
    terms: tuple[Term, ...]
    selection: Selection = MISAKI_CLIPS
    teacher: str | None = None
    maps: tuple[str, ...] = MAPS
    masked: float = 0.0
    compiled: bool = False

    def __post_init__(self) -> None:
        BaseRun.__post_init__(self)
        if self.has_frozen_teacher and self.start is None:
            raise ValueError(
                f"run {self.name} has a teacher, so it needs a checkpoint to start from"
            )
        if not 0 <= self.masked < 1:
            raise ValueError(f"a share of 0 to below 1 of the symbols is masked, not {self.masked}")
        if not self.maps or set(self.maps) - set(MAPS):
            raise ValueError(f"a run teaches some of {', '.join(MAPS)}, not {self.maps}")
        diagonal = {"flow_matching", "boundary"} & {term.objective for term in self.terms}
        if not diagonal:
            raise ValueError(f"run {self.name} needs flow_matching or boundary, or it collapses")
        if self.compiled and any(term.share.start != term.share.end for term in self.terms):
            raise ValueError(
                f"run {self.name} is compiled, so shares of its terms must not change; let them "
                "start as they end"
            )

    @property
    def has_frozen_teacher(self) -> bool:
        """Whether a frozen teacher answers; then its reading of the text is frozen too."""
        return any(term.teacher == "frozen" for term in self.terms)


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderLossWeights:
    """How much each loss of the vocoder counts."""

    mel: float = 30.0
    convergence: float = 1.0
    magnitude: float = 2.0
    adversarial: float = 2.0
    features: float = 10.0
    pitch: float = 5.0
    voicing: float = 1.0

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderRun(BaseRun):
    """The vocoder: spectral losses alone until progress reaches `joined`, then critics too.

    From progress `predicted` on, half of the mels are those `acoustic` makes in one step, aligned
    with the recordings. Of the crops that are recordings', a share is `perturbed` in speed.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = SPECTRAL

    model: VocoderConfig
    critics: tuple[DiscriminatorConfig, ...]
    critic_rate: float = 2e-3
    weights: VocoderLossWeights = field(default_factory=VocoderLossWeights)
    joined: float = 0.25
    perturbed: float = 0.0
    predicted: float = 1.0
    acoustic: str | None = None

    def __post_init__(self) -> None:
        BaseRun.__post_init__(self)
        if self.predicted < 1 and self.acoustic is None:
            raise ValueError(f"run {self.name} is to learn from an acoustic model; name its file")


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeechLossWeights(VocoderLossWeights):
    """How much each loss counts of sound whose mel the decoder made from noise.

    Such sound keeps the recording's moments, and not its every detail: spectral losses alone would
    have the decoder make the mean. `frames` weighs how far its mel is from the recording's.
    """

    mel: float = 10.0
    convergence: float = 0.3
    magnitude: float = 0.7
    adversarial: float = 4.0
    features: float = 10.0
    frames: float = 1.0


# keys that these parts have in files (tts/tensor_names.py)
LEARNING = ("decoder", "melody", "shape", "mean")


@dataclass(frozen=True, kw_only=True, slots=True)
class JointRun(BaseRun):
    """Mel decoder and vocoder together, on waveforms, against the discriminators.

    Args:
        start: checkpoint of the acoustic model.
        vocoder: checkpoint of the vocoder.
        critics: the discriminators.
        critics_state: state of a vocoder's run, whose discriminators go on; else they are new.
        learning: parts of the acoustic model that learn, by the name of their module; the rest,
            encoder and prosody map among it, stays as it is.
        rate: learning rate of the acoustic model.
        vocoder_rate: of the vocoder.
        critic_rate: of the discriminators.
        joined: until this progress the discriminators learn alone.
        copies: share of a batch that the vocoder makes of recordings' own mels.
        perturbed: share of these whose speed is changed.
        margin: frames at both ends of a crop that are heard by the networks and not scored.
        temperature: deviation of the noise that the decoder starts from.
        draws: 1, or 2 to make every crop of speech of two noises, and to ask that the two be as
            far apart as each is from the recording (an energy score, as in arXiv 2008.01160):
            speech then keeps its spread, which distances alone would take from it.
        speech: weights of the losses of what the decoder made.
        copied: weights of the losses of copies.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = tuple(
        f"{part}/{name}" for part in ("speech", "copy") for name in SPECTRAL
    )

    start: str | None = "checkpoints/acoustic.safetensors"
    vocoder: str = "checkpoints/vocoder.safetensors"
    critics: tuple[DiscriminatorConfig, ...]
    critics_state: str | None = None
    learning: tuple[str, ...] = LEARNING[:1]
    vocoder_rate: float = 2e-4
    critic_rate: float = 1e-3
    joined: float = 0.05
    copies: float = 0.5
    perturbed: float = 0.0
    margin: int = 16
    temperature: float = Delivery().temperature
    draws: int = 1
    speech: SpeechLossWeights = field(default_factory=SpeechLossWeights)
    copied: VocoderLossWeights = field(default_factory=VocoderLossWeights)

    def __post_init__(self) -> None:
        BaseRun.__post_init__(self)
        if not self.learning or set(self.learning) - set(LEARNING):
            raise ValueError(f"a run teaches some of {', '.join(LEARNING)}, not {self.learning}")
        if self.start is None:
            raise ValueError(f"run {self.name} goes on from an acoustic model; name its file")
        if not self.critics:
            raise ValueError(f"run {self.name} is against discriminators; give it critics")
        if not 0 < self.copied_crops < self.batch:
            raise ValueError(
                f"run {self.name} needs both crops that are copies and crops that are not, and of "
                f"{self.batch} a share of {self.copies} are copies; give it another share"
            )
        if self.draws not in (1, 2) or (self.batch - self.copied_crops) % self.draws:
            raise ValueError(
                f"run {self.name} makes its {self.batch - self.copied_crops} crops of speech of "
                f"{self.draws} noises each; give 1 or 2 draws, which divide them"
            )

    @property
    def copied_crops(self) -> int:
        """How many crops of a batch are copies."""
        return round(self.copies * self.batch)

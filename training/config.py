"""AcousticRun, VocoderRun and JointRun: every option of a training run, saved as its `run.json`."""

from dataclasses import dataclass, field
from math import inf
from typing import ClassVar

from tts.config import ModelConfig, VocoderConfig
from tts.delivery import Delivery
from tts.validation import check_types

from .acoustic.checks import (
    REGRESSION,
    check_critics,
    check_diagonal,
    check_guidance,
    check_self_guidance,
    check_shares,
    check_velocity_head,
)
from .acoustic.guidance import Guidance
from .acoustic.networks import WideNetwork
from .acoustic.objectives import OBJECTIVES
from .acoustic.teachers import FROZEN
from .acoustic.terms import MAPS, Term
from .acoustic.weighting import LEARNED
from .data.dataset import MISAKI_CLIPS, Selection
from .vocoder.discriminators import DiscriminatorConfig
from .vocoder.loss_weights import SpeechLossWeights, VocoderLossWeights

FRESH = ("decoder", "prosody")  # parts of an acoustic model that a run may begin anew
SPECTRAL = ("mel", "convergence", "magnitude")  # losses computed on held-out recordings


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseRun:
    """Options common to all training runs.

    Defaults are chosen by hand and not tuned; each recipe sets its own length, batch and rates.
    Progress, from 0 to 1, is the time spent over `minutes`, or the step over `steps`.

    Args:
        name: of the recipe, and of the folder in the folder of runs.
        start: checkpoint (.safetensors) whose weights the run starts from; None starts from
            random weights.
        sets: names of the training sets; filled in when the data is read.
        steps: number of updates, at least 1; unused if `minutes` is set.
        minutes: budget of training time in minutes, above 0; processor time of the training
            thread on a CPU, wall-clock time on a GPU. None means that `steps` counts.
        batch: crops in a batch, above 0.
        crop: length of a crop in mel frames, above 0; 192 frames are 2.05 s.
        rate: peak learning rate of AdamW, above 0; in a joint run that of the mel decoder.
        matrix_rate: peak learning rate of Muon for weight matrices inside blocks; None trains
            them by AdamW as well.
        betas: of AdamW: decay rates of its moving averages of gradients and of their squares.
        warmup: updates over which the rate rises linearly to its peak, above 0.
        decay: last share of progress, over which the rate falls linearly to 0; above 0.
        average: decay of the running average of the weights (EMA), from 0 to below 1; the
            checkpoints hold these averages.
        weight_decay: of AdamW and Muon.
        precision: `float32`, or `bfloat16` for networks under autocast; losses stay in float32.
        save_minutes: wall-clock minutes between two validations with saves, at least 0.
        save_steps: updates between two saves, at least 1; None saves by the clock alone.
        watch: a held-out loss (one of `WATCHABLE_LOSSES`); the checkpoint is then that of its
            lowest value so far. None keeps the latest.
        patience: saves without a lower watched loss, at least 1, after which the run ends.
        log_every: updates between two readings of the losses, above 0; reading them makes a GPU
            wait.
        seed: of the initial weights; batches and noise follow from it and from the step.

    Raises:
        ValueError: a value is of the wrong type or out of range.
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
    save_steps: int | None = None
    watch: str | None = None
    patience: int | None = None
    log_every: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        check_types(self)
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision must be one of float32, bfloat16; got {self.precision!r}")
        if self.minutes is not None and not self.minutes > 0:
            raise ValueError(f"minutes must be above 0, got {self.minutes:g}")
        for name in ("steps", "save_steps", "patience"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise ValueError(f"{name} of run {self.name} must be at least 1, got {value}")
        for name in ("batch", "crop", "warmup", "log_every", "rate", "decay"):
            if not 0 < getattr(self, name) < inf:
                raise ValueError(
                    f"{name} of run {self.name} must be above 0, got {getattr(self, name)}"
                )
        if self.save_minutes < 0:
            raise ValueError(
                f"save_minutes of run {self.name} must be at least 0, got {self.save_minutes}"
            )
        if not 0 <= self.average < 1:
            raise ValueError(
                f"average of run {self.name} must be from 0 to below 1, got {self.average}"
            )
        self._check_watch()

    def _check_watch(self) -> None:
        given = self.watch is not None or self.patience is not None
        if given and self.watch not in self.WATCHABLE_LOSSES:
            raise ValueError(
                f"watch of run {self.name} must be one of {', '.join(self.WATCHABLE_LOSSES)}; "
                f"got {self.watch!r}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class AcousticRun(BaseRun):
    """A run of the acoustic model: text encoder, prosody map, mel map, or some of them.

    Args:
        model: sizes, symbols and voices of the model; voices of the clips are added to its own.
        terms: the objectives, with their shares of each batch. One of them must hold the diagonal
            of the flow map: `flow_matching`, `boundary`, or an objective that says that it needs
            neither with its teacher.
        selection: which clips of the sets are used.
        teacher: checkpoint of the frozen teacher, for terms that name one; `start` if None. Its
            mel decoder and prosody network may have other sizes than the model's.
        weak: checkpoint of the second, weaker teacher, for terms with the teacher `autoguided`.
        guidance: scale of the teachers `autoguided` and `guided`, at least 1, which is no guidance.
        guided: how the velocities of the teacher `guided` are made.
        unconditional: probability that an item loses its conditions, so that the maps know what
            they do without; from 0 to below 1.
        velocity_head: whether the mel decoder has a head for its velocity while it is trained.
        maps: which flow maps are trained: `prosody`, `mel` or both. The text encoder is trained
            with `mel` only.
        freeze_encoder: keep the text encoder as it is in `start`; a frozen teacher's always stays.
        fresh: parts of the model that start from random weights, some of `FRESH`; all others are
            those of `start`.
        masked: probability that a symbol is hidden from the encoder, from 0 to below 1. 0.075
            made held-out losses worse when all was trained (docs/log, 2026-11-28).
        critic_channels: of the discriminators of mels (`acoustic.critics`), for terms of
            `regression`; 0 for none.
        compiled: compile the mel decoder by `torch.compile`; terms must then have fixed shares.

    Raises:
        ValueError: a value is of the wrong type or out of range, or options exclude each other.
    """

    WATCHABLE_LOSSES: ClassVar[tuple[str, ...]] = (
        "mean",
        "pause",
        *(f"{m}/{objective}" for m in MAPS for objective in ("flow_matching", "endpoint")),
    )

    model: ModelConfig
    terms: tuple[Term, ...]
    selection: Selection = MISAKI_CLIPS
    teacher: str | None = None
    weak: str | None = None
    guidance: float = 1.0
    guided: Guidance = field(default_factory=Guidance)
    unconditional: float = 0.0
    velocity_head: bool = False
    maps: tuple[str, ...] = MAPS
    freeze_encoder: bool = False
    fresh: tuple[str, ...] = ()
    masked: float = 0.0
    critic_channels: int = 0
    compiled: bool = False

    def __post_init__(self) -> None:
        BaseRun.__post_init__(self)
        for name in ("masked", "unconditional"):
            if not 0 <= (value := getattr(self, name)) < 1:
                raise ValueError(
                    f"{name} of run {self.name} must be from 0 to below 1, got {value}"
                )
        for name, known in (("maps", MAPS), ("fresh", FRESH)):
            if (given := set(getattr(self, name))) - set(known) or (name == "maps" and not given):
                raise ValueError(
                    f"{name} of run {self.name} must be some of {', '.join(known)}; "
                    f"got {getattr(self, name)}"
                )
        if self.compiled and any(term.share.start != term.share.end for term in self.terms):
            raise ValueError(
                f"run {self.name} is compiled, so the shares of its terms must not change; set "
                "start and end of each to the same value"
            )
        self._check_models()
        self._check_terms()

    def _check_models(self) -> None:
        """Refuse terms whose teachers have no checkpoints, and parts that come from nowhere."""
        needs = {
            "has a frozen teacher": self.has_frozen_teacher,
            "freezes its encoder": self.freeze_encoder,
            "has fresh parts": bool(self.fresh),
        }
        for what, needed in needs.items():
            if needed and self.start is None:
                raise ValueError(f"run {self.name} {what} but no checkpoint; set start to one")
        if self.has_weak_teacher and self.weak is None:
            raise ValueError(
                f"run {self.name} has an autoguided teacher but no weaker one; set weak to its "
                "checkpoint"
            )

    def _check_terms(self) -> None:
        """Refuse terms and guidance that networks cannot learn."""
        check_shares(self.name, self.terms)
        if self.guided.source == "student":
            check_self_guidance(self.name, self.terms, self.unconditional)
        check_guidance(self.name, self.guided, self.guidance, self.maps)
        if self.velocity_head:
            check_velocity_head(self.name, self.terms)
        check_diagonal(self.name, self.terms)
        if self.critic_channels:
            check_critics(
                self.name, self.terms, alone=self.maps == ("mel",) and self.freeze_encoder
            )

    @property
    def has_frozen_teacher(self) -> bool:
        """Whether a term has a frozen teacher; the text encoder is then the teacher's, frozen."""
        guided = self.has_guided_teacher and self.guided.source == "frozen"
        return guided or any(term.teacher in FROZEN for term in self.terms)

    @property
    def has_guided_teacher(self) -> bool:
        """Whether a term has guided velocities."""
        return any(term.teacher == "guided" for term in self.terms)

    @property
    def wide(self) -> WideNetwork:
        """What the mel decoder has in training beside the plain one."""
        return WideNetwork(self.guided.highest is not None, self.velocity_head)

    @property
    def without_noise(self) -> bool:
        """Whether the map is trained without noise, so that it has no use for any."""
        return all(term.objective == REGRESSION for term in self.terms)

    @property
    def has_dropout(self) -> bool:
        """Whether networks have dropout: only where data alone gives the targets."""
        objectives = [OBJECTIVES[term.objective] for term in self.terms]
        return all(each.diagonal and not each.evaluations for each in objectives)

    @property
    def learned_weights(self) -> tuple[str, ...]:
        """The maps and objectives whose errors have learned weights, such as `mel/lsd`."""
        names = {term.objective: None for term in self.terms if term.weighting == LEARNED}
        return tuple(f"{name}/{objective}" for name in self.maps for objective in names)

    @property
    def has_weak_teacher(self) -> bool:
        """Whether a term has a second, weaker teacher."""
        return any(term.teacher == "autoguided" for term in self.terms)


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderRun(BaseRun):
    """A run of the vocoder, from recordings; its schedule is chosen by hand and not tuned.

    Args:
        model: sizes of the vocoder.
        critics: the discriminators; none trains by spectral and pitch losses alone.
        critic_rate: peak learning rate of the discriminators.
        weights: of the losses.
        joined: progress from which on the discriminators take part, 0 to 1.
        perturbed: share of the crops whose speed, and so pitch, is changed (`crops.SPEEDS`), 0
            to 1. High voices were copied worst without it (docs/log, 2026-11-27).
        predicted: progress from which on half of the mels are one-step mels of `acoustic`,
            aligned with the recordings; 1 does without them.
        acoustic: checkpoint of the acoustic model that makes one-step mels; required where
            `predicted` is below 1.

    Raises:
        ValueError: a value is of the wrong type or out of range, or `acoustic` is missing.
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
            raise ValueError(
                f"run {self.name} needs an acoustic model for one-step mels; set acoustic to its "
                "file, or predicted to 1"
            )


# trainable parts, by the prefixes of their tensors in checkpoints (tts/tensor_names.py)
LEARNING = ("decoder", "melody", "shape", "mean")


@dataclass(frozen=True, kw_only=True, slots=True)
class JointRun(BaseRun):
    """A run of mel decoder and vocoder together, on waveforms, against discriminators.

    Numbers without a source are chosen by hand and not tuned.

    Args:
        start: checkpoint of the acoustic model.
        vocoder: checkpoint of the vocoder, or the name of a public one.
        critics: the discriminators, at least one.
        critics_state: `state.pt` of a vocoder's run, whose discriminators are trained on; None
            starts new ones.
        learning: parts of the acoustic model that are trained, some of `LEARNING`; all others,
            such as the text encoder, are frozen.
        vocoder_rate: peak learning rate of the vocoder.
        critic_rate: peak learning rate of the discriminators.
        joined: progress up to which only the discriminators are trained, 0 to 1.
        copies: share of a batch that is copies of recordings from their own mels, between 0 and
            1; the rest is generated from noise.
        perturbed: share of these copies whose speed is changed, 0 to 1.
        margin: frames at both ends of a crop that the networks see and no loss counts.
        temperature: standard deviation of the decoder's input noise; by default that of speech
            synthesis.
        draws: 1, or 2 to generate every crop from two noises and subtract half of their distance
            from each distance, which makes it an energy score (arXiv 2008.01160, equation 4).
            With 2 the mel keeps its spread and DistillMOS falls (docs/log, 2026-11-28).
        speech: weights of the losses of generated speech.
        copied: weights of the losses of copies.

    Raises:
        ValueError: a value is of the wrong type or out of range, or options exclude each other.
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
            raise ValueError(
                f"learning of run {self.name} must be some of {', '.join(LEARNING)}; "
                f"got {self.learning}"
            )
        if self.start is None:
            raise ValueError(f"run {self.name} has no acoustic model; set start to its file")
        if not self.critics:
            raise ValueError(f"run {self.name} has no discriminators; set critics")
        if not 0 < self.copied_crops < self.batch:
            raise ValueError(
                f"run {self.name} must have both copies and speech in a batch, got "
                f"{self.copied_crops} copies of {self.batch} crops; change copies or batch"
            )
        if self.draws not in (1, 2) or (self.batch - self.copied_crops) % self.draws:
            raise ValueError(
                f"draws of run {self.name} must be 1 or 2 and divide its "
                f"{self.batch - self.copied_crops} crops of speech, got {self.draws}"
            )

    @property
    def copied_crops(self) -> int:
        """The number of crops of a batch that are copies of recordings."""
        return round(self.copies * self.batch)

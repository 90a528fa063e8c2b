"""Comparison: the options of a comparison, and the run of each objective in it."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

from tts.config import DecoderConfig, ModelConfig
from tts.validation import check_ranges, check_types

from ..config import AcousticRun, BaseRun
from ..data.dataset import KnownVoices, Selection
from ..evaluation.results import ResultRow
from ..recipes import flow_matching, make_run
from ..release.fingerprint import fingerprint
from .reduced import SMALL

BASE, START, WEAK = "base", "start.safetensors", "weak.safetensors"
UNIT = "flow_matching"  # the objective whose updates are the unit of compute
REFERENCE = "split_mean_flow"  # the objective whose figures others are compared with
# in the order of the work
OBJECTIVES = (
    "split_mean_flow", "regression", "regression_critics", "flow_matching", "endpoint", "mean_flow",
    "lmd", "lsd", "psd", "split_mean_flow_scratch", "shortcut", "int_mean_flow",
    "terminal_velocity_matching", "align_your_flow", "consistency_distillation", "emd", "esd",
    "align_your_flow_lagrangian", "alpha_flow", "pmf", "consistency_training",
    "progressive_flow_map_matching", "flow_map_matching", "cmt", "drifting", "improved_mean_flow",
    "mean_flow_guided",
)  # fmt: skip
WEAK_PROGRESS = 0.25  # of the base run, at which the second teacher is kept; chosen by hand
MILESTONES = (0.25, 0.5)  # shares of the compute at which averages are kept as well


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The options of a comparison; every objective has the same of all but its own.

    Args:
        features: folder of features, with those of `sets` and `held_out`.
        acoustic: checkpoint whose encoder, prosody and conditioning all share.
        vocoder: checkpoint of the vocoder, for speech.
        whisper: folder of a faster-whisper model; None leaves speech out.
        texts: texts to read, JSON lines, of which `sentences` are read.
        objectives: names of recipes.
        seeds: how many, from 1; each objective is trained once for each.
        updates: compute of each objective, in updates of flow matching, at least 10: each has as
            many updates as take that time.
        base_minutes: training time of the flow-matching model they all start from, above 0.
        decoder: sizes of the mel decoder.
        sets: names of the training sets.
        held_out: name of the validation set.
        voice: name of the voice, whose clips alone are used.
        steps: numbers of steps to measure.
        clips: of each set, for measures without speech, at least 2.
        sentences: to read at each number of steps, at least 1.
        rate: peak learning rate of AdamW.
        matrix_rate: peak learning rate of Muon.
        batch: crops in a batch.
        crop: their length in frames.
        average: decay of the average of the weights.
        device: of the training.
        threads: of the CPU.

    Raises:
        ValueError: a value is of the wrong type or out of range.
    """

    features: Path
    acoustic: Path
    vocoder: Path
    whisper: Path | None = None
    texts: Path = Path("benchmarks/texts.jsonl")
    objectives: tuple[str, ...] = OBJECTIVES
    seeds: int = 1
    updates: int = 1500
    base_minutes: float = 15.0
    decoder: DecoderConfig = SMALL
    sets: tuple[str, ...] = ("heart",)
    held_out: str = "val"
    voice: str = "heart"
    steps: tuple[int, ...] = (1, 2, 4, 8)
    clips: int = 24
    sentences: int = 20
    rate: float = 8e-4
    matrix_rate: float = 8e-4
    batch: int = 24
    crop: int = 192
    average: float = 0.995
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        check_types(self)
        ranges = {
            "seeds": (1, 1000), "updates": (10, 10**9), "base_minutes": (1e-3, 1e6),
            "clips": (2, 10_000), "sentences": (1, 10_000), "threads": (1, 1024),
        }  # fmt: skip
        check_ranges(self, ranges)
        for step in self.steps:
            if not 1 <= step <= 64:
                raise ValueError(f"steps must be from 1 to 64, got {step}")

    @property
    def selection(self) -> Selection:
        """The clips of the voice."""
        return KnownVoices(voices=(self.voice,))

    @property
    def subject(self) -> ResultRow:
        """All that a result depends on; other options choose which results there are."""
        own = (
            "updates", "base_minutes", "voice", "rate", "matrix_rate", "batch", "crop", "average",
            "clips", "device",
        )  # fmt: skip
        return {
            "acoustic": fingerprint(self.acoustic),
            "vocoder": fingerprint(self.vocoder),
            "texts": fingerprint(self.texts),
            "decoder": {f.name: getattr(self.decoder, f.name) for f in fields(self.decoder)},
            "sets": [*self.sets, self.held_out],
            **{name: getattr(self, name) for name in own},
        }

    def base_run(self, model: ModelConfig, start: Path) -> AcousticRun:
        """The flow-matching run whose averages all objectives start from."""
        run = replace(flow_matching(), name=BASE, model=model, minutes=self.base_minutes)
        return self._shared(run, start)

    def run(self, objective: str, model: ModelConfig, base: Path) -> AcousticRun:
        """The run of an objective: its recipe's terms, and all else as in every other run.

        Raises:
            ValueError: there is no such recipe, or it is not one of the mel map.
        """
        run = make_run(objective)
        if not isinstance(run, AcousticRun):
            raise ValueError(f"{objective} does not train a mel map; name other objectives")
        run = replace(
            run,
            name=objective,
            model=model,
            minutes=None,
            steps=self.updates,
            rate=self.rate,
            matrix_rate=self.matrix_rate,
            average=self.average,
        )
        weak = str(base.parent.parent / WEAK) if run.has_weak_teacher else None
        return self._shared(replace(run, weak=weak), base)

    def _shared(self, run: AcousticRun, start: Path) -> AcousticRun:
        """A run of the reduced model: from one start, at one precision, on the same clips."""
        usual = BaseRun(name="usual")
        return replace(
            run,
            betas=usual.betas,
            warmup=usual.warmup,
            decay=usual.decay,
            weight_decay=usual.weight_decay,
            start=str(start),
            teacher=str(start),
            sets=self.sets,
            selection=self.selection,
            maps=("mel",),
            freeze_encoder=True,
            fresh=(),
            batch=self.batch,
            crop=self.crop,
            precision="bfloat16",
            masked=0.0,
            compiled=False,
            watch=None,
            patience=None,
            save_minutes=3.0,
        )

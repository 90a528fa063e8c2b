"""ComparisonRunner: trains each objective for equal compute, and measures it; it is resumable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

import torch

from tts.acoustic.model import AcousticModel
from tts.delivery import Delivery
from tts.files import write_json_file, write_text_file
from tts.metrics import whisper_weights
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint

from ..config import AcousticRun
from ..data.dataset import FeatureDataset
from ..data.statistics import Statistics
from ..evaluation.results import LEDGER, ResultRow, ResultStore
from ..loop.train import train
from ..release.fingerprint import fingerprint
from .conditioning import FrozenConditioning
from .measures import ReferenceMel, Sampler, measure, reference_mels
from .plan import BASE, MILESTONES, REFERENCE, START, UNIT, WEAK, WEAK_PROGRESS, Comparison
from .reduced import reduce_model
from .speech import ComparedSpeech, integrated
from .stage import ReducedCriticStage, ReducedStage
from .summary import HELD_OUT_CLIPS, TRAINING_CLIPS, Trial, summarise_trials, trained_rows
from .table import table
from .timing import fastest_updates

RESULTS = "results.json"
AVERAGE, STATE, SPEECH_LEDGER = "average.safetensors", "state.pt", "speech.jsonl"
SPOKEN_TEMPERATURE = Delivery().temperature  # as of speech that is asked for without options
TEACHER, TEACHER_STEPS = "teacher", 32  # its midpoint steps, of two evaluations each
Report = Callable[[str], None]


class ComparisonRunner:
    """The runs and measurements of a comparison in a folder.

    Args:
        comparison: its options.
        out: folder of checkpoints and ledgers.
        report: called with a line for each result.

    Raises:
        FileNotFoundError: an input is missing.
        ValueError: an input is damaged, an objective is unknown, or the folder is of another
            comparison.
    """

    def __init__(self, comparison: Comparison, out: Path, report: Report) -> None:
        self.comparison, self.out, self.report = comparison, out, report
        self.ledger = ResultStore(out / LEDGER, comparison.subject)
        self.spoken: ResultStore | None = None
        self.speech: ComparedSpeech | None = None
        if comparison.whisper:
            heard = fingerprint(whisper_weights(comparison.whisper))
            self.spoken = ResultStore(out / SPEECH_LEDGER, {**comparison.subject, "whisper": heard})
            self.speech = ComparedSpeech(comparison, comparison.whisper)
        start = out / START
        if not start.exists():
            shipped = load_checkpoint(comparison.acoustic, AcousticModel)
            save_checkpoint(reduce_model(shipped, comparison.decoder), start, {"recipe": "reduced"})
        self.start = load_checkpoint(start, AcousticModel)
        self._references: dict[str, list[ReferenceMel]] = {}
        for name in comparison.objectives:
            self.planned(name)

    def planned(self, name: str) -> AcousticRun:
        """The run of an objective, without its seed and its number of updates."""
        return self.comparison.run(name, self.start.config, self.out / BASE / AVERAGE)

    def run(self) -> None:
        """Do all that is not done yet.

        Seed by seed, and in each one step before more, so that a stopped comparison is a fair one.
        """
        first, *more = self.comparison.steps
        self.train_base()
        self.measure_teacher()
        for seed in range(self.comparison.seeds):
            for name in self.comparison.objectives:
                if self.train_one(name, seed):
                    self.measure_one(name, seed)
                    self.speak_one(name, seed, [first])
                self.results()
            for name in self.comparison.objectives:
                if self.train_one(name, seed):
                    self.speak_one(name, seed, more)
                self.results()

    def train_base(self) -> None:
        """Train the flow-matching model that all objectives start from."""
        weak = {self.out / WEAK: WEAK_PROGRESS}
        run = self.comparison.base_run(self.start.config, self.out / START)
        self._trained(BASE, run, self.out / BASE, weak)

    def train_one(self, name: str, seed: int) -> bool:
        """Train an objective with a seed; whether its losses stayed finite."""
        folder = self.folder(name, seed)
        milestones = {folder / f"{share:g}.safetensors": share for share in MILESTONES}
        run = replace(self.planned(name), seed=seed, steps=self.updates(name))
        found = self._trained(f"{name}/{seed}", run, folder, milestones)
        return "failed" not in found

    def updates(self, name: str) -> int:
        """How many updates an objective has: as many as take the time of the comparison."""

        def find() -> ResultRow:
            stages = [self._stage(self.planned(each), {}) for each in (UNIT, name)]
            unit, own = fastest_updates(stages)
            return {"unit": unit, "seconds": own}

        found = self.ledger.get_or_compute(f"time/{name}", find)
        return max(1, round(self.comparison.updates * found["unit"] / found["seconds"]))

    def _stage(self, run: AcousticRun, milestones: Mapping[Path, float]) -> ReducedStage:
        kind = ReducedCriticStage if run.critic_channels else ReducedStage
        return kind(run, self.corpus, self.held_out, self.conditioning, milestones)

    def _trained(
        self, name: str, run: AcousticRun, folder: Path, milestones: Mapping[Path, float]
    ) -> ResultRow:
        def find() -> ResultRow:
            stage = self._stage(run, milestones)
            try:
                train(stage.run, stage, folder)
            except ValueError as error:
                if "finite" not in str(error):
                    raise
                self.report(f"{name}: {error}")
                return {"failed": str(error), "updates": stage.state.step}
            (folder / STATE).unlink()
            state = stage.state
            self.report(f"{name}: {state.step} updates in {state.seconds / 60:.1f} minutes")
            return {
                "updates": state.step,
                "minutes": state.seconds / 60,
                "forward_passes": state.forward_passes,
            }

        return self.ledger.get_or_compute(f"train/{name}", find)

    def measure_teacher(self) -> None:
        """Measure the teacher's velocity, integrated in many steps and in few."""
        sampler = Sampler(self.base.decoder, TEACHER_STEPS, midpoint=True)
        self._measure(TEACHER, TEACHER_STEPS, 1.0, sampler)
        self._speak(TEACHER, integrated(self.base), TEACHER_STEPS, SPOKEN_TEMPERATURE)

    def measure_one(self, name: str, seed: int) -> None:
        """Measure an objective at each number of steps, and in one step on its way."""
        temperature = self.temperature(name)
        steps = self.comparison.steps if temperature else (1,)
        stages = [(1.0, AVERAGE, steps), *((m, f"{m:g}.safetensors", (1,)) for m in MILESTONES)]
        for share, file, chosen in stages:
            decoder = self.model(self.folder(name, seed) / file).decoder
            for number in chosen:
                sampler = Sampler(decoder, number, temperature=temperature)
                self._measure(f"{name}/{seed}", number, share, sampler)

    def _measure(self, name: str, steps: int, share: float, sampler: Sampler) -> None:
        for where in (TRAINING_CLIPS, HELD_OUT_CLIPS):
            key = f"measure/{name}/{steps}/{share:g}/{where}"
            self.ledger.get_or_compute(key, partial(self._measured, sampler, where))

    def _measured(self, sampler: Sampler, where: str) -> ResultRow:
        return measure(sampler, self.references(where))

    def speak_one(self, name: str, seed: int, steps: Sequence[int]) -> None:
        """Judge what an objective speaks in some numbers of steps; without noise, in one alone."""
        temperature = self.temperature(name)
        model = self.model(self.folder(name, seed) / AVERAGE)
        for number in steps if temperature else [step for step in steps if step == 1]:
            self._speak(f"{name}/{seed}", model, number, temperature and SPOKEN_TEMPERATURE)

    def _speak(self, name: str, model: AcousticModel, steps: int, temperature: float) -> None:
        speech, spoken = self.speech, self.spoken
        if speech is None or spoken is None:
            return
        for line in speech.lines:
            spoken.get_or_compute(
                f"speech/{name}/{steps}/{line.id}",
                partial(speech.judge, model, line, steps, temperature),
            )

    def temperature(self, name: str) -> float:
        """Scale of the noise of an objective: 0 for one that is trained without noise."""
        return 0.0 if self.planned(name).without_noise else 1.0

    def folder(self, name: str, seed: int) -> Path:
        """The folder of a run."""
        return self.out / "runs" / str(seed) / name

    def model(self, path: Path) -> AcousticModel:
        """The model of a checkpoint of this comparison."""
        return load_checkpoint(path, AcousticModel)

    @cached_property
    def base(self) -> AcousticModel:
        """The flow-matching model that all objectives start from; their frozen teacher."""
        return self.model(self.out / BASE / AVERAGE)

    @cached_property
    def corpus(self) -> FeatureDataset:
        """The training clips, on the device of the training."""
        return self._clips(TRAINING_CLIPS).to(torch.device(self.comparison.device))

    @cached_property
    def held_out(self) -> FeatureDataset:
        """The validation clips."""
        return self._clips(HELD_OUT_CLIPS)

    def _clips(self, where: str) -> FeatureDataset:
        names = {TRAINING_CLIPS: self.comparison.sets, HELD_OUT_CLIPS: (self.comparison.held_out,)}
        chosen, config = self.comparison, self.start.config
        folders = [chosen.features / name for name in names[where]]
        symbols = PhonemeTokenizer(inventory=config.symbols)
        return FeatureDataset(
            folders, symbols, config.voices, Statistics.of(self.start), chosen.selection
        )

    @cached_property
    def conditioning(self) -> FrozenConditioning:
        """That of the training clips."""
        reader = self.model(self.out / START).to(self.corpus.mels.device)
        return FrozenConditioning(reader, self.corpus)

    def references(self, where: str) -> list[ReferenceMel]:
        """Recordings of the training clips, or of those held out."""
        if where not in self._references:
            clips = self._clips(where)
            self._references[where] = reference_mels(self.base, clips, self.comparison.clips)
        return self._references[where]

    def results(self) -> ResultRow:
        """All that was found so far; also written, to `results.json` and `table.md`."""
        names, seeds = self.comparison.objectives, self.comparison.seeds
        trials = [Trial(TEACHER, TEACHER_STEPS, seeded=False)]
        trials += [Trial(name, steps) for steps in self.comparison.steps for name in names]
        trials += [Trial(name, 1, share) for share in MILESTONES for name in names]
        measured = self.ledger.results
        spoken = self.spoken.results if self.spoken else {}
        found = {
            "subject": self.comparison.subject,
            "reference": REFERENCE,
            "teacher": TEACHER,
            "base": measured.get(f"train/{BASE}"),
            "training": trained_rows(measured, names, seeds),
            "rows": summarise_trials(measured, spoken, trials, seeds, REFERENCE),
        }
        write_json_file(self.out / RESULTS, found)
        write_text_file(self.out / "table.md", table(found) + "\n")
        return found

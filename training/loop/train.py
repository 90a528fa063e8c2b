"""train(run, stage, out): the loop, top to bottom, the same for every model."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, Protocol, runtime_checkable

from torch import Generator, nn

from tts.files import write_json_file
from tts.torch_checkpoint import save_checkpoint
from tts.validation import parse_json

from ..config import BaseRun
from .logger import RunLogger
from .outcome import StepResult, read_losses
from .schedule import set_learning_rates
from .state import TrainingState

RUN, LENGTHS = "run.json", ("steps", "minutes")


@runtime_checkable
class Stage(Protocol):
    """What a kind of model provides for the loop: its state, one update of it, and validation."""

    state: TrainingState

    @property
    def run(self) -> BaseRun:
        """The run, with the sets and voices that were found in its data."""

    def step(self, progress: float, generator: Generator) -> StepResult:
        """Take one batch and make one update.

        Args:
            progress: of the run, 0 to 1.
            generator: source of the batch, of noise and of times.
        """

    def averages(self) -> Mapping[str, nn.Module]:
        """Models of the averaged weights, by the names of their files without suffix."""

    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Log the averaged model's losses on the validation sets, and return them by name."""


Report = Callable[[int, Mapping[str, float]], None]  # of a step and its held-out losses


def train(run: BaseRun, stage: Stage, out: Path, report: Report | None = None) -> Path:
    """Train a run to its end; continue it if its folder has a state.

    Losses are read every `log_every` steps and before each save, since reading waits for a GPU.

    Args:
        run: the run, as completed by its stage.
        stage: its stage.
        out: its folder; gets `run.json`, `log.jsonl`, `state.pt` and the averages.
        report: called after each save.

    Returns:
        The path of the averaged checkpoint; of the first, where a stage has several.

    Raises:
        ValueError: a loss or a gradient is not finite, in which case the last save stays; or the
            folder holds another run.
    """
    state = stage.state
    write_down(run, out)
    if (out / "state.pt").exists():
        state.load(out / "state.pt")
    saved = time.monotonic()
    # processor time of this thread, so that a busy or suspended machine does not use up the budget
    clock = time.thread_time if state.device.type == "cpu" else time.monotonic
    unread: list[StepResult] = []
    with RunLogger(run, out, state.step) as journal:
        while (done := progress(run, state)) < 1 and not _is_stale(run, state):
            started = clock()
            set_learning_rates(run, state, done)
            unread.append(stage.step(done, step_generator(run, state)))
            late = time.monotonic() - saved > 60 * run.save_minutes
            late = late or bool(run.save_steps and state.step % run.save_steps == 0)
            losses = None
            if late or state.step % run.log_every == 0:
                losses = read_losses(unread)
                unread.clear()
            state.seconds += clock() - started
            journal.step(state, progress(run, state), losses)
            if late:
                save_averages(run, stage, journal, out, report)
                saved = time.monotonic()
        if unread:
            read_losses(unread)
        return save_averages(run, stage, journal, out, report)


def step_generator(run: BaseRun, state: TrainingState) -> Generator:
    """The generator of the next step, seeded by the run's seed and the step.

    The factor, a prime, keeps the seeds of different runs apart for a million steps.
    """
    return Generator(state.device).manual_seed(run.seed * 1_000_003 + state.step)


def write_down(run: BaseRun, out: Path) -> None:
    """Write `run.json`; a run that continues may change its length only."""
    check_folder(run, out)
    out.mkdir(parents=True, exist_ok=True)
    write_json_file(out / RUN, asdict(run))


def check_folder(run: BaseRun, out: Path) -> None:
    """Refuse a folder that holds checkpoints of a run with other options.

    Raises:
        ValueError: the folder has such checkpoints; the options are named.
    """
    if not (out / RUN).exists() or not any(out.glob("*.safetensors")):
        return
    values = json.loads(json.dumps(asdict(run)))
    before = _with_defaults(run, read_run(out / RUN))
    names = [*values, *(name for name in before if name not in values)]
    changed = [
        f"{name} ({shorten(str(before.get(name)), 40)} there)"
        for name in names
        if name not in LENGTHS and values.get(name) != before.get(name)
    ]
    if changed:
        raise ValueError(
            f"{out} holds a run with other options than {run.name}: {', '.join(changed)}; "
            "name another folder"
        )


def _with_defaults(options: Any, saved: Any) -> Any:
    """Saved options with the defaults of those that were added to their class since."""
    if isinstance(options, tuple) and isinstance(saved, list) and len(options) == len(saved):
        return [_with_defaults(*each) for each in zip(options, saved, strict=True)]
    if not is_dataclass(options) or not isinstance(saved, dict):
        return saved
    found = dict(saved)
    for field in fields(options):
        if field.name in saved:
            found[field.name] = _with_defaults(getattr(options, field.name), saved[field.name])
        elif field.default_factory is not MISSING:
            found[field.name] = json.loads(json.dumps(field.default_factory(), default=asdict))
        elif field.default is not MISSING:
            found[field.name] = json.loads(json.dumps(field.default, default=asdict))
    return found


def read_run(path: Path) -> dict[str, Any]:
    """Read the options of a run from its `run.json`.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        return dict(parse_json(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"cannot read {path}: not the options of a run; name another folder"
        ) from error


def save_averages(
    run: BaseRun, stage: Stage, journal: RunLogger, out: Path, report: Report | None = None
) -> Path:
    """Validate the averages, and save them and the state of the run.

    A run that watches a loss saves its averages only where that loss is the lowest so far.

    Returns:
        The path of the first averaged checkpoint.

    Raises:
        ValueError: the averages are not finite; nothing is saved.
    """
    state, averages = stage.state, stage.averages()
    if not state.average.is_finite():
        raise ValueError(f"averages of run {run.name} are not finite at step {state.step}")
    losses = stage.validate(journal)
    origin = {"recipe": run.name, "step": str(state.step), "minutes": f"{state.seconds / 60:.1f}"}
    watched = losses[run.watch] if run.watch else -math.inf
    state.stale_saves += 1
    if watched < state.lowest_loss or not run.watch:
        state.lowest_loss, state.stale_saves = watched, 0
        for name, model in averages.items():
            save_checkpoint(model, out / f"{name}.safetensors", origin)
    state.save(out / "state.pt")
    if report:
        report(state.step, losses)
    return out / f"{next(iter(averages))}.safetensors"


def _is_stale(run: BaseRun, state: TrainingState) -> bool:
    """Whether the watched loss has not fallen for as many saves as the run has patience."""
    return run.patience is not None and state.stale_saves >= run.patience


def progress(run: BaseRun, state: TrainingState) -> float:
    """The share of the run that is done, of its minutes if it has any, else of its steps."""
    if run.minutes is not None:
        return state.seconds / (60 * run.minutes)
    return state.step / run.steps

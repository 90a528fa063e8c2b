"""train(run, stage, out): the loop, top to bottom, the same for every model."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from typing import Any, Protocol, runtime_checkable

from torch import Generator

from tts.acoustic.model import AcousticModel
from tts.checkpoint import save_checkpoint
from tts.files import write_json_file
from tts.validation import parse_json
from tts.vocoder.model import Vocoder

from ..config import BaseRun
from .logger import RunLogger
from .outcome import StepResult, read_losses
from .schedule import set_learning_rates
from .state import TrainingState

RUN, LENGTHS = "run.json", ("steps", "minutes")


@runtime_checkable
class Stage(Protocol):
    """What a kind of model brings to the loop: its state, one update of it, and a judge."""

    state: TrainingState

    @property
    def run(self) -> BaseRun:
        """What the stage was made for, with the voices that were found."""

    def step(self, progress: float, generator: Generator) -> StepResult:
        """One batch, one update."""

    def averages(self) -> Mapping[str, AcousticModel | Vocoder]:
        """Models of the averaged weights, by the name of the file that each is to be kept in."""

    def validate(self, journal: RunLogger) -> dict[str, float]:
        """Judge the averaged model on what is held out; returns the losses by name."""


def train(run: BaseRun, stage: Stage, out: Path) -> Path:
    """Resume, and step until progress is whole.

    Losses are read every `log_every` steps and before anything is saved.

    Returns:
        The path of the averaged checkpoint; of the first, where a stage has several.

    Raises:
        ValueError: a loss or a gradient is not finite; what was saved before stays as it is.
    """
    state = stage.state
    write_down(run, out)
    if (out / "state.pt").exists():
        state.load(out / "state.pt")
    saved = time.monotonic()
    # of this thread alone, so that on a shared or stopped processor a run loses none of its budget
    clock = time.thread_time if state.device.type == "cpu" else time.monotonic
    unread: list[StepResult] = []
    with RunLogger(run, out, state.step) as journal:
        while (done := progress(run, state)) < 1:
            started = clock()
            set_learning_rates(run, state, done)
            unread.append(stage.step(done, step_generator(run, state)))
            late = time.monotonic() - saved > 60 * run.save_minutes
            losses = None
            if late or state.step % run.log_every == 0:
                losses = read_losses(unread)
                unread.clear()
            state.seconds += clock() - started
            journal.step(state.step, progress(run, state), losses)
            if late:
                save_averages(run, stage, journal, out)
                saved = time.monotonic()
        if unread:
            read_losses(unread)
        return save_averages(run, stage, journal, out)


def step_generator(run: BaseRun, state: TrainingState) -> Generator:
    """The chance of the next step: everything random follows from the seed and the step."""
    return Generator(state.device).manual_seed(run.seed * 1_000_003 + state.step)


def write_down(run: BaseRun, out: Path) -> None:
    """`run.json` says what a folder holds; only its length may change when it is taken up again."""
    check_folder(run, out)
    out.mkdir(parents=True, exist_ok=True)
    write_json_file(out / RUN, asdict(run))


def check_folder(run: BaseRun, out: Path) -> None:
    """Refuse a folder that holds what another run has learnt.

    Raises:
        ValueError: the folder has results of a run with other options, which are named.
    """
    if not (out / RUN).exists() or not any(out.glob("*.safetensors")):
        return
    values = json.loads(json.dumps(asdict(run)))
    before = read_run(out / RUN)
    names = [*values, *(name for name in before if name not in values)]
    changed = [
        f"{name} ({shorten(str(before.get(name)), 40)} there)"
        for name in names
        if name not in LENGTHS and values.get(name) != before.get(name)
    ]
    if changed:
        raise ValueError(
            f"{out} holds another run than {run.name} is now; it differs in {', '.join(changed)}; "
            "name another folder"
        )


def read_run(path: Path) -> dict[str, Any]:
    """The options of a run as they were written down.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        return dict(parse_json(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} cannot be read as the options of a run; name another folder"
        ) from error


def save_averages(run: BaseRun, stage: Stage, journal: RunLogger, out: Path) -> Path:
    """Judge the averages on held-out clips, and save them and what resuming needs.

    In a run that names a loss to `watch`, the averages that had the lowest are those kept.
    """
    state, averages = stage.state, stage.averages()
    if not state.average.is_finite():
        raise ValueError(f"averages of run {run.name} are not finite at step {state.step}")
    losses = stage.validate(journal)
    origin = {"recipe": run.name, "step": str(state.step), "minutes": f"{state.seconds / 60:.1f}"}
    watched = losses[run.watch] if run.watch else -math.inf
    if watched < state.lowest_loss or not run.watch:
        state.lowest_loss = watched
        for name, model in averages.items():
            save_checkpoint(model, out / f"{name}.safetensors", origin)
    state.save(out / "state.pt")
    return out / f"{next(iter(averages))}.safetensors"


def progress(run: BaseRun, state: TrainingState) -> float:
    """How much of the run is done: of its minutes if it has a budget, else of its steps."""
    if run.minutes is not None:
        return state.seconds / (60 * run.minutes)
    return state.step / run.steps

"""Several runs in a row, each from the averages of those before it, and their rehearsal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from torch import nn

from tts.acoustic.model import AcousticModel
from tts.validation import coerce_argument
from tts.vocoder.model import Vocoder

from ..build import StageBuilder
from ..config import AcousticRun, JointRun, VocoderRun
from ..data.pack.parts import write_parts
from ..durations.model import DurationModel
from ..durations.run import DurationRun
from ..overrides import override, parse_option
from ..recipes import RECIPES, AnyRun, make_run
from .logger import RunLogger
from .rehearsal import PHASES, Rehearsal, rehearse
from .start import RUNS, found_in
from .train import RUN, Stage, check_folder, read_run, save_averages, train

PART_MEGABYTES = 15.0
SPEED_SECONDS = 3.0  # for which the speed of a stage is measured

# paths of averages: by class name the latest of that class, by run name those of that run
Averages = dict[str, Path]
# files of averages that each kind of run writes to its folder, by the class of model in them
AVERAGE_FILES: dict[type[AnyRun], dict[type[nn.Module], str]] = {
    AcousticRun: {AcousticModel: "average.safetensors"},
    VocoderRun: {Vocoder: "average.safetensors"},
    JointRun: {AcousticModel: "acoustic.safetensors", Vocoder: "vocoder.safetensors"},
    DurationRun: {DurationModel: "average.safetensors"},
}


def parse_stages(text: str, changes: Iterable[str] = (), out: Path = RUNS) -> list[AnyRun]:
    """Runs from a list of recipes with minutes, and changes of their options.

    Args:
        text: such as `flow_matching_gpu=5,split_mean_flow_gpu=3`.
        changes: options, such as `crop=96` for all runs or `flow_matching_gpu.batch=64` for one.
        out: folder of runs, in place of `runs` in the paths of recipes.

    Returns:
        The runs, in their order.

    Raises:
        ValueError: there is no such recipe or option, a recipe has no minutes, or an option is of
            a recipe that is not among them.
    """
    stages = [_run(stage.strip()) for stage in text.split(",")]
    runs = {run.name: found_in(run, out) for run in stages}
    if len(runs) < len(stages):
        raise ValueError(
            f"each recipe must be named once, got {text!r}; start another run for the rest"
        )
    for change in changes:
        path, value = parse_option(change)
        name, _, rest = path.partition(".")
        one = bool(rest) and name in RECIPES
        if one and name not in runs:
            raise ValueError(
                f"recipe {name} of option {change!r} is not in this run; recipes of this run: "
                f"{', '.join(runs)}"
            )
        for recipe in (name,) if one else tuple(runs):
            runs[recipe] = override(runs[recipe], rest if one else path, value)
    if len({run.name for run in runs.values()}) < len(runs):
        raise ValueError("two recipes have the same name; set the name of each apart")
    return list(runs.values())


def _run(stage: str) -> AnyRun:
    name, _, minutes = stage.partition("=")
    run = make_run(name)
    try:
        return replace(run, minutes=float(minutes))
    except ValueError as error:
        raise ValueError(
            f"{name} must have minutes above 0, as in {name}=5; got {stage!r}"
        ) from error


def check_stages(runs: Sequence[AnyRun], out: Path) -> None:
    """Refuse runs that would fail only after the minutes of those before them.

    Raises:
        FileNotFoundError: a run reads a file that is missing and that no run before it writes.
        ValueError: the folder of a run holds one with other options.
    """
    left = set[str]()
    for run in chain_runs(runs, out):
        for option, path in _needed(run).items():
            if path not in left and not Path(path).exists():
                raise FileNotFoundError(
                    f"no such file: {path} ({option} of {run.name}); make it first, or name "
                    f"another with --set {run.name}.{option}=..."
                )
        left |= {str(path) for path in _left(run, out).values()}
        check_folder(_as_found(run, out / run.name), out / run.name)


def rehearse_stages(
    runs: Sequence[AnyRun], room: StageBuilder, out: Path
) -> Iterator[tuple[AnyRun, Rehearsal]]:
    """Take a few steps of every run, validate and save it, and discard all of it.

    Args:
        runs: in their order.
        room: builds their stages.
        out: folder of runs; averages lie in a temporary folder in it meanwhile.

    Yields:
        Each run with what its rehearsal measured.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="rehearsal", dir=out) as folder:
        for run, real in zip(chain_runs(runs, Path(folder)), chain_runs(runs, out), strict=True):
            stage = room.build(run)
            check_folder(replace(stage.run, **_linked(real)), out / run.name)
            found = rehearse(stage.run, stage, SPEED_SECONDS)
            _rehearse_saving(stage, Path(folder) / run.name)
            yield run, found


def train_stages(
    runs: Sequence[AnyRun], room: StageBuilder, out: Path, results: Path
) -> Iterator[tuple[AnyRun, list[Path]]]:
    """Train every run for its minutes; the time of compilation does not count.

    Args:
        runs: in their order.
        room: builds their stages.
        out: folder of runs.
        results: folder that gets, after each run, its log and its averages in parts.

    Yields:
        Each run with the files that were written in `results`.
    """
    for run in chain_runs(runs, out):
        stage = room.build(run)
        if isinstance(run, AcousticRun) and run.compiled:
            rehearse(
                stage.run, stage, 0, PHASES[:1]
            )  # shares are fixed, so one step has all shapes
        train(stage.run, stage, out / run.name)
        yield run, _carry(run, out, results)


def chain_runs(runs: Iterable[AnyRun], out: Path) -> Iterator[AnyRun]:
    """The same runs, each from the averages that those before it write in `out`."""
    made: Averages = {}
    for run in runs:
        yield (run := start_from(run, made))
        files = _left(run, out)
        made |= {kind.__name__: path for kind, path in files.items()}
        made[run.name] = next(iter(files.values()))


def start_from(run: AnyRun, made: Mapping[str, Path]) -> AnyRun:
    """The same run from the latest averages of the runs before it, where there are any.

    Teachers that a recipe names stay, unless one of the runs before it has their name.
    """
    acoustic, vocoder = (
        str(made[kind.__name__]) if kind.__name__ in made else None
        for kind in (AcousticModel, Vocoder)
    )
    if isinstance(run, JointRun):
        return replace(run, start=acoustic or run.start, vocoder=vocoder or run.vocoder)
    if isinstance(run, VocoderRun):
        return replace(run, start=vocoder or run.start, acoustic=acoustic or run.acoustic)
    if isinstance(run, DurationRun):
        return replace(run, start=acoustic or run.start)
    teacher, weak = (
        str(made.get(Path(path).parent.name, path)) if path else None
        for path in (run.teacher, run.weak)
    )
    return replace(run, start=acoustic or run.start, teacher=teacher, weak=weak)


def _left(run: AnyRun, out: Path) -> dict[type[nn.Module], Path]:
    """Paths of the averages that a run writes, by the class of model."""
    return {kind: out / run.name / file for kind, file in AVERAGE_FILES[type(run)].items()}


def _needed(run: AnyRun) -> dict[str, str]:
    """The checkpoints and states that a run reads, by the names of its options."""
    names = ["start"]
    if isinstance(run, JointRun):
        names += ["critics_state", *(["vocoder"] if run.vocoder.endswith(".safetensors") else [])]
    elif isinstance(run, VocoderRun):
        names += ["acoustic"] if run.predicted < 1 else []
    elif isinstance(run, AcousticRun):
        names += ["teacher"] if run.has_frozen_teacher else []
        names += ["weak"] if run.has_weak_teacher else []
    return {name: path for name in names if (path := getattr(run, name))}


def _as_found(run: AnyRun, folder: Path) -> AnyRun:
    """A run with the sets and voices of the folder's `run.json`; its own need its data."""
    if not (folder / RUN).is_file():
        return run
    before = read_run(folder / RUN)
    try:
        run = replace(run, sets=coerce_argument("sets", tuple[str, ...], before.get("sets", ())))
        if not isinstance(run, AcousticRun):
            return run
        voices = dict(before.get("model", {})).get("voices") or run.model.voices
        return replace(
            run, model=replace(run.model, voices=coerce_argument("voices", tuple[str, ...], voices))
        )
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"cannot read {folder / RUN}: not the options of a run: {error}; name another folder"
        ) from error


def _linked(run: AnyRun) -> dict[str, Any]:
    """The options of a run that name checkpoints of the runs before it."""
    names = ("start", "teacher", "weak", "vocoder", "acoustic")
    return {name: getattr(run, name) for name in names if hasattr(run, name)}


def _rehearse_saving(stage: Stage, folder: Path) -> None:
    """Validate and save a stage as at the end of its run."""
    folder.mkdir()
    journal = RunLogger(stage.run, folder)
    journal.bar.disable = True
    with journal:
        save_averages(stage.run, stage, journal, folder)
    (folder / "state.pt").unlink()  # several times as large as the averages


def _carry(run: AnyRun, out: Path, results: Path) -> list[Path]:
    results.mkdir(parents=True, exist_ok=True)
    written = [results / f"{run.name}.jsonl"]
    copyfile(out / run.name / "log.jsonl", written[0])
    files = _left(run, out).values()
    for path in files:
        whole = run.name if len(files) == 1 else f"{run.name}_{path.stem}"
        written += write_parts(path.read_bytes(), results / f"{whole}.safetensors", PART_MEGABYTES)
    return written

"""Stages in a row, each from the averages of those before it, and first all of them in seconds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from tts.acoustic.model import AcousticModel
from tts.validation import coerce_argument
from tts.vocoder.model import Vocoder

from ..build import StageBuilder
from ..config import AcousticRun, JointRun, VocoderRun, override, parse_option
from ..data.pack.parts import write_parts
from ..recipes import RECIPES
from .logger import RunLogger
from .rehearsal import PHASES, Rehearsal, rehearse
from .start import RUNS, found_in
from .train import RUN, Stage, check_folder, read_run, save_averages, train

PART_MEGABYTES = 15.0
SPEED_SECONDS = 3.0  # in which the speed of a stage is measured

AnyRun = AcousticRun | VocoderRun | JointRun
# the latest of each kind of model, by its class, and those of each run, by its name
Averages = dict[str, Path]
# the files of averages that a run leaves in its folder, by the kinds of model in them
AVERAGE_FILES: dict[type[AnyRun], dict[type[AcousticModel] | type[Vocoder], str]] = {
    AcousticRun: {AcousticModel: "average.safetensors"},
    VocoderRun: {Vocoder: "average.safetensors"},
    JointRun: {AcousticModel: "acoustic.safetensors", Vocoder: "vocoder.safetensors"},
}


def parse_stages(text: str, changes: Iterable[str] = (), out: Path = RUNS) -> list[AnyRun]:
    """Recipes with their minutes, changed.

    Args:
        text: such as `flow_matching_gpu=5,split_mean_flow_gpu=3`.
        changes: options, such as `crop=96` for all of them and `flow_matching_gpu.batch=64` for
            one.
        out: folder of runs, where recipes look for what others left.

    Raises:
        ValueError: there is no such recipe or option, a recipe has no minutes, or an option is of
            a recipe that is not among them.
    """
    stages = [_run(stage.strip()) for stage in text.split(",")]
    runs = {run.name: found_in(run, out) for run in stages}
    if len(runs) < len(stages):
        raise ValueError(f"expected every recipe once in {text!r}; give others a run of their own")
    for change in changes:
        path, value = parse_option(change)
        name, _, rest = path.partition(".")
        one = bool(rest) and name in RECIPES
        if one and name not in runs:
            raise ValueError(
                f"expected an option of {', '.join(runs)}, not {change!r}; leave it out, or name "
                "one of these"
            )
        for recipe in (name,) if one else tuple(runs):
            runs[recipe] = override(runs[recipe], rest if one else path, value)
    if len({run.name for run in runs.values()}) < len(runs):
        raise ValueError("expected a name of its own for every stage; --set it for each apart")
    return list(runs.values())


def _run(stage: str) -> AnyRun:
    name, _, minutes = stage.partition("=")
    if name not in RECIPES:
        raise ValueError(f"expected one of {', '.join(RECIPES)}, not {name!r}")
    try:
        return replace(RECIPES[name](), minutes=float(minutes))
    except ValueError as error:
        raise ValueError(f"expected minutes above 0, as in {name}=5, not {stage!r}") from error


def check_stages(runs: Sequence[AnyRun], out: Path) -> None:
    """Refuse at once what would be found only when the minutes of other stages are spent.

    Raises:
        FileNotFoundError: a stage begins from a file that is not there, and that none leaves.
        ValueError: the folder of a stage holds another run.
    """
    left = set[str]()
    for run in chain_runs(runs, out):
        for option, path in _needed(run).items():
            if path not in left and not Path(path).exists():
                raise FileNotFoundError(
                    f"expected {option} of {run.name} at {path}, found none; make it first, or "
                    f"name another with --set {run.name}.{option}=..."
                )
        left |= {str(path) for path in _left(run, out).values()}
        check_folder(_as_found(run, out / run.name), out / run.name)


def rehearse_stages(
    runs: Sequence[AnyRun], room: StageBuilder, out: Path
) -> Iterator[tuple[AnyRun, Rehearsal]]:
    """A few steps of every stage, which is then judged and saved; nothing of it is kept.

    Args:
        runs: in their order.
        room: what they learn from.
        out: folder of runs, on whose disk the averages are for a while.
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
    """Train every stage for its minutes; what is compiled takes none of them.

    Args:
        runs: in their order.
        room: what they learn from.
        out: folder of runs.
        results: folder for what is to be carried away; after each stage its log comes into it,
            and its averages in parts.

    Returns:
        Of each stage, what was written in `results`.
    """
    for run in chain_runs(runs, out):
        stage = room.build(run)
        if isinstance(run, AcousticRun) and run.compiled:
            rehearse(stage.run, stage, 0, PHASES[:1])  # its shares are fixed, so one step has all
        train(stage.run, stage, out / run.name)
        yield run, _carry(run, out, results)


def chain_runs(runs: Iterable[AnyRun], out: Path) -> Iterator[AnyRun]:
    """The same runs, each from the averages that those before it leave in `out`."""
    made: Averages = {}
    for run in runs:
        yield (run := start_from(run, made))
        files = _left(run, out)
        made |= {kind.__name__: path for kind, path in files.items()}
        made[run.name] = next(iter(files.values()))


def start_from(run: AnyRun, made: Mapping[str, Path]) -> AnyRun:
    """The same run from the averages that were made before it, where there are any.

    A teacher that a recipe names stays, unless it is of one of the runs before.
    """
    acoustic, vocoder = (
        str(made[kind.__name__]) if kind.__name__ in made else None
        for kind in (AcousticModel, Vocoder)
    )
    if isinstance(run, JointRun):
        return replace(run, start=acoustic or run.start, vocoder=vocoder or run.vocoder)
    if isinstance(run, VocoderRun):
        return replace(run, start=vocoder or run.start, acoustic=acoustic or run.acoustic)
    teacher = made.get(Path(run.teacher).parent.name) if run.teacher else None
    return replace(
        run, start=acoustic or run.start, teacher=str(teacher) if teacher else run.teacher
    )


def _left(run: AnyRun, out: Path) -> dict[type[AcousticModel] | type[Vocoder], Path]:
    """The averages that a run leaves, by the kind of model."""
    return {kind: out / run.name / file for kind, file in AVERAGE_FILES[type(run)].items()}


def _needed(run: AnyRun) -> dict[str, str]:
    """The files that a run reads, by its options."""
    names = ["start"]
    if isinstance(run, JointRun):
        names += ["critics_state", *(["vocoder"] if run.vocoder.endswith(".safetensors") else [])]
    elif isinstance(run, VocoderRun):
        names += ["acoustic"] if run.predicted < 1 else []
    elif run.has_frozen_teacher:
        names += ["teacher"]
    return {name: path for name in names if (path := getattr(run, name))}


def _as_found(run: AnyRun, folder: Path) -> AnyRun:
    """A run with the sets and voices that a folder's has: its own are known when they are read."""
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
            f"{folder / RUN} cannot be read as the options of a run: {error}; name another folder"
        ) from error


def _linked(run: AnyRun) -> dict[str, Any]:
    """The options of a run that name what those before it leave."""
    names = ("start", "teacher", "vocoder", "acoustic")
    return {name: getattr(run, name) for name in names if hasattr(run, name)}


def _rehearse_saving(stage: Stage, folder: Path) -> None:
    """Judge and save a stage as at its end."""
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

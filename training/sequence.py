"""Stages in a row, each from the averages of those before it, and first all of them in seconds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from training.loop import Stage, train
from training.parts import write_parts
from training.recipes import RECIPES
from training.rehearsal import Rehearsal, rehearse
from training.room import Room
from training.run import JointRun, Run, VocoderRun, override, parse_option
from tts.acoustic import AcousticModel
from tts.checkpoint import save
from tts.vocoder import Vocoder

PART_MEGABYTES = 15.0
SECONDS = 3.0  # in which the speed of a stage is measured

AnyRun = Run | VocoderRun | JointRun
# the latest of each kind of model, by its class, and those of each run, by its name
Averages = dict[str, Path]


def parse_stages(text: str, changes: Iterable[str] = ()) -> list[AnyRun]:
    """Recipes with their minutes, changed.

    Args:
        text: such as `flow_matching_gpu=5,split_mean_flow_gpu=3`.
        changes: options, such as `crop=96` for all of them and `flow_matching_gpu.batch=64` for
            one.

    Raises:
        ValueError: there is no such recipe or option, or a recipe has no minutes.
    """
    runs = [_run(stage) for stage in text.split(",")]
    if len({run.name for run in runs}) < len(runs):
        raise ValueError(f"expected every recipe once in {text!r}; give others a run of their own")
    for change in changes:
        path, value = parse_option(change)
        name, _, rest = path.partition(".")
        known = name in RECIPES
        runs = [
            override(run, rest if known else path, value) if not known or run.name == name else run
            for run in runs
        ]
    return runs


def _run(stage: str) -> AnyRun:
    name, _, minutes = stage.partition("=")
    if name not in RECIPES:
        raise ValueError(f"expected one of {', '.join(RECIPES)}, not {name!r}")
    try:
        return replace(RECIPES[name](), minutes=float(minutes))
    except ValueError as error:
        raise ValueError(f"expected minutes above 0, as in {name}=5, not {stage!r}") from error


def rehearse_stages(runs: Sequence[AnyRun], room: Room) -> Iterator[tuple[AnyRun, Rehearsal]]:
    """A few steps of every stage, from averages of a few steps; nothing of it is kept."""
    with TemporaryDirectory() as folder:
        made: Averages = {}
        for run in runs:
            stage = room.stage(follow(run, made))
            yield run, rehearse(stage.run, stage, SECONDS)
            files = _files(stage, Path(folder) / run.name)
            for name, model in stage.averages().items():
                files[name].parent.mkdir(exist_ok=True)
                save(model, files[name], {})
            made |= _known(run, stage, files)


def train_stages(
    runs: Sequence[AnyRun], room: Room, out: Path, results: Path
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
    made: Averages = {}
    for run in runs:
        stage = room.stage(follow(run, made))
        rehearse(stage.run, stage, 0)
        train(stage.run, stage, out / run.name)
        files = _files(stage, out / run.name)
        made |= _known(run, stage, files)
        yield run, _carry(run.name, files, out / run.name / "log.jsonl", results)


def follow(run: AnyRun, made: Mapping[str, Path]) -> AnyRun:
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


def _files(stage: Stage, folder: Path) -> dict[str, Path]:
    """Where the averages of a stage are kept, by their names."""
    return {name: folder / f"{name}.safetensors" for name in stage.averages()}


def _known(run: AnyRun, stage: Stage, files: Mapping[str, Path]) -> Averages:
    kinds = {type(model).__name__: files[name] for name, model in stage.averages().items()}
    return kinds | {run.name: next(iter(files.values()))}


def _carry(name: str, averages: Mapping[str, Path], log: Path, results: Path) -> list[Path]:
    results.mkdir(parents=True, exist_ok=True)
    written = [results / f"{name}.jsonl"]
    copyfile(log, written[0])
    for kind, average in averages.items():
        whole = name if len(averages) == 1 else f"{name}_{kind}"
        content = average.read_bytes()
        written += write_parts(content, results / f"{whole}.safetensors", PART_MEGABYTES)
    return written

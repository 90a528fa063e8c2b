"""python -m training prepare | train | evaluate and so on; the same as `tts training`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import configure_device, run_command
from tts.cli.renamed import RenamedCommands, RenamedOptions

from .config import override, parse_option
from .data.manifest import set_names
from .data.pack.command import join, pack, unpack
from .evaluation.command import evaluate
from .evaluation.copy_synthesis.command import copy_synthesis
from .evaluation.reader.command import reader
from .evaluation.voices.command import voices
from .evaluation.word_times.command import word_times
from .loop.command import run_stages
from .recipes import RECIPES
from .release.release import release, write_tables

app = typer.Typer(
    cls=RenamedCommands,
    no_args_is_help=True,
    add_completion=False,
    help="How models come to be.",
)

CORPUS_HELP = "Folder of manifests, as described in training/data/manifest.py."


@app.command()
def prepare(
    corpus: Annotated[Path, typer.Argument(help=CORPUS_HELP)],
    features: Annotated[Path, typer.Argument(help="Folder to write.")] = Path("features"),
    sets: Annotated[str, typer.Option(help="Manifests to read, by name.")] = (
        "heart,michael,many,val,val2"
    ),
) -> None:
    """Turn recordings into the features that models learn from."""
    from .data.prepare import prepare_sets

    prepare_sets(corpus, features, set_names(sets.split(",")))


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help=f"One of: {', '.join(RECIPES)}.")],
    features: Annotated[Path, typer.Option(help="What `prepare` wrote.")] = Path("features"),
    corpus: Annotated[Path, typer.Option(help=f"For a vocoder. {CORPUS_HELP}")] = Path("corpus"),
    sets: Annotated[str, typer.Option(help="Sets to learn from, unless it is the recipe's.")] = "",
    held_out: Annotated[str, typer.Option(help="Sets to be judged on, each apart.")] = "val,val2",
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("runs"),
    start: Annotated[Path | None, typer.Option(help="Checkpoint to begin from.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Budget of training time.")] = None,
    device: Annotated[str, typer.Option(help="`cpu`, or `cuda` for a GPU.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="Of the CPU.")] = 2,
    name: Annotated[str, typer.Option(help="Of the folder in `out`; the recipe's if none.")] = "",
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change an option of the recipe: `model.encoder.heads=0`."),
    ] = None,
) -> None:
    """Train a recipe, or go on with one that was stopped."""
    from .build import StageBuilder
    from .loop.start import found_in
    from .loop.train import train

    if recipe not in RECIPES:
        raise typer.BadParameter(f"expected one of {', '.join(RECIPES)}, not {recipe!r}")
    configure_device(device, threads)
    plan = found_in(RECIPES[recipe](), out)
    length = plan.minutes if minutes is None else minutes
    plan = replace(plan, minutes=length, start=str(start) if start else plan.start)
    for option in change or []:
        plan = override(plan, *parse_option(option))
    room = StageBuilder(
        corpus, features, sets.split(",") if sets else [], held_out.split(","), device
    )
    stage = room.build(plan)
    typer.echo(train(stage.run, stage, out / (name or plan.name)))


@app.command()
def losses(
    checkpoint: Annotated[Path, typer.Argument(help="Averages of an acoustic model.")],
    features: Annotated[Path, typer.Option(help="What `prepare` wrote.")] = Path("features"),
    sets: Annotated[str, typer.Option(help="Sets to judge by, each apart.")] = "val,val2",
    teacher: Annotated[
        Path | None, typer.Option(help="Whose mean the deviation is from, if not its own.")
    ] = None,
    clips: Annotated[int, typer.Option(min=1, help="Of each set, for the deviation ratio.")] = 24,
    phrases: Annotated[
        float, typer.Option(help="Share of the losses that is of phrases, cut at pauses.")
    ] = 0.0,
) -> None:
    """Losses and deviation ratios of sets of clips, as lines of JSON."""
    import json
    from dataclasses import asdict

    from tts.acoustic.model import AcousticModel
    from tts.checkpoint import load_checkpoint

    from .acoustic.held_out import held_out
    from .data.dataset import Selection

    configure_device("cpu", 1)
    chosen, names = Selection(phrases=phrases), set_names(sets.split(","))
    if not names:
        raise ValueError("expected the name of a set, found none; give some with --sets")
    model = load_checkpoint(checkpoint, AcousticModel)
    guide = load_checkpoint(teacher, AcousticModel) if teacher else model
    for name in names:
        typer.echo(json.dumps(asdict(held_out(model, guide, features / name, clips, chosen))))


app.command("run")(run_stages)
app.command()(pack)
app.command()(unpack)
app.command()(join)
app.command(cls=RenamedOptions)(evaluate)
app.command()(reader)
app.command()(voices)
app.command(cls=RenamedOptions)(copy_synthesis)
app.command()(word_times)
app.command()(release)
app.command("tables")(write_tables)

if __name__ == "__main__":
    sys.exit(run_command(app, sys.argv[1:] or ["--help"], "python -m training"))

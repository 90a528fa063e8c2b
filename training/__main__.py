"""Commands of `tts training` (or `python -m training`): prepare, train, evaluate and so on."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tts.cli.help import DocumentedCommand
from tts.cli.main import configure_device, run_command
from tts.cli.renamed import RenamedCommands, RenamedOptions
from tts.files import check_folder

from .compare.command import compare
from .data.manifest import set_names
from .data.pack.command import join, pack, unpack
from .evaluation.alignment.command import alignment
from .evaluation.command import evaluate
from .evaluation.copy_synthesis.command import copy_synthesis
from .evaluation.new_voice.command import new_voice
from .evaluation.reader.command import reader
from .evaluation.voices.command import voices
from .evaluation.word_times.command import word_times
from .loop.command import HeldOut, Runs, Sets, run_stages
from .overrides import override, parse_option
from .recipes import RECIPES, make_run
from .release.calibrate import calibrate
from .release.release import release, write_tables

app = typer.Typer(
    cls=RenamedCommands,
    no_args_is_help=True,
    add_completion=False,
    help="Train and evaluate models.\n\n"
    "`prepare` makes features from recordings, `train` makes models from features, and "
    "`evaluate` measures their speech.\n\n"
    "Examples:\n"
    "  tts training prepare corpus features\n"
    "  tts training train flow_matching --features features\n"
    "  tts training evaluate --whisper whisper-base --out runs/quick --quick",
)

CORPUS_HELP = "Folder of manifests (.jsonl), one for each set; training/README.md has the format."
FEATURES_HELP = "Folder of features, as `prepare` or `unpack` writes it."


@app.command(cls=DocumentedCommand)
def prepare(
    corpus: Annotated[Path, typer.Argument(help=CORPUS_HELP)],
    features: Annotated[
        Path, typer.Argument(help="Folder to write, with a folder for each set.")
    ] = Path("features"),
    sets: Annotated[
        str, typer.Option(help="Names of the sets to read, with commas between them.")
    ] = "heart,michael,many,val,val2",
) -> None:
    """Turn aligned recordings into the features that acoustic models are trained on.

    Needs manifests with `phones` and `ends`, their recordings (24 kHz,
    mono), and pyworld. Writes clips.jsonl and mels.npy for each set.

    Examples:
      tts training prepare corpus features
      tts training prepare corpus features --sets mine,mine_val
    """
    from .data.prepare import prepare_sets

    prepare_sets(corpus, features, set_names(sets.split(",")))


@app.command(cls=DocumentedCommand)
def train(
    recipe: Annotated[str, typer.Argument(help=f"The recipe, one of {', '.join(RECIPES)}.")],
    features: Annotated[Path, typer.Option(help=FEATURES_HELP)] = Path("features"),
    corpus: Annotated[
        Path, typer.Option(help=f"{CORPUS_HELP} Read for vocoder and joint recipes alone.")
    ] = Path("corpus"),
    sets: Sets = "",
    held_out: HeldOut = "val,val2",
    out: Runs = Path("runs"),
    start: Annotated[
        Path | None,
        typer.Option(help="Checkpoint (.safetensors) to start from. Default: that of the recipe."),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="Training time in minutes, above 0. On a CPU it is processor time, on a GPU "
            "wall-clock time; validation does not count. Default: that of the recipe."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="`cpu`, `cuda` or `cuda:1`.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
    name: Annotated[
        str, typer.Option(help="Name of the run's folder in --out. Default: that of the recipe.")
    ] = "",
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Change an option of the recipe; may be given several times. Values are JSON. "
            "training/config.py documents all options.",
        ),
    ] = None,
) -> None:
    """Train a model by a recipe, or continue a run that was stopped.

    Needs features, for vocoder and joint recipes recordings too, and the
    checkpoints that the recipe starts from. Writes averaged weights
    (.safetensors), state.pt, log.jsonl, run.json and TensorBoard files to
    the run's folder. The same command continues a stopped run.

    Examples:
      tts training train flow_matching --features features
      tts training train flow_matching --minutes 20 --set model.decoder.depth=6
      tts training train vocoder --sets mine --held-out mine_val
    """
    from .build import StageBuilder
    from .loop.start import found_in
    from .loop.train import train

    plan = found_in(make_run(recipe), out)
    length = plan.minutes if minutes is None else minutes
    plan = replace(plan, minutes=length, start=str(start) if start else plan.start)
    for option in change or []:
        plan = override(plan, *parse_option(option))
    configure_device(device, threads)
    room = StageBuilder(
        corpus, features, sets.split(",") if sets else [], held_out.split(","), device
    )
    stage = room.build(plan)
    typer.echo(train(stage.run, stage, out / (name or plan.name)))


@app.command(cls=DocumentedCommand)
def losses(
    checkpoint: Annotated[
        Path, typer.Argument(help="Checkpoint (.safetensors) of an acoustic model.")
    ],
    features: Annotated[Path, typer.Option(help=FEATURES_HELP)] = Path("features"),
    sets: Annotated[
        str, typer.Option(help="Sets to measure, with commas between them; a line for each.")
    ] = "val,val2",
    teacher: Annotated[
        Path | None,
        typer.Option(
            help="Checkpoint whose one-step velocity is the mean that deviations are taken from. "
            "Default: that of the model."
        ),
    ] = None,
    clips: Annotated[
        int, typer.Option(min=1, help="Clips of each set for the deviation ratio.")
    ] = 24,
    phrases: Annotated[
        float,
        typer.Option(help="Share of phrases, cut at pauses, among the clips of losses; 0 to 1."),
    ] = 0.0,
) -> None:
    """Print the losses and deviation ratios of an acoustic model on sets of clips.

    Needs a checkpoint and features. Prints a line of JSON for each set:
    squared error of the mean mel, flow-matching losses of both maps,
    cross-entropy of pauses, and the deviation ratio in one step and by
    midpoint steps. It writes no file.

    Examples:
      tts training losses runs/flow_matching/average.safetensors
      tts training losses runs/prosody/average.safetensors --sets val2 --phrases 1
    """
    import json
    from dataclasses import asdict

    from tts.acoustic.model import AcousticModel
    from tts.torch_checkpoint import load_checkpoint

    from .acoustic.held_out import held_out
    from .data.dataset import Selection

    configure_device("cpu", 1)
    chosen, names = Selection(phrases=phrases), set_names(sets.split(","))
    if not names:
        raise ValueError("no sets; name at least one with --sets")
    for name in names:
        check_folder(features / name)
    model = load_checkpoint(checkpoint, AcousticModel)
    guide = load_checkpoint(teacher, AcousticModel) if teacher else model
    for name in names:
        typer.echo(json.dumps(asdict(held_out(model, guide, features / name, clips, chosen))))


app.command("run", cls=DocumentedCommand)(run_stages)
app.command(cls=DocumentedCommand)(compare)
app.command(cls=DocumentedCommand)(pack)
app.command(cls=DocumentedCommand)(unpack)
app.command(cls=DocumentedCommand)(join)
app.command(cls=RenamedOptions)(evaluate)
app.command(cls=DocumentedCommand)(reader)
app.command(cls=DocumentedCommand)(voices)
app.command(cls=RenamedOptions)(copy_synthesis)
app.command(cls=DocumentedCommand)(word_times)
app.command(cls=DocumentedCommand)(alignment)
app.command(cls=DocumentedCommand)(new_voice)
app.command(cls=DocumentedCommand)(calibrate)
app.command(cls=DocumentedCommand)(release)
app.command("tables", cls=DocumentedCommand)(write_tables)

if __name__ == "__main__":
    sys.exit(run_command(app, sys.argv[1:] or ["--help"], "python -m training"))

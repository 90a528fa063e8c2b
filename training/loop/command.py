"""The `run` command: several recipes in a row, rehearsed first."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import configure_device

# Options that `train` and `run` share.
Sets = Annotated[
    str,
    typer.Option(
        help="Training sets, with commas between them. Default: heart,michael,many, and "
        "kathleen too for vocoder and joint recipes."
    ),
]
HeldOut = Annotated[
    str, typer.Option(help="Validation sets, with commas between them; losses are for each.")
]
Runs = Annotated[Path, typer.Option(help="Folder of runs, where each has its own.")]


def run_stages(  # noqa: PLR0913 - every parameter is a flag
    stages: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE=MINUTES,...",
            help="Recipes in their order, each with its training time in minutes, above 0: "
            "`flow_matching=5,prosody=3`.",
        ),
    ],
    features: Annotated[
        Path, typer.Option(help="Folder of features, as `prepare` or `unpack` writes it.")
    ] = Path("features"),
    corpus: Annotated[
        Path, typer.Option(help="Folder of manifests, for vocoder and joint recipes alone.")
    ] = Path("corpus"),
    sets: Sets = "",
    held_out: HeldOut = "val,val2",
    out: Runs = Path("runs"),
    results: Annotated[
        Path | None,
        typer.Option(
            help="Folder for copies of the logs and of the averages, in parts of at most 15 MB. "
            "Default: `results` in the folder of runs."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="`cpu`, `cuda` or `cuda:1`.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Change an option of all recipes, or of one, as in `vocoder.batch=8`; may be "
            "given several times.",
        ),
    ] = None,
) -> None:
    """Train several recipes in a row, each from the averages of those before it.

    Needs what `train` needs. First it rehearses every recipe for some
    seconds: it compiles, finds faults, and prints speed and memory. Then it
    trains each for its minutes. Writes a folder for each run, as `train`
    does, and the results, which `join` puts together.

    Examples:
      tts training run flow_matching_gpu=5,split_mean_flow_gpu=3 --device cuda
      tts training run vocoder_gpu=7 --corpus features/corpus --set batch=32
    """
    import torch

    from ..build import StageBuilder
    from .rehearsal import PHASES
    from .stages import check_stages, parse_stages, rehearse_stages, train_stages

    room = StageBuilder(corpus, features, sets.split(","), held_out.split(","), device)
    runs, results = parse_stages(stages, change or [], out), results or out / "results"
    check_stages(runs, out)
    results.mkdir(parents=True, exist_ok=True)
    configure_device(device, threads)
    if device != "cpu":
        torch.set_float32_matmul_precision("high")
    for run, found in rehearse_stages(runs, room, out):
        typer.echo(
            f"{run.name}: graphs compiled: {found.graphs}, in {found.first_seconds:.1f} s; then "
            f"{found.steps_a_second:.2f} steps a second, at most {found.gigabytes:.2f} GB"
        )
        if found.phases < len(PHASES):
            typer.echo(
                f"{run.name}: only {found.phases} of {len(PHASES)} phases were rehearsed, as "
                "steps are slow"
            )
    for run, files in train_stages(runs, room, out, results):
        typer.echo(f"{run.name}: {', '.join(map(str, files))}")

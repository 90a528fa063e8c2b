"""The `run` command: stages in a row on a machine that is there for minutes."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import configure_device


def run_stages(  # noqa: PLR0913 - every parameter is a flag
    stages: Annotated[
        str,
        typer.Argument(help="Recipes, with minutes: `flow_matching_gpu=5,split_mean_flow_gpu=3`."),
    ],
    features: Annotated[Path, typer.Option(help="What `prepare` or `unpack` wrote.")] = Path(
        "features"
    ),
    corpus: Annotated[Path, typer.Option(help="Folder of manifests, for a vocoder.")] = Path(
        "corpus"
    ),
    sets: Annotated[str, typer.Option(help="Sets to learn from, unless they are a recipe's.")] = "",
    held_out: Annotated[str, typer.Option(help="Sets to be judged on, each apart.")] = "val,val2",
    out: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("runs"),
    results: Annotated[
        Path | None,
        typer.Option(help="Folder for averages in parts and logs; `results` in that of runs."),
    ] = None,
    device: Annotated[str, typer.Option()] = "cpu",
    threads: Annotated[int, typer.Option(min=1)] = 2,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change an option of all stages, or of one: `vocoder.batch=8`."),
    ] = None,
) -> None:
    """Rehearse all stages in seconds, then train each from the averages of those before it."""
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
                f"{run.name}: only {found.phases} of {len(PHASES)} phases were rehearsed, for "
                "steps take long"
            )
    for run, files in train_stages(runs, room, out, results):
        typer.echo(f"{run.name}: {', '.join(map(str, files))}")

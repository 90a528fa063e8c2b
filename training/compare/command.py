"""The `compare` command. Its work is in `runner`, which is imported when the command runs."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tts.cli.options import ACOUSTIC_HELP, VOCODER_HELP

from ..data.manifest import set_names
from ..evaluation.texts import TEXTS, check_texts


def compare(  # noqa: PLR0913 - every parameter is a flag
    features: Annotated[Path, typer.Option(help="Folder of features, as `prepare` writes it.")],
    out: Annotated[
        Path, typer.Option(help="Folder to write; the same command continues a stopped comparison.")
    ],
    objectives: Annotated[
        str,
        typer.Option(
            help="Recipes to compare, with commas between them. Default: all that the "
            "documentation has."
        ),
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each recipe.")] = 1,
    updates: Annotated[
        int,
        typer.Option(
            min=10,
            help="Compute of each recipe, in updates of flow matching; each has as many updates as "
            "take that time.",
        ),
    ] = 1500,
    base_minutes: Annotated[
        float,
        typer.Option(
            help="Training time of the flow-matching model they start from, in minutes: processor "
            "time on a CPU."
        ),
    ] = 15.0,
    whisper: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a faster-whisper model, to judge speech too. Default: none; speech "
            "is left out."
        ),
    ] = None,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[Path | None, typer.Option(help=VOCODER_HELP)] = None,
    texts: Annotated[
        Path, typer.Option(help="Texts to read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    sentences: Annotated[int, typer.Option(min=1, help="Sentences to judge.")] = 20,
    clips: Annotated[int, typer.Option(min=2, help="Clips of each set to measure.")] = 24,
    sets: Annotated[str, typer.Option(help="Training sets, with commas between them.")] = "heart",
    held_out: Annotated[str, typer.Option(help="Validation set.")] = "val",
    voice: Annotated[str, typer.Option(help="Voice, whose clips alone are used.")] = "heart",
    device: Annotated[str, typer.Option(help="`cpu`, `cuda` or `cuda:1`.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    results: Annotated[
        bool,
        typer.Option("--results", help="Write the results of what is done so far; train nothing."),
    ] = False,
) -> None:
    """Train a small mel decoder by each objective for equal time, and measure it.

    Needs features, and for speech a faster-whisper model and the
    `evaluate` extra. All runs have the shipped encoder and prosody, frozen,
    and start from one flow-matching model, which is also the frozen
    teacher. Writes ledger.jsonl and speech.jsonl, results.json and
    table.md, and the checkpoints.

    Examples:
      tts training compare --features features --out runs/compare
      tts training compare --features features --out compare --objectives psd,lsd
    """
    from tts.cli.main import configure_device
    from tts.synthesis import shipped_checkpoint

    from .plan import OBJECTIVES, Comparison
    from .runner import ComparisonRunner
    from .table import table

    configure_device(device, threads)
    if whisper:
        check_texts(texts)
    comparison = Comparison(
        features=features,
        acoustic=acoustic or shipped_checkpoint("acoustic"),
        vocoder=vocoder or shipped_checkpoint("vocoder"),
        whisper=whisper,
        texts=texts,
        objectives=tuple(set_names(objectives.split(","))) if objectives else OBJECTIVES,
        seeds=seeds,
        updates=updates,
        base_minutes=base_minutes,
        sets=tuple(set_names(sets.split(","))),
        held_out=held_out,
        voice=voice,
        clips=clips,
        sentences=sentences,
        device=device,
        threads=threads,
    )
    runner = ComparisonRunner(comparison, out, partial(typer.echo, err=True))
    if not results:
        runner.run()
    typer.echo(table(runner.results()))

"""The `word-times` command. Its work is in `report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import VOCODER_HELP, configure_device


def word_times(  # noqa: PLR0913 - every parameter is a flag
    corpus: Annotated[Path, typer.Option(help="Folder of manifests: `val.jsonl`, with phones.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    whisper: Annotated[
        Path | None, typer.Option(help="Folder of a faster-whisper model, to align with.")
    ] = None,
    sphinx: Annotated[bool, typer.Option("--sphinx", help="Align with PocketSphinx.")] = False,
    acoustic: Annotated[
        Path | None, typer.Option(help="Checkpoint, if not the shipped one.")
    ] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    threads: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """How far the starts of words are from where independent aligners hear them."""
    from tts.synthesis import load

    from .aligners import aligners
    from .report import write_report

    configure_device("cpu", threads)
    known = aligners(whisper, threads, sphinx=sphinx)
    typer.echo(write_report(load(acoustic, vocoder), known, corpus / "val.jsonl", out))

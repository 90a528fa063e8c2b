"""The `word-times` command. Its work is in `report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import configure_device
from tts.cli.options import ACOUSTIC_HELP, VOCODER_HELP
from tts.files import check_folder


def word_times(  # noqa: PLR0913 - every parameter is a flag
    corpus: Annotated[
        Path, typer.Option(help="Folder with val.jsonl, with phones and ends, and its recordings.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    whisper: Annotated[
        Path | None,
        typer.Option(help="Folder of a faster-whisper model to align with. Default: none."),
    ] = None,
    sphinx: Annotated[
        bool, typer.Option("--sphinx", help="Align with PocketSphinx, too or instead.")
    ] = False,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Measure how far start times of words are from those of independent aligners.

    Needs --whisper or --sphinx, or both, and the `evaluate` or `times`
    extra. It aligns synthesised sentences and their recordings. Writes
    results.json and table.md, and prints the table.

    Examples:
      tts training word-times --corpus corpus --out times --whisper whisper-base
      tts training word-times --corpus corpus --out times --sphinx
    """
    from tts.synthesis import load

    from .aligners import aligners
    from .report import write_report

    configure_device("cpu", threads)
    check_folder(corpus)
    known = aligners(whisper, threads, sphinx=sphinx)
    typer.echo(write_report(load(acoustic, vocoder), known, corpus / "val.jsonl", out))

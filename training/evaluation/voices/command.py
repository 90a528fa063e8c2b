"""The `voices` command. Its work is in `write_report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import VOCODER_HELP

from ...data.manifest import set_names
from ..reader.command import TEXTS


def voices(  # noqa: PLR0913 - every parameter is a flag
    checkpoint: Annotated[Path, typer.Argument(help="An acoustic model.")],
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    corpus: Annotated[Path, typer.Option(help="Folder of manifests with each voice's recordings.")],
    out: Annotated[Path, typer.Option(help="Folder to write; a stopped run goes on there.")],
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    sets: Annotated[str, typer.Option(help="Manifests to read.")] = "heart,michael,many",
    texts: Annotated[Path, typer.Option(help="Lines to read.")] = TEXTS,
    lines: Annotated[int, typer.Option(min=1, help="Sentences of each voice.")] = 40,
    threads: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Measure each voice of a model, and write it again with those that are good enough to offer.

    Voices named blend00, blend01 and so on are not measured, and not offered.
    """
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.pretrained import resolve_vocoder

    from .report import Measurement, write_report

    measurement = Measurement(
        checkpoint=checkpoint,
        vocoder=resolve_vocoder(vocoder or shipped_checkpoint("vocoder")),
        whisper=whisper,
        corpus=corpus,
        sets=set_names(sets.split(",")),
        texts=texts,
        lines=lines,
        threads=threads,
    )
    typer.echo(write_report(measurement, out))

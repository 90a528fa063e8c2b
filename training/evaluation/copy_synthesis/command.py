"""The `copy-synthesis` command. Its work is in `report`, imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import VOCODER_HELP

from ...data.manifest import set_names


def copy_synthesis(  # noqa: PLR0913 - every parameter is a flag
    corpus: Annotated[Path, typer.Option(help="Folder of manifests; no phones are needed.")],
    out: Annotated[Path, typer.Option(help="Folder to write; a stopped evaluation goes on there.")],
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    sets: Annotated[str, typer.Option(help="Manifests to read, each a set.")] = "val,kathleen,lj",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Clips of each set, evenly spread.")
    ] = None,
    whisper: Annotated[
        Path | None, typer.Option(help="Folder of a faster-whisper model, for word errors.")
    ] = None,
    mos: Annotated[bool, typer.Option(help="Whether to estimate opinion scores.")] = True,
    baselines: Annotated[bool, typer.Option(help="Griffin-Lim and the recordings too.")] = True,
    threads: Annotated[int, typer.Option(min=1)] = 1,
    keep_audio: Annotated[
        bool, typer.Option("--keep-audio", help="Keep what is judged, from now on.")
    ] = False,
    pictures: Annotated[
        int, typer.Option(min=0, help="Clips of each set to draw, beside their copies.")
    ] = 0,
) -> None:
    """How near a vocoder's copies come to the recordings whose mels they were made of."""
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.pretrained import resolve_vocoder

    from .report import Copying, write_report

    copying = Copying(
        corpus=corpus,
        vocoder=resolve_vocoder(vocoder or shipped_checkpoint("vocoder")),
        sets=set_names(sets.split(",")),
        limit=limit,
        whisper=whisper,
        mos=mos,
        baselines=baselines,
        threads=threads,
        keep_audio=keep_audio,
        pictures=pictures,
    )
    typer.echo(write_report(copying, out))

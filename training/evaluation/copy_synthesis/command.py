"""The `copy-synthesis` command. Its work is in `report`, imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.options import VOCODER_HELP

from ...data.manifest import set_names


def copy_synthesis(  # noqa: PLR0913 - every parameter is a flag
    corpus: Annotated[
        Path, typer.Option(help="Folder of manifests with recordings; no phones are needed.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write; the same command continues a stopped evaluation.")
    ],
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    sets: Annotated[
        str, typer.Option(help="Names of the sets to copy, with commas between them.")
    ] = "val,kathleen,lj",
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Clips of each set, spread evenly. Default: all of them."),
    ] = None,
    whisper: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a faster-whisper model, for word errors. Default: none; they are left "
            "out."
        ),
    ] = None,
    mos: Annotated[
        bool, typer.Option(help="Estimate opinion scores by DNSMOS and DistillMOS, or do not.")
    ] = True,
    baselines: Annotated[
        bool, typer.Option(help="Also judge Griffin-Lim copies and the recordings, or do not.")
    ] = True,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    keep_audio: Annotated[
        bool,
        typer.Option("--keep-audio", help="Keep the audio that this call judges, as wav files."),
    ] = False,
    pictures: Annotated[
        int,
        typer.Option(min=0, help="Clips of each set whose spectrograms are drawn, as PNG files."),
    ] = 0,
) -> None:
    """Measure how close a vocoder's copies of recordings are to the recordings.

    Needs recordings at the vocoder's sample rate and the `evaluate` extra.
    Writes results.json, table.md and ledger.jsonl, and prints the table.

    Examples:
      tts training copy-synthesis --corpus corpus --out runs/copies --limit 24
      tts training copy-synthesis --corpus corpus --out runs/mine --sets mine
    """
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

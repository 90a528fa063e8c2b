"""The `voices` command. Its work is in `write_report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.options import VOCODER_HELP

from ...data.manifest import set_names
from ..texts import TEXTS, check_texts


def voices(  # noqa: PLR0913 - every parameter is a flag
    checkpoint: Annotated[Path, typer.Argument(help="Acoustic model (.safetensors) to measure.")],
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    corpus: Annotated[Path, typer.Option(help="Folder of manifests with each voice's recordings.")],
    out: Annotated[
        Path, typer.Option(help="Folder to write; the same command continues a stopped run.")
    ],
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    sets: Annotated[
        str, typer.Option(help="Names of the sets to read, with commas between them.")
    ] = "heart,michael,many",
    texts: Annotated[
        Path, typer.Option(help="Texts to read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    lines: Annotated[int, typer.Option(min=1, help="Sentences that each voice reads.")] = 40,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Measure a model's voices, and write a checkpoint that offers the good ones.

    A voice is offered if its DistillMOS is at least 3.6 and its word error
    rate at most 8 %. Voices named blend00, blend01 and so on are skipped.
    Needs recordings of each voice, a faster-whisper model and the
    `evaluate` extra. Writes voices.json, ledger.jsonl and the checkpoint
    under its own name, and prints the table.

    Example:
      tts training voices new.safetensors --whisper base --corpus corpus --out out
    """
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.pretrained import resolve_vocoder

    from .report import Measurement, write_report

    check_texts(texts)
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

"""The `evaluate` command. Its work is in `report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.main import VOCODER_HELP
from tts.delivery import Delivery

from .reader.command import RESULTS, TEXTS, beside_reader

USUAL = Delivery()


def evaluate(  # noqa: PLR0913 - every parameter is a flag
    whisper: Annotated[Path, typer.Option(help="Folder of a faster-whisper model.")],
    out: Annotated[Path, typer.Option(help="Folder to write; a stopped evaluation goes on there.")],
    acoustic: Annotated[
        Path | None, typer.Option(help="Checkpoint, if not the shipped one.")
    ] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    teacher: Annotated[Path | None, typer.Option(help="Checkpoint it was taught by.")] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Recordings: `val.jsonl`, `many.jsonl`.")
    ] = None,
    features: Annotated[Path | None, typer.Option(help="What `prepare` wrote of `val`.")] = None,
    reader: Annotated[
        Path | None, typer.Option(help=f"What `reader` wrote, a ceiling; {RESULTS} if it fits.")
    ] = None,
    texts: Annotated[Path, typer.Option(help="Lines to read.")] = TEXTS,
    voices: Annotated[str, typer.Option()] = "heart,michael",
    steps: Annotated[str, typer.Option()] = "1,2,4,32",
    limit: Annotated[int | None, typer.Option(help="Lines of each kind and voice.")] = None,
    temperature: Annotated[float, typer.Option(help="Of the mel map.")] = USUAL.temperature,
    prosody_temperature: Annotated[
        float, typer.Option(help="Of the prosody map.")
    ] = USUAL.prosody_temperature,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    mos: Annotated[bool, typer.Option(help="Whether to estimate opinion scores.")] = True,
    baselines: Annotated[
        bool, typer.Option(help="Teacher, recordings, bounds and speed too.")
    ] = True,
    keep_audio: Annotated[bool, typer.Option("--keep-audio", help="Keep what was judged.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Twenty sentences in one step.")] = False,
) -> None:
    """Word errors, opinion scores, likeness and spread, beside the teacher and the recordings.

    The reader that the voices were taught by has a row in each table, over the same lines, and
    every other row says how far it is from it.
    """
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.pretrained import resolve_vocoder

    from .config import Evaluation
    from .config import quick as quickly
    from .report import write_report

    evaluation = Evaluation(
        acoustic=acoustic or shipped_checkpoint("acoustic"),
        vocoder=resolve_vocoder(vocoder or shipped_checkpoint("vocoder")),
        whisper=whisper,
        texts=texts,
        teacher=teacher,
        corpus=corpus,
        features=features,
        voices=tuple(voices.split(",")),
        steps=_numbers(steps),
        limit=limit,
        temperature=temperature,
        prosody_temperature=prosody_temperature,
        mos=mos,
        baselines=baselines,
        keep_audio=keep_audio,
        threads=threads,
    )
    evaluation = beside_reader(evaluation, reader)
    typer.echo(write_report(quickly(evaluation) if quick else evaluation, out))


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError as error:
        raise ValueError(f"expected numbers of steps such as 1,2,4, not {text!r}") from error

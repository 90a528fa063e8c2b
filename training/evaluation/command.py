"""The `evaluate` command. Its work is in `report`, which is imported when the command runs."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.options import ACOUSTIC_HELP, VOCODER_HELP
from tts.delivery import Delivery

from .reader.command import RESULTS, beside_reader
from .texts import TEXTS, check_texts

USUAL = Delivery()


def evaluate(  # noqa: PLR0913 - every parameter is a flag
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder to write; the same command continues a stopped evaluation.")
    ],
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(
            help="Teacher of the acoustic model: a .safetensors checkpoint. "
            "Default: the model's own velocity."
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Folder with val.jsonl and many.jsonl and their recordings, for similarity and "
            "for recorded sentences. Default: none; both are left out."
        ),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            help="Folder of features of one set, such as features/val, for the deviation ratio. "
            "Default: none; it is left out."
        ),
    ] = None,
    reader: Annotated[
        Path | None,
        typer.Option(help=f"Results of `reader` to compare with. Default: {RESULTS} if it fits."),
    ] = None,
    texts: Annotated[
        Path, typer.Option(help="Texts to read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    voices: Annotated[
        str, typer.Option(help="Voices to evaluate, with commas between them.")
    ] = "heart,michael",
    steps: Annotated[
        str, typer.Option(help="Numbers of steps to evaluate, 1 to 64, with commas between them.")
    ] = "1,2,4,32",
    limit: Annotated[
        int | None,
        typer.Option(help="Lines of each kind and voice, at least 1. Default: all of them."),
    ] = None,
    temperature: Annotated[
        float,
        typer.Option(
            help="Deviation of the mel map's noise, at least 0; higher varies sound more."
        ),
    ] = USUAL.temperature,
    prosody_temperature: Annotated[
        float,
        typer.Option(
            help="Deviation of the prosody map's noise, at least 0; higher varies prosody more."
        ),
    ] = USUAL.prosody_temperature,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
    mos: Annotated[
        bool, typer.Option(help="Estimate opinion scores by DNSMOS and DistillMOS, or do not.")
    ] = True,
    baselines: Annotated[
        bool,
        typer.Option(
            help="Also evaluate teacher, mean prosody, recordings and speed, or do not; they take "
            "most of the time."
        ),
    ] = True,
    keep_audio: Annotated[
        bool, typer.Option("--keep-audio", help="Keep the audio that is judged, as wav files.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Evaluate twenty sentences in one step, no baselines.")
    ] = False,
) -> None:
    """Measure word errors, opinion scores, similarity and deviation ratios of voices.

    Needs a faster-whisper model and the `evaluate` extra; similarity and
    baselines need a corpus. Every figure has an interval over the lines,
    and differences from the teacher and the reader where these have the
    same lines. Writes results.json, table.md and the ledger.jsonl of single
    judgements, and prints the table.

    Examples:
      tts training evaluate --whisper whisper-base --out runs/quick --quick
      tts training evaluate --whisper whisper-base --out runs/all --corpus corpus
    """
    from tts.synthesis import shipped_checkpoint
    from tts.vocoder.pretrained import resolve_vocoder

    from .config import Evaluation
    from .config import quick as quickly
    from .report import write_report

    check_texts(texts)
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
        raise ValueError(
            f"--steps must be whole numbers with commas between them, got {text!r}"
        ) from error

"""The `new-voice` command: make a voice from minutes of recordings, and measure it."""

from pathlib import Path
from typing import Annotated

import typer

from tts.cli.options import ACOUSTIC_HELP, VOCODER_HELP

from ..texts import TEXTS

RESULTS = Path("benchmarks/results/new-voices.json")


def new_voice(  # noqa: PLR0913 - every parameter is a flag
    manifest: Annotated[
        Path,
        typer.Argument(
            help="Manifest (.jsonl) of one speaker: lines with id, voice, audio and text."
        ),
    ],
    minutes: Annotated[float, typer.Option(min=1, help="Minutes of recordings to learn from.")],
    whisper: Annotated[
        Path, typer.Option(help="Folder of a faster-whisper model, which transcribes speech.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the recordings, the voice and its work.")],
    results: Annotated[
        Path, typer.Option(help="File of results (.json); the row of this voice is replaced.")
    ] = RESULTS,
    texts: Annotated[
        Path, typer.Option(help="Texts to read: lines of JSON with id, kind and text.")
    ] = TEXTS,
    lines: Annotated[int, typer.Option(min=1, help="Sentences that the voice reads.")] = 100,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[Path | None, typer.Option(help=VOCODER_HELP)] = None,
    consent: Annotated[
        str, typer.Option(help="What the speaker agreed to, for the file.")
    ] = "A published corpus; see the licence.",
    licence: Annotated[str | None, typer.Option(help="Licence of the recordings.")] = None,
    sex: Annotated[str | None, typer.Option(help="`female` or `male`.")] = None,
    accent: Annotated[str | None, typer.Option(help="Accent, such as US.")] = None,
) -> None:
    """Make a voice from some minutes of a set by `tts voice learn`, and measure it.

    Held-out texts are those with the split `val`, or else 40 texts by a hash. The voice, its
    recordings and the nearest of the offered voices are measured: word errors by Whisper,
    DistillMOS, DNSMOS, and similarity to held-out recordings as a share of what these have among
    themselves. Needs the extras `voices` and `evaluate`, and a faster-whisper model. It writes the
    voice file, its work folder and a row of the results.

    Example:
      tts training new-voice kathleen.jsonl --minutes 10 --whisper base --out k10
    """
    from .report import NewVoice, make_voice

    about = {"consent": consent, "licence": licence, "sex": sex, "accent": accent}
    wanted = NewVoice(
        manifest=manifest,
        minutes=minutes,
        whisper=whisper,
        out=out,
        results=results,
        texts=texts,
        lines=lines,
        acoustic=acoustic,
        vocoder=vocoder,
        about={name: value for name, value in about.items() if value},
    )
    typer.echo(make_voice(wanted))

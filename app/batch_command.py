"""`tts batch`: what a user asks for, as a Batch."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tts.cli import DAY_FIRST, LEXICONS, VOCODERS
from tts.speech import Delivery

DEFAULT = Delivery()
BOOKS, FILMS = (".epub",), (".srt",)
PER = ("item", "chapter", "book")
SOME_FAILED = 1

Folder = Annotated[Path, typer.Argument(help="The folder it goes into.")]


def batch(
    source: Annotated[Path, typer.Argument(metavar="LIST", help="A txt, csv, jsonl, srt or epub.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder all goes into.")],
    book: Annotated[bool, typer.Option("--book", help="A .txt is a book, not a list.")] = False,
    per: Annotated[
        list[str] | None, typer.Option(help="A file per item, chapter or book; may be repeated.")
    ] = None,
    format: Annotated[str | None, typer.Option(help="wav, flac, mp3, opus; m4b for books.")] = None,
    sample_rate: Annotated[int, typer.Option(help="From 8000 to 48000 Hz.")] = 24_000,
    volume: Annotated[float, typer.Option(help="Louder by so many dB.")] = 0.0,
    loudness: Annotated[float | None, typer.Option(help="As loud as so many LUFS.")] = None,
    times: Annotated[
        list[str] | None, typer.Option(help="srt, vtt, json or textgrid; may be repeated.")
    ] = None,
    dataset: Annotated[
        bool, typer.Option("--dataset", help="Manifests for datasets, NeMo and Lhotse.")
    ] = False,
    voice: Annotated[str, typer.Option(help="See `tts voice list`.")] = DEFAULT.voice,
    voices: Annotated[str | None, typer.Option(help="Each line in each: heart,michael.")] = None,
    paces: Annotated[str | None, typer.Option(help="Each line at each: 0.9,1,1.1.")] = None,
    takes: Annotated[int, typer.Option(help="Each line so often.")] = 1,
    steps: Annotated[int, typer.Option(help="Jumps from noise to speech.")] = DEFAULT.steps,
    seed: Annotated[int, typer.Option(help="Another seed is another take.")] = DEFAULT.seed,
    pace: Annotated[float, typer.Option(help="2 is twice as fast.")] = DEFAULT.pace,
    pause: Annotated[float | None, typer.Option(help="Seconds between sentences.")] = None,
    temperature: Annotated[float, typer.Option(help="0 is tame.")] = DEFAULT.temperature,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICONS)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST)] = False,
    rolls: Annotated[int, typer.Option(help="New seeds for what sounds wrong.")] = 2,
    mos: Annotated[float, typer.Option(help="DistillMOS of so many of 100 items.")] = 10.0,
    whisper: Annotated[Path | None, typer.Option(help="A model to hear all with.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="One a core if unsaid.")] = None,
    batch_size: Annotated[int, typer.Option(help="Items that are made together.")] = 1,
    ray: Annotated[str | None, typer.Option(help="A cluster's address; local for one here.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")] = "cpu",
    acoustic: Annotated[Path | None, typer.Option(help="Your own acoustic model.")] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODERS)] = None,
) -> None:
    """Turn a list or a book into audio. The same command goes on with what was stopped."""

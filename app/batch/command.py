"""`tts batch`: what a user asks for, as a Batch."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tts.captions.formats import CAPTION_FORMATS
from tts.cli.main import (
    DAY_FIRST_HELP,
    LEXICON_HELP,
    MAX_WORKERS,
    VOCODER_HELP,
    all_voices_of,
    configure_device,
    voices_of,
)
from tts.cli.options import delivery_options
from tts.delivery import Delivery
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

from .audio.format import BOOK_FORMATS, ITEM_FORMATS

if TYPE_CHECKING:
    from .run import BatchSummary, Crew

DEFAULT = Delivery()
WHOLE = (".epub", ".srt")  # books and films: their items are no files of their own, if unasked
PER = ("item", "chapter", "book")
SOME_FAILED = 1
TIMES = f"{', '.join(CAPTION_FORMATS)}; may be repeated."
FORMATS = f"{', '.join(ITEM_FORMATS)}; {', '.join(BOOK_FORMATS)} for books."


def _folder(name: str) -> Path:
    """A path; an empty one would be the current folder, which nobody means by it."""
    if not name.strip():
        raise typer.BadParameter("expected the name of a folder, not an empty one")
    return Path(name)


@delivery_options(after="takes")
def batch(
    source: Annotated[Path, typer.Argument(metavar="LIST", help="A txt, csv, jsonl, srt or epub.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", parser=_folder, help="The folder all goes into.")
    ],
    book: Annotated[bool, typer.Option("--book", help="A .txt is a book, not a list.")] = False,
    per: Annotated[
        list[str] | None, typer.Option(help="A file per item, chapter or book; may be repeated.")
    ] = None,
    format: Annotated[str | None, typer.Option(help=FORMATS)] = None,
    sample_rate: Annotated[int, typer.Option(help="From 8000 to 48000 Hz.")] = 24_000,
    volume: Annotated[
        float, typer.Option(help="Gain of the files in dB; the column volume is an item's own.")
    ] = 0.0,
    loudness: Annotated[float | None, typer.Option(help="As loud as so many LUFS.")] = None,
    times: Annotated[list[str] | None, typer.Option(help=TIMES)] = None,
    dataset: Annotated[
        bool, typer.Option("--dataset", help="Manifests for datasets, NeMo and Lhotse.")
    ] = False,
    voice: Annotated[str, typer.Option(help="See `tts voice list`.")] = DEFAULT.voice,
    voices: Annotated[str | None, typer.Option(help="Each line in each: heart,michael.")] = None,
    paces: Annotated[str | None, typer.Option(help="Each line at each: 0.9,1,1.1.")] = None,
    takes: Annotated[int, typer.Option(help="Each line so often.")] = 1,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
    retries: Annotated[int, typer.Option(help="New seeds for what sounds wrong.")] = 2,
    mos: Annotated[float, typer.Option(help="DistillMOS of so many of 100 items.")] = 10.0,
    whisper: Annotated[Path | None, typer.Option(help="A model to hear all with.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=MAX_WORKERS, help="One a core if unsaid.")
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Items that are made together.")] = 1,
    ray: Annotated[
        str | None, typer.Option(help="A cluster's address; local for one here.")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")] = "cpu",
    acoustic: Annotated[Path | None, typer.Option(help="Your own acoustic model.")] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    **numbers: Any,
) -> None:
    """Turn a list or a book into audio. The same command goes on with what was stopped."""
    from .audio.format import OutputFormat
    from .inputs.read import InputOptions
    from .interruption import interruptible
    from .join import JoinConfig
    from .progress import ProgressReporter
    from .run import BatchJob, run
    from .worker import JobConfig

    whole = book or source.suffix.lower() in WHOLE
    kinds = _per(per or ["book" if whole else "item"])
    film = source.suffix.lower() == ".srt"
    format = format or ("m4b" if whole and not film and "item" not in kinds else "wav")
    _check(kinds, format, dataset)
    if film and (voices or paces or takes > 1):
        raise ValueError("expected one voice, pace and take of a film, for it has time for no more")
    form = OutputFormat(format=format, sample_rate=sample_rate, volume=volume, loudness=loudness)
    joined = "chapter" in kinds or "book" in kinds
    endings = tuple(ending.lower() for ending in times or ())
    work = BatchJob(
        source=source,
        out=out,
        reader=InputOptions(
            delivery=Delivery(
                voice=voice,
                reading=TextOptions(day_first=day_first),
                lexicon=Lexicon.load(lexicon) if lexicon else None,
                **numbers,
            ),
            voices=all_voices_of(acoustic),
            offered=tuple(voice.name for voice in voices_of(acoustic)),
            takes=takes,
            others=tuple(voices.split(",")) if voices else (),
            paces=_numbers(paces),
            book=book,
        ),
        config=JobConfig(
            acoustic=acoustic,
            vocoder=vocoder,
            device=device,
            together=batch_size,
            form=form if "item" in kinds else None,
            times=endings,
            parts=joined,
            rolls=retries,
            mos=mos,
            whisper=whisper,
        ),
        join=JoinConfig(
            form=form,
            chapters="chapter" in kinds,
            book="book" in kinds,
            subtitles=endings,
            name=source.stem,
        )
        if joined
        else None,
        dataset=dataset,
    )
    console = Console(stderr=True)
    try:
        with interruptible():
            outcome = run(work, _crew(ray, device, workers), ProgressReporter(console))
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here", err=True)
        raise
    _tell(outcome, out)
    if outcome.failed:
        raise typer.Exit(SOME_FAILED)


def _per(asked: Sequence[str]) -> Sequence[str]:
    for each in asked:
        if each not in PER:
            raise ValueError(f"expected a file per {', '.join(PER)}, not {each!r}")
    return asked


def _check(per: Sequence[str], format: str, dataset: bool) -> None:
    if "item" in per and format in BOOK_FORMATS:
        *others, last = ITEM_FORMATS
        raise ValueError(
            f"expected {', '.join(others)} or {last} for items, not {format}, which is for books"
        )
    if dataset and "item" not in per:
        raise ValueError("expected a file per item for a dataset, and none is asked for; add it")


def _numbers(asked: str | None) -> tuple[float, ...]:
    try:
        return tuple(map(float, asked.split(","))) if asked else ()
    except ValueError as error:
        raise ValueError(f"expected numbers such as 0.9,1,1.1 as paces, not {asked!r}") from error


def _crew(ray: str | None, device: str, workers: int | None) -> "Crew":
    """Who makes the items: processes of this machine, or actors of a cluster."""
    import torch

    cores = torch.get_num_threads() if device == "cpu" else 1
    configure_device(device, threads=1)
    if ray:
        from .ray import run_on_ray as by_actors

        return partial(by_actors, workers=workers, address=ray)
    from .worker import run_workers

    return partial(run_workers, workers=workers or cores)


def _tell(outcome: "BatchSummary", out: Path) -> None:
    parts = [
        f"{len(outcome.rows)} items",
        f"{outcome.seconds:.1f} s of speech",
        f"{outcome.failed} could not be said" if outcome.failed else "",
        f"{outcome.troubled} may sound wrong" if outcome.troubled else "",
        f"{len(outcome.late)} begin after their cues" if outcome.late else "",
        _strays(outcome.strays),
    ]
    typer.echo(f"{', '.join(filter(None, parts))}: {out / 'report.html'}", err=True)


def _strays(names: Sequence[str]) -> str:
    """What may be deleted, by an example."""
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is of no item any more"
    return f"{len(names)} files are of no item any more, such as {names[0]}"

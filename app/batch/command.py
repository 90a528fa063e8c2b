"""The command `tts batch`: its options, made into a `BatchJob`."""

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tts.best_of.judges import ENSEMBLE
from tts.captions.formats import CAPTION_FORMATS
from tts.cli.extensions import missing_package
from tts.cli.main import MAX_WORKERS, all_voices_of, voices_of
from tts.cli.options import (
    CAST_HELP,
    DAY_FIRST_HELP,
    JUDGE_HELP,
    LEXICON_HELP,
    VOCODER_HELP,
    VOICE_DIR_HELP,
    Device,
    Precision,
    Runtime,
    Voice,
    delivery_options,
)
from tts.delivery import Delivery
from tts.devices import check_device
from tts.processor import usable_cores
from tts.text.files.book import BookOptions
from tts.text.files.chapter_selection import ChapterSelection
from tts.text.files.read_book import BOOK_SUFFIXES
from tts.text.files.subtitles import SUBTITLE_SUFFIXES
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

from ..voices import name_cast, name_voices
from .audio.format import BOOK_FORMATS, ITEM_FORMATS
from .item import CHECKS

if TYPE_CHECKING:
    from .run import BatchSummary, Crew

DEFAULT = Delivery()
# these become one file by default, not a file per item
WHOLE = {*BOOK_SUFFIXES, *SUBTITLE_SUFFIXES} - {".txt"}
PER = ("item", "chapter", "book")
SOME_FAILED = 1  # exit code
# By option: the modules that it needs, and the extra that brings them
PACKAGES = {"ray": ("ray",), "mos": ("distillmos",), "whisper": ("faster_whisper", "jiwer")}
PACKAGES |= {"judge distillmos": ("distillmos",), "judge dnsmos": ("speechmos",)}
EXTRAS = {"ray": "ray", "mos": "mos", "whisper": "evaluate"}
EXTRAS |= {"judge distillmos": "mos", "judge dnsmos": "evaluate"}

SOURCE_HELP = (
    "The input: a list (.txt, .csv, .tsv, .jsonl), subtitles (.srt, .vtt) or a book "
    "(.epub, .md, .html, .docx, .rtf, .pdf)."
)
OUT_HELP = "The output folder; made if it is missing. Default: none, which --list alone allows."
LIST_HELP = (
    "Print the chapters of a book with their numbers, words, minutes and megabytes, and what is "
    "left out. Nothing is made."
)
DRY_RUN_HELP = "Print what would be made, with its minutes and megabytes. Nothing is made."
CHAPTERS_HELP = (
    "Read these parts of a book, by their numbers in --list, such as 3-9,12. Default: all but "
    "title pages, contents, indexes and the like."
)
FRONT_MATTER_HELP = "Read title pages, contents, indexes and the like, too."
NOTES_HELP = "Footnotes and endnotes of a book: silent, or inline, each at its reference."
ALT_HELP = "Read the alternative texts of the pictures of a book."
TEXT_COLUMN_HELP = "Column or field of a list that has the texts."
ID_COLUMN_HELP = "Column or field of a list that has the ids."
PER_HELP = (
    "Write a file per item, chapter or book; may be repeated. Default: item; book for subtitles, "
    ".epub and --book."
)
FORMAT_HELP = (
    f"Format of the files: {', '.join(ITEM_FORMATS)}, or {', '.join(BOOK_FORMATS)} for chapters "
    "and books. Default: wav; m4b for books."
)
VOLUME_HELP = (
    "Gain of the files in dB, from -60 to 30; samples beyond full scale are clipped. A column "
    "volume is the gain of one item."
)
LOUDNESS_HELP = (
    "Bring each file to this loudness in LUFS, from -60 to -5, while its true peak stays below -1 "
    "dBTP. Default: the level is not changed. Excludes --volume."
)
TIMES_HELP = (
    f"Also write the times of the words as {', '.join(CAPTION_FORMATS)}; may be repeated. "
    "Default: none."
)
VOICES_HELP = (
    "Speak every line in each of these voices, such as heart,michael,anna.voice; a column voice "
    "overrides it. Default: --voice alone."
)
PACES_HELP = (
    "Speak every line at each of these paces, such as 0.9,1,1.1, each from 0.25 to 4. Default: "
    "--pace alone."
)
RETRIES_HELP = (
    "Make an item that may sound wrong again with up to this many other seeds, and keep the best; "
    "from 0 to 20."
)
ITEM_JUDGE_HELP = f"{JUDGE_HELP} {CHECKS} chooses between whole items, by the quality checks."
MOS_HELP = (
    "Score this percentage of the items by DistillMOS, from 0 to 100; a score below 2 counts as a "
    "problem. Above 0 it needs the extra mos."
)
WHISPER_HELP = (
    "Folder of a faster-whisper model that transcribes every item; many wrong words count as a "
    "problem. Default: none."
)
WORKERS_HELP = "Processes that make items, from 1 to 256. Default: one a core, or one on a GPU."
BATCH_SIZE_HELP = (
    "Items synthesised together, from 1 to 256; more is faster on a GPU. Above 1, samples may "
    "differ by 0.001 from run to run."
)
RAY_HELP = (
    "Address of a Ray cluster that makes the items; local starts one on this machine. Default: "
    "processes of this machine."
)
ACOUSTIC_HELP = "Path of an acoustic model. Default: the shipped one."


def folder(name: str) -> Path:
    """A path; refused if empty, which would mean the current folder."""
    if not name.strip():
        raise typer.BadParameter("the name of the folder is empty")
    return Path(name)


@delivery_options(after="takes")
def batch(
    source: Annotated[Path, typer.Argument(metavar="LIST", help=SOURCE_HELP)],
    out: Annotated[Path | None, typer.Argument(metavar="OUT", parser=folder, help=OUT_HELP)] = None,
    book: Annotated[
        bool,
        typer.Option("--book", help="Read a .txt as a book with chapters, not one item a line."),
    ] = False,
    list_parts: Annotated[bool, typer.Option("--list", help=LIST_HELP)] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=DRY_RUN_HELP)] = False,
    chapters: Annotated[str | None, typer.Option(help=CHAPTERS_HELP)] = None,
    front_matter: Annotated[bool, typer.Option("--front-matter", help=FRONT_MATTER_HELP)] = False,
    notes: Annotated[str, typer.Option(help=NOTES_HELP)] = "silent",
    alt: Annotated[bool, typer.Option("--alt", help=ALT_HELP)] = False,
    text_column: Annotated[str, typer.Option(help=TEXT_COLUMN_HELP)] = "text",
    id_column: Annotated[str, typer.Option(help=ID_COLUMN_HELP)] = "id",
    per: Annotated[list[str] | None, typer.Option(help=PER_HELP)] = None,
    format: Annotated[str | None, typer.Option(help=FORMAT_HELP)] = None,
    sample_rate: Annotated[
        int, typer.Option(help="Sample rate of the files in Hz, from 8000 to 48000.")
    ] = 24_000,
    volume: Annotated[float, typer.Option(help=VOLUME_HELP)] = 0.0,
    loudness: Annotated[float | None, typer.Option(help=LOUDNESS_HELP)] = None,
    times: Annotated[list[str] | None, typer.Option(help=TIMES_HELP)] = None,
    dataset: Annotated[
        bool,
        typer.Option(
            "--dataset",
            help="Also write manifests for Hugging Face datasets, NeMo and Lhotse; needs a file "
            "per item.",
        ),
    ] = False,
    voice: Voice = DEFAULT.voice,
    voice_dir: Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)] = None,
    voices: Annotated[str | None, typer.Option(help=VOICES_HELP)] = None,
    cast: Annotated[Path | None, typer.Option(help=CAST_HELP)] = None,
    paces: Annotated[str | None, typer.Option(help=PACES_HELP)] = None,
    takes: Annotated[
        int,
        typer.Option(help="Speak every line this many times, with other seeds; from 1 to 1000."),
    ] = 1,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
    judge: Annotated[str, typer.Option(help=ITEM_JUDGE_HELP)] = ENSEMBLE,
    retries: Annotated[int, typer.Option(help=RETRIES_HELP)] = 2,
    mos: Annotated[float, typer.Option(help=MOS_HELP)] = 0.0,
    whisper: Annotated[Path | None, typer.Option(help=WHISPER_HELP)] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=MAX_WORKERS, help=WORKERS_HELP)] = None,
    batch_size: Annotated[int, typer.Option(help=BATCH_SIZE_HELP)] = 1,
    ray: Annotated[str | None, typer.Option(help=RAY_HELP)] = None,
    device: Device = "cpu",
    runtime: Runtime = None,
    precision: Precision = None,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    **numbers: Any,
) -> None:
    """Turn a list, subtitles or a book into audio files, with a report.

    The folder OUT gets the audio, manifest.jsonl with one row an item, and report.html to listen
    to the results. Every item is measured; one that may sound wrong is made again with another
    seed. To continue a run that was stopped, give the same command again: finished items are
    verified by hash and skipped. The exit code is 1 if an item failed.

    Inputs: a .txt has one item a line; a .csv, .tsv or .jsonl has a column "text" and, if wanted,
    "id", "voice", "chapter", "pause" and the options below from steps to volume, by their names
    with "_" for "-"; a voice may be the path of a voice file beside the list; subtitles are
    dubbed to their times; a book becomes an audiobook: --list shows its chapters first.

    \b
    Examples:
      tts batch lines.csv out --format mp3 --times srt --voice anna.voice
      tts batch book.epub --list
      tts batch book.epub out --chapters 3-9,12 --loudness -18
      tts batch lines.txt corpus --voices heart,michael --takes 3 --dataset
    """
    from .audio.format import OutputFormat
    from .inputs.read import InputOptions
    from .interruption import interruptible
    from .join import JoinConfig
    from .progress import ProgressReporter
    from .run import BatchJob, run
    from .worker import JobConfig

    if out is None and not list_parts:
        raise ValueError("missing argument OUT; see `tts batch --help`")
    whole = book or source.suffix.lower() in WHOLE
    kinds = _per(per or ["book" if whole else "item"])
    film = source.suffix.lower() in SUBTITLE_SUFFIXES
    format = format or ("m4b" if whole and not film and "item" not in kinds else "wav")
    _check(kinds, format, dataset)
    if film and (voices or paces or takes > 1):
        raise ValueError("--voices, --paces and --takes cannot be used with subtitles")
    if loudness is not None and volume:
        raise ValueError("--volume and --loudness exclude each other")
    form = OutputFormat(format=format, sample_rate=sample_rate, volume=volume, loudness=loudness)
    joined = "chapter" in kinds or "book" in kinds
    endings = tuple(ending.lower() for ending in times or ())
    named, files = name_voices([voice, *(voices.split(",") if voices else ())])
    script = name_cast(cast) if cast else None
    config = JobConfig(
        acoustic=acoustic,
        vocoder=vocoder,
        voices=(*files, *(script.files if script else ())),
        voice_dir=voice_dir,
        device=device,
        runtime=runtime,
        precision=precision,
        together=batch_size,
        form=form if "item" in kinds else None,
        times=endings,
        parts=joined,
        rolls=retries,
        judge=judge,
        mos=mos,
        whisper=whisper,
    )
    work = BatchJob(
        source=source,
        out=out or Path(),
        reader=InputOptions(
            delivery=Delivery(
                voice=named[0],
                reading=TextOptions(day_first=day_first),
                lexicon=Lexicon.load(lexicon) if lexicon else None,
                **numbers,
            ),
            voices=all_voices_of(acoustic),
            offered=tuple(voice.name for voice in voices_of(acoustic)),
            takes=takes,
            others=named[1:],
            paces=_numbers(paces),
            book=book,
            book_options=_book_options(notes, alt),
            selection=ChapterSelection.parse(chapters, front_matter),
            text_column=text_column,
            id_column=id_column,
            learned=config.learned_voices(),
            models=config.models(),
            cast=script.cast if script else None,
        ),
        config=config,
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
    if list_parts or dry_run:
        from .contents import describe_run, list_chapters

        for line in (list_chapters if list_parts else describe_run)(work, form):
            typer.echo(line)
        return
    used = {"ray": ray, "mos": mos > 0, "whisper": whisper, f"judge {judge}": True}
    _check_packages(used)
    console = Console(stderr=True)
    try:
        with interruptible():
            outcome = run(work, _crew(ray, device, workers), ProgressReporter(console))
    except KeyboardInterrupt:
        typer.echo("stopped; give the same command again to continue", err=True)
        raise
    _tell(outcome, work.out)
    if outcome.failed:
        raise typer.Exit(SOME_FAILED)


def _book_options(notes: str, alt: bool) -> BookOptions:
    if notes not in ("silent", "inline"):
        raise ValueError(f"--notes must be silent or inline, got {notes!r}")
    return BookOptions(notes="inline" if notes == "inline" else "silent", alt=alt)


def _per(asked: Sequence[str]) -> Sequence[str]:
    for each in asked:
        if each not in PER:
            raise ValueError(f"--per must be one of {', '.join(PER)}; got {each!r}")
    return asked


def _check(per: Sequence[str], format: str, dataset: bool) -> None:
    if "item" in per and format in BOOK_FORMATS:
        raise ValueError(
            f"format must be one of {', '.join(ITEM_FORMATS)} for a file per item; got {format!r}"
        )
    if dataset and "item" not in per:
        raise ValueError("--dataset needs a file per item; add --per item")


def _check_packages(used: Mapping[str, Any]) -> None:
    """Check that the packages of options are installed, before anything is made."""
    for option, wanted in used.items():
        for module in PACKAGES.get(option, ()) if wanted else ():
            if not find_spec(module):
                lacking = missing_package(f"tts batch --{option}", module, EXTRAS[option])
                raise ModuleNotFoundError(lacking)


def _numbers(asked: str | None) -> tuple[float, ...]:
    try:
        return tuple(map(float, asked.split(","))) if asked else ()
    except ValueError as error:
        raise ValueError(f"paces must be numbers such as 0.9,1,1.1; got {asked!r}") from error


def _crew(ray: str | None, device: str, workers: int | None) -> "Crew":
    """The function that makes the items: in processes of this machine, or on a Ray cluster."""
    cores = usable_cores() if device == "cpu" else 1
    check_device(device)
    if ray:
        from .ray import run_on_ray as by_actors

        return partial(by_actors, workers=workers, address=ray)
    from .worker import run_workers

    return partial(run_workers, workers=workers or cores)


def _tell(outcome: "BatchSummary", out: Path) -> None:
    """Print the summary of a run in one line."""
    parts = [
        f"{outcome.made} item{'s' * (outcome.made != 1)}",
        f"{outcome.seconds:.1f} s of speech",
        f"{outcome.failed} failed" if outcome.failed else "",
        f"{outcome.troubled} may sound wrong" if outcome.troubled else "",
        f"{len(outcome.late)} begin after their cues" if outcome.late else "",
        _strays(outcome.strays),
    ]
    typer.echo(f"{', '.join(filter(None, parts))}: {out / 'report.html'}", err=True)


def _strays(names: Sequence[str]) -> str:
    """The files that no item uses any more, which may be deleted."""
    if not names:
        return ""
    if len(names) == 1:
        return f"{names[0]} is not used any more"
    return f"{len(names)} files are not used any more, such as {names[0]}"

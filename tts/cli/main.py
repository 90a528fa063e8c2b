"""The `tts` command: say a text, list voices, convert a vocoder, and what other packages add."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tts import DISTRIBUTION
from tts.audio import SOUNDFILE_FORMATS, check_audio_path, check_writable
from tts.captions import formats
from tts.cli.options import delivery_options
from tts.cli.say import EXIT_INTERRUPTED, speak_to_file
from tts.delivery import Delivery
from tts.error_messages import explain_os_error
from tts.text.files.plain import read_text_argument
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon
from tts.voices import VoiceInfo

EXIT_FAILED, EXIT_USAGE = 1, 2
# the error that typer makes a sentence of: typer's own since version 0.28, click's before
USAGE_ERROR = getattr(typer, "TyperException", None) or import_module("click").ClickException
DEFAULT_DELIVERY = Delivery()
MAX_THREADS, MAX_WORKERS = 1024, 256
TEXT_HELP = "A text, the path of a .txt file, or - for input."
OUTPUTS = f"{', '.join(suffix[1:] for suffix in SOUNDFILE_FORMATS)}; - pipes wav."
CAPTIONS_HELP = (
    "When what is said: "
    f"{', '.join(known.suffix[1:] for known in formats.CAPTION_FORMATS.values())}, by the ending."
)
LEXICON_HELP = "How to say words: a .json, or lines of a word, a tab and its IPA."
DAY_FIRST_HELP = "3/4/2025 is the third of April."
VOCODER_HELP = (
    "A checkpoint of ours, a folder in vocos' layout, or a Hugging Face owner/name to fetch."
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
voices = typer.Typer(help="The voices of a checkpoint.")
app.add_typer(voices, name="voice")
vocoders = typer.Typer(help="What makes a mel-spectrogram sound.")
app.add_typer(vocoders, name="vocoder")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that was given; alone, `tts` shows what it can do."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(run_command(command(), given or ["--help"], "tts"))


def run_command(application: typer.Typer, arguments: Sequence[str], name: str) -> int:
    """What a user did wrong is said in one sentence, with exit code 2."""
    try:
        code = application(list(arguments), prog_name=name, standalone_mode=False)
    except ModuleNotFoundError as error:
        missing = f"expected the package {error.name}, found none; install the extra it is in"
        code = _wrong(missing if error.name else str(error))
    except USAGE_ERROR as error:
        said = error.format_message().rstrip(".")  # nothing where the help was shown instead
        code = _wrong(f"{said}; see `{_asked(error, name)} --help`") if said else EXIT_USAGE
    except OSError as error:
        code = _wrong(explain_os_error(error))
    except ValueError as error:
        code = _wrong(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    return code or 0


def _asked(error: Exception, name: str) -> str:
    """The command that was called wrongly."""
    context = getattr(error, "ctx", None)
    return context.command_path if context else name


def _wrong(sentence: str) -> int:
    typer.echo(f"error: {sentence}", err=True)
    return EXIT_USAGE


@cache
def command() -> typer.Typer:
    """Our own commands, and those that packages offer as entry points of `tts.commands`."""
    for entry in entry_points(group="tts.commands"):
        app.command(
            entry.name,
            help=f"More commands: tts {entry.name} --help.",
            context_settings={"ignore_unknown_options": True},
            add_help_option=False,
        )(_room(entry))
    return app


def _room(entry: EntryPoint) -> Callable[[list[str]], None]:
    """A command that loads its package only when it is called."""

    def enter(arguments: Annotated[list[str], typer.Argument(default_factory=list)]) -> None:
        name = f"tts {entry.name}"
        code = entry.load()(arguments, prog_name=name, standalone_mode=False)
        if code:
            raise typer.Exit(code)

    return enter


def _version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"{DISTRIBUTION} {version(DISTRIBUTION)}")
        raise typer.Exit
    return wanted


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Text to speech in one step."""


@app.command()
@delivery_options(after="voice")
def say(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    output: Annotated[Path, typer.Option("--output", "-o", help=OUTPUTS)] = Path("speech.wav"),
    srt: Annotated[Path | None, typer.Option(help=CAPTIONS_HELP)] = None,
    voice: Annotated[str, typer.Option(help="See `tts voice list`.")] = DEFAULT_DELIVERY.voice,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")] = "cpu",
    threads: Annotated[
        int | None, typer.Option(min=1, max=MAX_THREADS, help="CPU threads; all if unsaid.")
    ] = None,
    acoustic: Annotated[Path | None, typer.Option(help="Your own acoustic model.")] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    **numbers: Any,
) -> None:
    """Speak a text into a file, or into a pipe as it is made."""
    check_audio_path(output)
    if srt:
        formats.check_captions_path(srt)
    words = _typed(text)
    delivery = Delivery(
        voice=voice,
        reading=TextOptions(day_first=day_first),
        lexicon=_lexicon(lexicon),
        **numbers,
    )
    configure_device(device, threads)

    from tts.synthesis import load

    speak_to_file(load(acoustic, vocoder, device=device), words, delivery, output, srt)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    machine: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
) -> None:
    """Show how a text is read, how it sounds, and by which rules."""
    from tts.cli.explain import explain as rows_of
    from tts.cli.explain import format_json, render_rows, rule_descriptions

    reading = TextOptions(day_first=day_first)
    rows = rows_of(_typed(text), reading, _lexicon(lexicon))
    console = Console(highlight=False)
    rules = rule_descriptions(rows, reading)
    if machine:
        typer.echo(format_json(rows, rules))
    else:
        console.print(render_rows(rows, rules, console.width))


@app.command()
def doctor(
    acoustic: Annotated[Path | None, typer.Option(help="Your own acoustic model.")] = None,
    vocoder: Annotated[Path | None, typer.Option(help="Your own vocoder.")] = None,
) -> None:
    """Look this machine over, speak a second, and say what to do about each trouble."""
    from tts.cli.doctor import checks, examine

    findings = []
    for finding in examine(checks(acoustic, vocoder)):
        Console(highlight=False, soft_wrap=True).print(finding.shown())
        findings.append(finding)
    if any(finding.broken for finding in findings):
        raise typer.Exit(EXIT_FAILED)


@voices.command("list")
def list_voices(
    acoustic: Annotated[Path | None, typer.Option(help="Your own acoustic model.")] = None,
    machine: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """The voices that are offered and how well each speaks, as far as that was measured."""
    offered = voices_of(acoustic)
    if machine:
        rows = [
            {**asdict(voice), "default": voice.name == DEFAULT_DELIVERY.voice} for voice in offered
        ]
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        Console(highlight=False).print(_table(offered))


COLUMNS: Mapping[str, Callable[[VoiceInfo], str]] = {
    "voice": lambda voice: (
        f"{voice.name} (default)" if voice.name == DEFAULT_DELIVERY.voice else voice.name
    ),
    "sex": lambda voice: voice.sex or "",
    "accent": lambda voice: voice.accent or "",
    "word errors": lambda voice: _figure(voice.word_errors, "{:.1f} %"),
    "DistillMOS": lambda voice: _figure(voice.distillmos, "{:.2f}"),
    "similarity": lambda voice: _figure(voice.similarity, "{:.2f}"),
}


def _table(offered: Sequence[VoiceInfo]) -> Table:
    """A row a voice; columns that no voice has a word for are left out."""
    cells = {head: [cell(voice) for voice in offered] for head, cell in COLUMNS.items()}
    known = {head: column for head, column in cells.items() if any(column)}
    table = Table(*known, box=None, padding=(0, 2, 0, 0))
    for row in zip(*known.values(), strict=True):
        table.add_row(*row)
    return table


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


@vocoders.command("convert")
def convert_vocoder(
    source: Annotated[str, typer.Argument(help=VOCODER_HELP)],
    file: Annotated[Path, typer.Argument(help="The .safetensors file to write.")],
) -> None:
    """Write a public vocoder as a checkpoint of ours, in half precision."""
    if file.suffix != ".safetensors":
        raise ValueError(f"expected a file name that ends in .safetensors, not {file.name!r}")
    check_writable(file)

    from tts.checkpoint import load_vocoder, save_checkpoint

    # a path is the machine's own affair; its last name is enough to know it by
    origin = Path(source).resolve().name if Path(source).exists() else source
    save_checkpoint(load_vocoder(source), file, {"converted_from": origin})


def _typed(text: str) -> str:
    """What an argument says, or what is typed for it."""
    return read_text_argument(text, lambda: sys.stdin.buffer.read() if sys.stdin else b"")


def _lexicon(path: Path | None) -> Lexicon | None:
    return Lexicon.load(path) if path else None


def voices_of(acoustic: Path | None) -> tuple[VoiceInfo, ...]:
    """The voices that a checkpoint offers, or the shipped one."""
    from tts.checkpoint import read_offered_voices

    return read_offered_voices(_acoustic(acoustic))


def all_voices_of(acoustic: Path | None) -> tuple[str, ...]:
    """All the voices that it has, by name."""
    from tts.acoustic.model import AcousticModel
    from tts.checkpoint import read_config

    voices: tuple[str, ...] = read_config(_acoustic(acoustic), AcousticModel).voices
    return voices


def _acoustic(acoustic: Path | None) -> Path:
    from tts.synthesis import shipped_checkpoint

    return acoustic or shipped_checkpoint("acoustic")


def configure_device(device: str, threads: int | None) -> None:
    """Refuse a device that is not there before anything is loaded on it."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"expected a device of this machine, not {device!r}; use cpu") from error

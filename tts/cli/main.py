"""The `tts` command: its own subcommands, and those that packages add as entry points."""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer
from rich.console import Console

from tts import DISTRIBUTION, __version__
from tts.audio import check_writable
from tts.cli import voice as voice_commands
from tts.cli.export import export
from tts.cli.extensions import VOICES, add_extensions, missing_package
from tts.cli.help import DocumentedCommand
from tts.cli.options import ACOUSTIC_HELP as ACOUSTIC_HELP
from tts.cli.options import DAY_FIRST_HELP as DAY_FIRST_HELP
from tts.cli.options import DEVICE_HELP as DEVICE_HELP
from tts.cli.options import (
    INSTALLED,
    JSON_HELP,
    TEXT_HELP,
    VOCODER_FILE,
    VOCODER_SOURCES,
)
from tts.cli.options import LEXICON_HELP as LEXICON_HELP
from tts.cli.options import PRECISION_HELP as PRECISION_HELP
from tts.cli.options import RUNTIME_HELP as RUNTIME_HELP
from tts.cli.options import VOCODER_HELP as VOCODER_HELP
from tts.cli.options import VOICE_HELP as VOICE_HELP
from tts.cli.say import say
from tts.cli.speaking import EXIT_INTERRUPTED, warn_of_languages
from tts.cli.text_argument import load_lexicon, read_text
from tts.cli.usage_errors import USAGE_ERROR, usage_message, with_help
from tts.devices import check_device, require_torch
from tts.error_messages import explain_os_error
from tts.files import check_readable
from tts.text.language_warnings import explain_no_words
from tts.text.options import TextOptions
from tts.voices import VoiceInfo

EXIT_FAILED, EXIT_USAGE = 1, 2
MAX_WORKERS = 256  # beyond any machine; chosen by hand
VERSION_HELP = "Show the version and exit."

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.add_typer(voice_commands.app, name="voice")
# The paragraph before an example also keeps it indented: typer dedents a text that has no other.
vocoders = typer.Typer(
    help="Convert vocoders of other projects.\n\n"
    "The option --vocoder of the other commands takes the result.\n\n"
    "Example:\n  tts vocoder convert charactr/vocos-mel-24khz vocos.safetensors"
)
app.add_typer(vocoders, name="vocoder")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tts` and exit; without arguments, show its help.

    Args:
        arguments: those after `tts`; those of the process if none are given.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(run_command(command(), given or ["--help"], "tts"))


def run_command(application: typer.Typer, arguments: Sequence[str], name: str) -> int:
    """Run a command and turn the errors of its user into one line on standard error.

    Args:
        application: the command.
        arguments: those after its name.
        name: what its help and its errors call it.

    Returns:
        The exit code: 0 after success, 2 after an error of the user, 130 after Ctrl-C, or the
        command's own.
    """
    try:
        code = application(list(arguments), prog_name=name, standalone_mode=False)
    except ModuleNotFoundError as error:
        code = _fail(missing_package(name, error.name) if error.name else str(error))
    except USAGE_ERROR as error:
        message = usage_message(error)  # empty where the help was shown instead
        code = (
            _fail(with_help(error, message, _command_path(error, name))) if message else EXIT_USAGE
        )
    except OSError as error:
        code = _fail(explain_os_error(error))
    except ValueError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    return code or 0


def _command_path(error: Exception, name: str) -> str:
    """The subcommand that an error is about, or else the command itself."""
    context = getattr(error, "ctx", None)
    return context.command_path if context else name


def _fail(sentence: str) -> int:
    typer.echo(f"error: {sentence}", err=True)
    return EXIT_USAGE


@cache
def command() -> typer.Typer:
    """All commands: those of this module, and those of entry points."""
    add_extensions(app)
    add_extensions(voice_commands.app, VOICES)
    return app


def _version(shown: bool) -> bool:
    if shown:
        typer.echo(f"{DISTRIBUTION} {__version__}")
        raise typer.Exit
    return shown


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=VERSION_HELP)
    ] = False,
) -> None:
    """Text to speech on a laptop, in English (US).

    Speech is computed on this machine; no text leaves it.

    Examples:
      tts say 'Hello there.'                  plays the words
      tts say chapter.txt -o chapter.mp3      speaks a file of text into an mp3
      tts voice list                          lists the voices
      tts batch --help                        shows all options of a command
    """


app.command(cls=DocumentedCommand)(say)


@app.command(cls=DocumentedCommand)
def explain(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    machine: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
) -> None:
    """Show how a text is normalised and pronounced, and by which rules.

    Each row of the table has a part of the text, the words that are spoken for it, their phonemes
    (IPA, with one symbol for each phone) and the rules that were applied. The rules are described
    below the table. Nothing is spoken.

    Examples:
      tts explain 'Dr. Lee of St. James St. paid $5.2M on 3/4/2025.'
      tts explain 'It was on 3/4/2025.' --day-first
      tts explain chapter.txt --lexicon names.tsv
      tts explain chapter.txt --json | jq '.passages[].phonemes'
    """
    from tts.cli.explain import explain as rows_of
    from tts.cli.explain import format_json, is_changed, render_rows, rule_descriptions

    reading = TextOptions(day_first=day_first)
    words = read_text(text)
    rows = rows_of(words, reading, load_lexicon(lexicon))
    if not any(row.phonemes or is_changed(row) for row in rows):
        raise ValueError(explain_no_words(words, reading))
    warn_of_languages(words, reading)
    rules = rule_descriptions(rows, reading)
    if machine:
        typer.echo(format_json(rows, rules))
    else:
        # COLUMNS, or the terminal that the table goes to: rich would also ask that of the keyboard
        width = get_terminal_size().columns
        Console(highlight=False, width=width).print(render_rows(rows, rules, width))


@app.command(cls=DocumentedCommand)
def doctor(
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[Path | None, typer.Option(help=f"{VOCODER_FILE} {INSTALLED}")] = None,
) -> None:
    """Check that this machine can speak, and suggest how to repair what cannot.

    Checks Python, the packages, espeak-ng, the processor and GPU, both models, a second of speech
    with its real-time factor, writing of files, and the programs that play them. Each line begins
    with ok, note (speech works without it) or broken. The network is not used. The exit code is 1
    if something is broken.

    Examples:
      tts doctor
      tts doctor --acoustic mine.safetensors --vocoder vocoder.safetensors
    """
    from tts.cli.doctor import checks, examine

    findings = []
    for finding in examine(checks(acoustic, vocoder)):
        Console(highlight=False, soft_wrap=True).print(finding.shown())
        findings.append(finding)
    if any(finding.broken for finding in findings):
        raise typer.Exit(EXIT_FAILED)


app.command(cls=DocumentedCommand)(export)


@vocoders.command("convert", cls=DocumentedCommand)
def convert_vocoder(
    source: Annotated[str, typer.Argument(help=VOCODER_SOURCES)],
    file: Annotated[Path, typer.Argument(help="File to write; its name ends in .safetensors.")],
) -> None:
    """Convert a public Vocos vocoder to a checkpoint in half precision.

    The vocoder must have the mel-spectrogram of the acoustic models: 24 kHz, 100 bands, n_fft
    1024, hop 256. Weights are read as numbers alone; a pickle that holds anything else is refused.
    The result is for --vocoder of the other commands.

    Examples:
      tts vocoder convert charactr/vocos-mel-24khz vocos.safetensors
      tts vocoder convert folder/of/vocos vocos.safetensors
      tts say 'Hello there.' --vocoder vocos.safetensors
    """
    if file.suffix != ".safetensors":
        raise ValueError(f"a checkpoint's name must end in .safetensors, got {file.name!r}")
    check_readable(Path(source))
    check_writable(file)
    require_torch("tts vocoder convert")

    from tts.torch_checkpoint import load_vocoder, save_checkpoint

    # without the folders above it, which differ from machine to machine
    origin = Path(source).resolve().name if Path(source).exists() else source
    save_checkpoint(load_vocoder(source), file, {"converted_from": origin})


def voices_of(acoustic: Path | None) -> tuple[VoiceInfo, ...]:
    """The voices that an acoustic model offers; without a path, the installed one's."""
    from tts.checkpoint import read_offered_voices

    return read_offered_voices(_acoustic(acoustic))


def all_voices_of(acoustic: Path | None) -> tuple[str, ...]:
    """The names of all voices of an acoustic model, also of those that it does not offer."""
    from tts.checkpoint import read_config

    voices: tuple[str, ...] = read_config(_acoustic(acoustic), "acoustic").voices
    return voices


def _acoustic(acoustic: Path | None) -> Path:
    from tts.checkpoint import shipped_checkpoint

    return acoustic or shipped_checkpoint("acoustic")


def configure_device(device: str, threads: int | None) -> None:
    """Check a device before models are trained on it, and set the number of CPU threads.

    Args:
        device: `cpu`, `cuda`, `cuda:1`, `mps`.
        threads: of this process; None leaves them as they are.

    Raises:
        ValueError: the machine has no such device.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    check_device(device)

"""The `tts` command: its own subcommands, and those that packages add as entry points."""

import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer
from rich.console import Console

from tts import DISTRIBUTION, __version__
from tts.cli import vocoder as vocoder_commands
from tts.cli import voice as voice_commands
from tts.cli.entry import EXIT_INTERRUPTED
from tts.cli.export import export
from tts.cli.extensions import MACHINE, MODELS, SPEAKING, Commands, missing_package
from tts.cli.help import DiagnosticCommand, DocumentedCommand
from tts.cli.options import (
    ACOUSTIC_HELP,
    DAY_FIRST_HELP,
    INSTALLED,
    JSON_HELP,
    LEXICON_HELP,
    TEXT_HELP,
    VOCODER_FILE,
)
from tts.cli.say import say
from tts.cli.settings import Settings
from tts.cli.speaking import warn_of_languages
from tts.cli.text_argument import load_lexicon, read_text
from tts.cli.usage_errors import USAGE_ERROR, usage_message, with_help
from tts.devices import check_device
from tts.error_messages import explain_os_error
from tts.text.language_warnings import explain_no_words
from tts.text.options import TextOptions
from tts.voices import VoiceInfo

EXIT_FAILED, EXIT_USAGE = 1, 2
MAX_WORKERS = 256  # beyond any machine; chosen by hand
CONFIG_HELP = (
    "File of settings for the options of all commands, in TOML. Default: the file of the variable "
    "TTS_CONFIG, or config.toml in the folder of the user's configuration for one-step-tts."
)
VERSION_HELP = "Show the version and exit."

app = typer.Typer(
    cls=Commands,
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
)
app.add_typer(voice_commands.app, name="voice", rich_help_panel=MODELS)
app.add_typer(vocoder_commands.app, name="vocoder", rich_help_panel=MODELS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `tts` and exit; without arguments, show its help.

    Args:
        arguments: those after `tts`; those of the process if none are given.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(run_command(app, given or ["--help"], "tts"))


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
        code = _fail(error, missing_package(name, error.name) if error.name else str(error))
    except USAGE_ERROR as error:
        message = usage_message(error)  # empty where the help was shown instead
        path = _command_path(error, name)
        code = _fail(error, with_help(error, message, path)) if message else EXIT_USAGE
    except OSError as error:
        code = _fail(error, explain_os_error(error))
    except ValueError as error:
        code = _fail(error, str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    return code or 0


def _command_path(error: Exception, name: str) -> str:
    """The subcommand that an error is about, or else the command itself."""
    context = getattr(error, "ctx", None)
    return context.command_path if context else name


def _fail(error: Exception, sentence: str) -> int:
    """Print a sentence, and the notes of its error, such as where a value was set."""
    typer.echo("; ".join([f"error: {sentence}", *getattr(error, "__notes__", ())]), err=True)
    return EXIT_USAGE


def _version(shown: bool) -> bool:
    if shown:
        typer.echo(f"{DISTRIBUTION} {__version__}")
        raise typer.Exit
    return shown


@app.callback()
def about(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=VERSION_HELP)
    ] = False,
    config: Annotated[Path | None, typer.Option(help=CONFIG_HELP)] = None,
) -> None:
    """Text to speech on a laptop, in English (US).

    Speech is computed on this machine; no text leaves it.
    `tts COMMAND --help` shows all options of a command, and more examples.

    Examples:
      tts say 'Hello there.'                   speak a sentence aloud
      tts say notes.md -o notes.mp3            speak a file into an mp3
      tts explain 'Dr. Lee paid $5.2M.'        show how a text is read
      tts batch book.epub out                  make an audiobook
      tts demo                                 open the web page
      tts serve                                serve OpenAI's API
      tts wyoming                              serve Home Assistant
      tts voice list                           list the voices
      tts vocoder convert vocos v.safetensors  convert a vocoder
      tts export exported                      write ONNX files
      tts training evaluate --out runs/quick   measure the voices
      tts doctor                               check this machine
    """
    ctx.obj = Settings.of_process(config)


app.command(cls=DocumentedCommand, rich_help_panel=SPEAKING)(say)


@app.command(cls=DocumentedCommand, rich_help_panel=SPEAKING)
def explain(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    machine: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
) -> None:
    """Show how a text is read and pronounced, and by which rules.

    Each row of the table has a part of the text, the words that are spoken for it, their phonemes
    and the rules that were applied. Phonemes are IPA, with one symbol for each phone. The rules are
    described below the table. Nothing is spoken.

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


@app.command(cls=DiagnosticCommand, rich_help_panel=MACHINE)
def doctor(
    ctx: typer.Context,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[Path | None, typer.Option(help=f"{VOCODER_FILE} {INSTALLED}")] = None,
) -> None:
    """Check that this machine can speak, and say what is set.

    Checks Python, the packages, what is set in variables and in a file, espeak-ng, the processor
    and the GPU. Then it checks both models, a second of speech with its real-time factor, writing
    of files, and the programs that play them. Each line begins with ok, note (speech works without
    it) or broken. A line with an arrow says how to repair it. The network is not used. The exit
    code is 1 if something is broken.

    Examples:
      tts doctor
      tts doctor --acoustic mine.safetensors --vocoder vocoder.safetensors
    """
    from tts.cli.doctor import checks, examine, settings_checks

    more = settings_checks(ctx.obj, ctx.find_root().command) if ctx.obj else ()
    findings = []
    for finding in examine(checks(acoustic, vocoder, more)):
        Console(highlight=False, soft_wrap=True).print(finding.shown())
        findings.append(finding)
    if any(finding.broken for finding in findings):
        raise typer.Exit(EXIT_FAILED)


app.command(cls=DocumentedCommand, rich_help_panel=MODELS)(export)


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

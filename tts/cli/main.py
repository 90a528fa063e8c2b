"""The `tts` command: its own subcommands, and those that packages add as entry points."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, Any

import typer
from rich.console import Console

from tts import DISTRIBUTION, __version__
from tts.audio import SOUNDFILE_FORMATS, audio_path, check_audio_path
from tts.captions import formats
from tts.cli import vocoder as vocoder_commands
from tts.cli import voice as voice_commands
from tts.cli.export import export
from tts.cli.extensions import MACHINE, MODELS, SPEAKING, Commands, missing_package
from tts.cli.help import DiagnosticCommand, DocumentedCommand
from tts.cli.options import (
    ACOUSTIC_HELP,
    CAST_HELP,
    INSTALLED,
    JSON_HELP,
    VOCODER_FILE,
    VOCODER_HELP,
    VOICE_DIR_HELP,
    Device,
    Precision,
    Runtime,
    Voice,
    delivery_options,
)
from tts.cli.say import (
    EXIT_INTERRUPTED,
    apply_cast,
    cast_voice_paths,
    speak_to_file,
    warn_of_languages,
)
from tts.cli.settings import Settings
from tts.cli.usage_errors import USAGE_ERROR, usage_message, with_help
from tts.cli.voices import DEFAULT_VOICE, voice_paths
from tts.delivery import Delivery
from tts.devices import check_device
from tts.error_messages import explain_os_error, quoted
from tts.files import check_readable
from tts.runtime.load import RuntimeOptions
from tts.text.cast import load_cast
from tts.text.files.plain import is_path, read_text_argument
from tts.text.language_warnings import explain_no_words
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon
from tts.voices import VoiceInfo

EXIT_FAILED, EXIT_USAGE = 1, 2
MAX_THREADS, MAX_WORKERS = 1024, 256  # beyond any machine; chosen by hand
TEXT_HELP = "Text, or the path of a .txt file in UTF-8, or - to read standard input."
OUTPUT_HELP = (
    f"File to write, in the format of its ending: {', '.join(SOUNDFILE_FORMATS)}. "
    "- writes wav to standard output."
)
CAPTIONS_HELP = (
    "File to write the times of words to, in the format of its ending: "
    f"{', '.join(each.suffix for each in formats.CAPTION_FORMATS.values())}. Default: none."
)
LEXICON_HELP = (
    "Pronunciations of your own: a .json file, or a text file with lines of a word, a tab and "
    "its IPA. Default: none."
)
DAY_FIRST_HELP = "Read dates with the day first: 3/4/2025 is the third of April, not March fourth."
THREADS_HELP = (
    f"CPU threads, from 1 to {MAX_THREADS}. More than 1 is faster on an idle machine, and much "
    "slower on one that is busy."
)
CONFIG_HELP = (
    "File of settings for the options of all commands, in TOML. Default: the file of the variable "
    "TTS_CONFIG, or config.toml in the folder of the user's configuration for one-step-tts."
)
VERSION_HELP = "Show the version and exit."

app = typer.Typer(cls=Commands, pretty_exceptions_enable=False)
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
      tts say 'Hello there.'                   speak a sentence
      tts say chapter.txt -o chapter.mp3       speak a file of text into an mp3
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


@app.command(cls=DocumentedCommand, rich_help_panel=SPEAKING)
@delivery_options(after="voice")
def say(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    # a text, as an empty path would be the current folder
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="<path>", help=OUTPUT_HELP)
    ] = "speech.wav",
    srt: Annotated[Path | None, typer.Option(help=CAPTIONS_HELP)] = None,
    voice: Voice = DEFAULT_VOICE,
    voice_dir: Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)] = None,
    cast: Annotated[Path | None, typer.Option(help=CAST_HELP)] = None,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
    device: Device = "cpu",
    runtime: Runtime = None,
    precision: Precision = None,
    threads: Annotated[int, typer.Option(min=1, max=MAX_THREADS, help=THREADS_HELP)] = 1,
    acoustic: Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)] = None,
    vocoder: Annotated[str | None, typer.Option(help=VOCODER_HELP)] = None,
    **numbers: Any,
) -> None:
    """Speak a text into an audio file or a pipe.

    Audio is written while it is made, so that a player behind a pipe starts at once. An existing
    file is replaced. Ctrl-C ends the file where it is, and it stays valid. Numbers out of their
    range and files that cannot be written are refused before anything is made, with exit code 2.

    Examples:
      tts say 'Hello there.'
      tts say chapter.txt -o chapter.mp3 --voice michael --pace 1.1
      tts say chapter.txt -o chapter.flac --srt chapter.srt
      cat chapter.txt | tts say - -o - | aplay
    """
    file = audio_path(output)
    check_audio_path(file)
    if vocoder:
        check_readable(Path(vocoder))
    if srt:
        formats.check_captions_path(srt)
    words = _text_of(text)
    delivery = Delivery(
        voice=voice,
        reading=TextOptions(day_first=day_first),
        lexicon=_lexicon(lexicon),
        **numbers,
    )
    options = RuntimeOptions(device=device, runtime=runtime, precision=precision, threads=threads)
    script = load_cast(cast) if cast else None
    check_device(device)

    from tts.synthesis import load

    files = voice_paths(voice) | (cast_voice_paths(script, cast.parent) if script and cast else {})
    synthesizer = load(acoustic, vocoder, **asdict(options), voices=files, voice_dir=voice_dir)
    if script:
        words = apply_cast(script, words, synthesizer)
    speak_to_file(synthesizer, words, delivery, file, srt)


@app.command(cls=DocumentedCommand, rich_help_panel=SPEAKING)
def explain(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    machine: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
) -> None:
    """Show how a text is read and pronounced, and by which rules.

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
    words = _text_of(text)
    rows = rows_of(words, reading, _lexicon(lexicon))
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
    and GPU, both models, a second of speech with its real-time factor, writing of files, and the
    programs that play them. Each line begins with ok, note (speech works without it) or broken. A
    line with an arrow says how to repair it. The network is not used. The exit code is 1 if
    something is broken.

    Examples:
      tts doctor
      tts doctor --acoustic mine.safetensors --vocoder vocoder.safetensors
    """
    from tts.cli.doctor import checks, examine, settings

    look = partial(settings, ctx.obj, ctx.find_root().command) if ctx.obj else None
    findings = []
    for finding in examine(checks(acoustic, vocoder, look)):
        Console(highlight=False, soft_wrap=True).print(finding.shown())
        findings.append(finding)
    if any(finding.broken for finding in findings):
        raise typer.Exit(EXIT_FAILED)


app.command(cls=DocumentedCommand, rich_help_panel=MODELS)(export)


def _text_of(text: str) -> str:
    """The text of an argument, of the file that it names, or of standard input."""
    if text != "-" and not text.lower().endswith(".txt") and is_path(text):
        note = f"note: {quoted(text)} is spoken as text; only .txt files are read"
        typer.echo(note, err=True)
    return read_text_argument(
        text,
        lambda: sys.stdin.buffer.read() if sys.stdin else b"",
        lambda note: typer.echo(f"note: {note}", err=True),
    )


def _lexicon(path: Path | None) -> Lexicon | None:
    return Lexicon.load(path) if path else None


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

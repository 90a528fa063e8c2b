"""The commands of `tts voice` that need no training: list, show, blend and compare."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tts.cli.extensions import SPEAKERS, VoiceCommands
from tts.cli.help import DocumentedCommand
from tts.cli.options import ACOUSTIC_HELP, JSON_HELP, VOCODER_HELP, VOICE_DIR_HELP
from tts.cli.voices import DEFAULT_VOICE, card_table, voice_paths, voice_table
from tts.error_messages import quoted

if TYPE_CHECKING:
    from tts.learned_voices import LearnedVoices, ModelFiles

SHOWN_HELP = "Path of a voice file, or the name of a voice."
EXPRESSION_HELP = (
    "Names of voices, or paths of voice files, with optional weights, such as "
    "'anna.voice(2)+heart(1)'."
)
NAME_HELP = "Name of the new voice, without spaces or any of + ( )."
BYTES_PER_KB = 1000
COMPARED_HELP = "Voices, paths of voice files, or blends of them."
PAGE_HELP = "The page to write (.html)."
OUTPUT_HELP = "Voice file to write. Default: the name with .voice, in the current folder."

# The paragraph before an example also keeps it indented: typer dedents a text that has no other.
app = typer.Typer(
    cls=VoiceCommands,
    no_args_is_help=True,
    help="List, show, blend and make voices.\n\n"
    "The option --voice of the other commands chooses one.\n\n"
    "Examples:\n"
    "  tts voice list\n"
    "  tts voice compare heart michael\n"
    "  tts voice learn recordings --name anna --consent 'I am the speaker.'",
)

Acoustic = Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)]
Vocoder = Annotated[str | None, typer.Option(help=VOCODER_HELP)]
VoiceDir = Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)]


@app.command("list", cls=DocumentedCommand, rich_help_panel=SPEAKERS)
def list_voices(
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    voice_dir: VoiceDir = None,
    machine: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    """List the voices, with measurements of each.

    Word errors are in percent, of words that Whisper base recognises otherwise. DistillMOS is an
    estimated opinion score from 1 (bad) to 5 (excellent). Similarity is the mean cosine, up to 1,
    of speaker embeddings with those of the voice's recordings. What was not measured is empty.

    Learned voices have the minutes of their recordings and their file. Files that cannot be used
    are named on standard error.

    Examples:
      tts voice list
      tts voice list --json
      tts voice list --voice-dir voices
      tts voice list --acoustic mine.safetensors
    """
    from tts.checkpoint import read_offered_voices

    models, learned = _find(acoustic, vocoder, {}, voice_dir)
    infos = [*read_offered_voices(models.acoustic), *(voice.info for voice in learned)]
    rows = [
        {**asdict(info), **_origin(info.name, learned), "default": info.name == DEFAULT_VOICE}
        for info in infos
    ]
    if machine:
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        Console(highlight=False, markup=False).print(voice_table(rows))
    for left in learned.left_out:
        typer.echo(f"note: left out: {left.reason}", err=True)


def _origin(name: str, learned: "LearnedVoices") -> dict[str, Any]:
    """Where a voice comes from; nothing of a voice of the model."""
    from tts.checkpoint import shipped_checkpoint

    if name not in learned:
        return {"minutes": None, "self_similarity": None, "file": None, "shipped": True}
    card = learned[name].card
    return {
        "minutes": card.minutes,
        "self_similarity": card.self_similarity,
        "file": str(learned[name].path),
        "shipped": learned[name].path.parent == shipped_checkpoint("acoustic").parent,
    }


@app.command("show", cls=DocumentedCommand, rich_help_panel=SPEAKERS)
def show(
    voice: Annotated[str, typer.Argument(help=SHOWN_HELP)],
    voice_dir: VoiceDir = None,
    machine: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    """Show what a voice file says about its voice.

    That is its name, the models it belongs to, sex, accent, minutes of recordings, licence, what
    the speaker agreed to, and measurements. Whether the installed models fit is not checked. Of a
    voice of the installed model, its measurements are shown.

    Examples:
      tts voice show anna.voice
      tts voice show kathleen --json
    """
    shown = _shown(voice, voice_dir)
    if machine:
        typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))
    else:
        Console(highlight=False, markup=False).print(card_table(shown))


def _shown(voice: str, voice_dir: Path | None) -> dict[str, Any]:
    """The fields of a voice file's card, or those of a voice of the installed model."""
    from tts.checkpoint import read_offered_voices
    from tts.learned_voices import file_origin
    from tts.voice_files import read_card

    if path := voice_paths(voice).get(voice):
        return {**asdict(read_card(path)), **file_origin(path)}
    models, learned = _find(None, None, {}, voice_dir)
    learned.check_left_out(voice)
    if voice in learned:
        return {**asdict(learned[voice].card), **file_origin(learned[voice].path)}
    offered = {info.name: info for info in read_offered_voices(models.acoustic)}
    if voice in offered:
        return {**asdict(offered[voice]), "file": str(models.acoustic)}
    names = ", ".join([*offered, *learned.names])
    raise ValueError(f"unknown voice {quoted(voice)}; voices: {names}, or the path of a file")


@app.command("blend", cls=DocumentedCommand, rich_help_panel=SPEAKERS)
def blend(
    expression: Annotated[str, typer.Argument(help=EXPRESSION_HELP)],
    name: Annotated[str, typer.Option(help=NAME_HELP)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help=OUTPUT_HELP)] = None,
    voice_dir: VoiceDir = None,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
) -> None:
    """Write a blend of voices to a voice file.

    The new voice speaks as the blend does, and takes no longer to load than one voice. It belongs
    to the models of the voices. The licences and consents of learned voices are joined. An
    existing file is replaced.

    Examples:
      tts voice blend 'heart(2)+michael(1)' --name henry
      tts voice blend 'anna.voice(2)+heart(1)' --name clara -o clara.voice
    """
    from tts.voice_blends import blend_voices
    from tts.voice_files import write_voice
    from tts.voices import check_voice_name

    check_voice_name(name)
    path = output or Path(f"{name}.voice")
    models, learned = _find(acoustic, vocoder, voice_paths(expression), voice_dir)
    write_voice(blend_voices(expression, name, models, learned), path)
    typer.echo(f"{path.stat().st_size / BYTES_PER_KB:,.0f} kB: {path}", err=True)


@app.command("compare", cls=DocumentedCommand, rich_help_panel=SPEAKERS)
def compare(
    voices: Annotated[list[str], typer.Argument(help=COMPARED_HELP)],
    output: Annotated[Path, typer.Option("--output", "-o", help=PAGE_HELP)] = Path("voices.html"),
    voice_dir: VoiceDir = None,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
) -> None:
    """Write a web page with the same ten sentences by each voice.

    The page holds its sound, so it is one file that works without a network. The sentences are
    questions, numbers, names, short and long ones; each voice speaks them with the usual options.

    Examples:
      tts voice compare heart anna.voice
      tts voice compare heart michael 'heart(1)+michael(1)' -o blends.html
    """
    from tts.audio import check_writable
    from tts.cli.preflight import VoiceNames, installed_models
    from tts.cli.voice_page import SENTENCES, spoken, write_page
    from tts.synthesis import load

    check_writable(output)
    paths = {key: path for voice in voices for key, path in voice_paths(voice).items()}
    known = VoiceNames.of(installed_models(acoustic, vocoder), paths, voice_dir)
    for voice in voices:
        known.check(voice)
    synthesizer = load(acoustic, vocoder, voices=paths, voice_dir=voice_dir)
    columns = [spoken(synthesizer, voice) for voice in voices]
    write_page(output, "Voices", SENTENCES, columns, synthesizer.sample_rate)
    counted = "1 voice" if len(voices) == 1 else f"{len(voices)} voices"
    typer.echo(f"{len(SENTENCES)} sentences of {counted}: {output}", err=True)


def _find(
    acoustic: Path | None, vocoder: str | None, voices: dict[str, Path], voice_dir: Path | None
) -> tuple["ModelFiles", "LearnedVoices"]:
    """The models that options name, or else the installed ones, and their learned voices."""
    from tts.cli.preflight import installed_models
    from tts.learned_voices import find_voices

    models = installed_models(acoustic, vocoder)
    return models, find_voices(models, voices, voice_dir)

"""The command `tts say`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tts.audio import SOUNDFILE_FORMATS, audio_path, check_audio_path
from tts.best_of.judges import ENSEMBLE, find_judge
from tts.captions import formats
from tts.cli.casts import cast_voice_paths
from tts.cli.options import (
    ACOUSTIC_HELP,
    CAST_HELP,
    DAY_FIRST_HELP,
    LEXICON_HELP,
    MAX_THREADS,
    TEXT_HELP,
    THREADS_HELP,
    VOCODER_HELP,
    VOICE_DIR_HELP,
    Device,
    Judge,
    Precision,
    Runtime,
    Voice,
    delivery_options,
)
from tts.cli.playback import find_playback
from tts.cli.preflight import VoiceNames, installed_models, prepare_source
from tts.cli.speaking import SpeechOutput, speak_source
from tts.cli.text_argument import load_lexicon, print_notes, read_source
from tts.cli.voices import DEFAULT_VOICE, voice_paths
from tts.delivery import Delivery
from tts.devices import check_device
from tts.files import check_not_read, check_readable
from tts.runtime.load import RuntimeOptions
from tts.text.cast import load_cast
from tts.text.files.chapter_selection import ChapterSelection
from tts.text.options import TextOptions

OUTPUT_HELP = (
    f"File to write, in the format of its ending: {', '.join(SOUNDFILE_FORMATS)}. "
    "- writes wav to standard output. Default: the speech is played."
)
CHAPTERS_HELP = (
    "Read these parts of a book, by their numbers in `tts batch FILE --list`, such as 3-9,12. "
    "Default: all but title pages, contents, indexes and the like."
)
CAPTIONS_HELP = (
    "File to write the times of words to, in the format of its ending: "
    f"{', '.join(each.suffix for each in formats.CAPTION_FORMATS.values())}. Default: none."
)


@delivery_options(after="voice")
def say(
    text: Annotated[str, typer.Argument(help=TEXT_HELP)],
    # a text, as an empty path would be the current folder
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="<path>", help=OUTPUT_HELP)
    ] = None,
    srt: Annotated[Path | None, typer.Option(help=CAPTIONS_HELP)] = None,
    voice: Voice = DEFAULT_VOICE,
    judge: Judge = ENSEMBLE,
    voice_dir: Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)] = None,
    cast: Annotated[Path | None, typer.Option(help=CAST_HELP)] = None,
    chapters: Annotated[str | None, typer.Option(metavar="<numbers>", help=CHAPTERS_HELP)] = None,
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
    """Speak a text: play it, or write it to a file or a pipe.

    The text is an argument, or in a file: .txt, .md, .html, .epub, .docx, .rtf, .pdf. Subtitles
    (.srt, .vtt) are spoken at their times. Without -o the speech is played while it is made, by
    the package sounddevice or a program of the system. An existing file is replaced. Ctrl-C stops
    the sound, or ends the file where it is, and it stays valid. What is wrong is told before
    anything is made, with exit code 2.

    Examples:
      tts say 'Hello there.'
      tts say notes.md -o notes.mp3 --voice michael --pace 1.1
      tts say book.epub --chapters 3 -o chapter.mp3 --srt chapter.srt
      cat chapter.txt | tts say - -o - | aplay
    """
    file = _checked(output)
    if vocoder:
        check_readable(Path(vocoder))
    if srt:
        formats.check_captions_path(srt)
        check_not_read(srt, text, lexicon)
    source = read_source(text, ChapterSelection.parse(chapters))
    delivery = Delivery(
        voice=voice,
        reading=TextOptions(day_first=day_first),
        lexicon=load_lexicon(lexicon),
        judge=judge,
        **numbers,
    )
    if delivery.best_of > 1:
        find_judge(judge)
    options = RuntimeOptions(device=device, runtime=runtime, precision=precision, threads=threads)
    script = load_cast(cast) if cast else None
    check_device(device)

    from tts.synthesis import load

    files = voice_paths(voice) | (cast_voice_paths(script, cast.parent) if script and cast else {})
    voices = VoiceNames.of(installed_models(acoustic, vocoder), files, voice_dir)
    source = prepare_source(source, delivery, voices, script)
    print_notes(source)
    target = file or find_playback()
    synthesizer = load(acoustic, vocoder, **asdict(options), voices=files, voice_dir=voice_dir)
    speak_source(synthesizer, source, delivery, SpeechOutput(target=target, subtitles=srt))


def _checked(output: str | None) -> Path | None:
    """The file or pipe that is written to, which is checked; None if the speech is played."""
    if output is None:
        return None
    file = audio_path(output)
    check_audio_path(file)
    return file

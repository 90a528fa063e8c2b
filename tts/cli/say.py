"""The command `tts say`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tts.audio import SOUNDFILE_FORMATS, audio_path, check_audio_path
from tts.captions import formats
from tts.cli.options import (
    ACOUSTIC_HELP,
    CAST_HELP,
    DAY_FIRST_HELP,
    DEVICE_HELP,
    LEXICON_HELP,
    MAX_THREADS,
    PRECISION_HELP,
    RUNTIME_HELP,
    TEXT_HELP,
    THREADS_HELP,
    VOCODER_HELP,
    VOICE_DIR_HELP,
    VOICE_HELP,
    delivery_options,
)
from tts.cli.speaking import apply_cast, cast_voice_paths, speak_to_file
from tts.cli.text_argument import load_lexicon, read_text
from tts.cli.voices import DEFAULT_VOICE, voice_paths
from tts.delivery import Delivery
from tts.devices import check_device
from tts.files import check_readable
from tts.runtime.load import RuntimeOptions
from tts.text.cast import load_cast
from tts.text.options import TextOptions

OUTPUT_HELP = (
    f"File to write, in the format of its ending: {', '.join(SOUNDFILE_FORMATS)}. "
    "- writes wav to standard output."
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
        str, typer.Option("--output", "-o", metavar="<path>", help=OUTPUT_HELP)
    ] = "speech.wav",
    srt: Annotated[Path | None, typer.Option(help=CAPTIONS_HELP)] = None,
    voice: Annotated[str, typer.Option(help=VOICE_HELP)] = DEFAULT_VOICE,
    voice_dir: Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)] = None,
    cast: Annotated[Path | None, typer.Option(help=CAST_HELP)] = None,
    lexicon: Annotated[Path | None, typer.Option(help=LEXICON_HELP)] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help=DAY_FIRST_HELP)] = False,
    device: Annotated[str, typer.Option(help=DEVICE_HELP)] = "cpu",
    runtime: Annotated[str | None, typer.Option(help=RUNTIME_HELP)] = None,
    precision: Annotated[str | None, typer.Option(help=PRECISION_HELP)] = None,
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
    words = read_text(text)
    delivery = Delivery(
        voice=voice,
        reading=TextOptions(day_first=day_first),
        lexicon=load_lexicon(lexicon),
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

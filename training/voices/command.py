"""Commands of `tts voice` that make a voice: learn, check and train."""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tts.audio import check_writable
from tts.cli.help import DocumentedCommand
from tts.error_messages import quoted
from tts.voice_files import SUFFIX
from tts.voices import check_voice_name

from .lock import work_lock

if TYPE_CHECKING:
    from .check.check import CheckReport

Source = Annotated[
    Path,
    typer.Argument(
        help="Folder of recordings with transcripts, or one recording with its script beside it."
    ),
]
Name = Annotated[str, typer.Option(help="Name of the voice.")]
Work = Annotated[
    Path | None,
    typer.Option(help="Folder for clips, reports and training. Default: NAME-voice."),
]
Whisper = Annotated[
    Path | None,
    typer.Option(
        help="Folder of a faster-whisper model, to transcribe recordings without a transcript, and "
        "to measure word errors."
    ),
]
Acoustic = Annotated[
    Path | None,
    typer.Option(help="Acoustic model (.safetensors) to start from. Default: the installed one."),
]
Vocoder = Annotated[
    Path | None, typer.Option(help="Its vocoder (.safetensors). Default: the installed one.")
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that prepare recordings.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads of training.")]
Out = Annotated[
    Path | None, typer.Option(help="Voice file to write. Default: NAME.voice in this folder.")
]
Effort = Annotated[
    float,
    typer.Option(min=0.01, max=100, help="Factor on the training time; 2 takes twice as long."),
]
Device = Annotated[str, typer.Option(help="`cpu`, `cuda` or `cuda:1`.")]
Consent = Annotated[
    str | None,
    typer.Option(
        help="What the speaker agreed to, such as 'I am the speaker.'; the file keeps it. Asked "
        "for at a terminal, required elsewhere."
    ),
]
Licence = Annotated[str | None, typer.Option(help="Licence of the voice, such as CC0.")]
Sex = Annotated[str | None, typer.Option(help="`female` or `male`.")]
Accent = Annotated[str | None, typer.Option(help="Accent, such as US.")]
KeepAll = Annotated[
    bool, typer.Option("--keep-all", help="Train on the clips that the check would drop, too.")
]


SEXES = (None, "female", "male")
FINDINGS_SHOWN = 8  # lines at a terminal; all are in the page


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the voice is made: its name, its work folder and its file."""

    name: str
    work: Path
    out: Path

    @classmethod
    def of(cls, name: str, work: Path | None, out: Path | None = None) -> "Place":
        """Fill in the defaults, and check that the file can be written.

        Raises:
            OSError: it cannot be written.
            ValueError: the name cannot be that of a voice, or the file is no voice file.
        """
        check_voice_name(name)
        out = out or Path(f"{name}{SUFFIX}")
        if out.suffix != SUFFIX:
            raise ValueError(f"a voice file's name must end in {SUFFIX}, got {out.name!r}")
        check_writable(out)
        return cls(name=name, work=work or Path(f"{name}-voice"), out=out)


def learn(  # noqa: PLR0913 - every parameter is a flag
    source: Source,
    name: Name,
    work: Work = None,
    out: Out = None,
    whisper: Whisper = None,
    consent: Consent = None,
    licence: Licence = None,
    sex: Sex = None,
    accent: Accent = None,
    keep_all: KeepAll = False,
    effort: Effort = 1.0,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    device: Device = "cpu",
    threads: Threads = 2,
    workers: Workers = 2,
) -> None:
    """Make a voice file from recordings: check, align, train and measure.

    Needs the extra `voices`. Recordings are wav, flac, mp3, m4a, ogg and the like, at any sample
    rate. Transcripts are an LJSpeech metadata.csv, a .txt for each file, .srt, .jsonl or .csv.
    Five to thirty minutes of one speaker in a quiet room are enough. The originals are not
    changed. A stopped command continues where it was. The work folder gets check.html (what is
    wrong with the recordings) and listen.html (the voice beside held-out recordings).

    Examples:
      tts voice learn recordings --name anna --consent 'I am the speaker.'
      tts voice learn talk.wav --name ben --consent 'Ben agreed.' --licence CC-BY-4.0
      tts say 'This is me.' --voice anna.voice -o me.wav
    """
    place = Place.of(name, work, out)
    options = {"acoustic": acoustic, "vocoder": vocoder, "effort": effort, "device": device}
    about = {"consent": _consent(consent), "licence": licence, "sex": sex, "accent": accent}
    _check_training(place, options, about, whisper)
    _check_source(source, place)
    with work_lock(place.work):
        report = _checked(source, place, whisper, acoustic, workers)
        _train(
            place,
            dropped=() if keep_all else report.dropped,
            options=options,
            about=about,
            whisper=whisper,
            threads=threads,
        )


def check(  # noqa: PLR0913 - every parameter is a flag
    source: Source,
    name: Name = "voice",
    work: Work = None,
    whisper: Whisper = None,
    acoustic: Acoustic = None,
    workers: Workers = 2,
) -> None:
    """Say what is wrong with recordings, before a voice is trained on them.

    Needs the extra `voices`. Aligns the recordings with their transcripts, and writes check.html
    and check.json to the work folder: transcripts that do not match, noise, clipping,
    reverberation, band limits, loudness, speaking rate, duplicates, other speakers and missing
    phones, worst first.

    Examples:
      tts voice check recordings --name anna
      tts voice check recordings --name anna --whisper whisper-base
    """
    place = Place.of(name, work)
    _check_source(source, place)
    with work_lock(place.work):
        _checked(source, place, whisper, acoustic, workers)


def train(  # noqa: PLR0913 - every parameter is a flag
    name: Name,
    work: Work = None,
    out: Out = None,
    whisper: Whisper = None,
    consent: Consent = None,
    licence: Licence = None,
    sex: Sex = None,
    accent: Accent = None,
    keep_all: KeepAll = False,
    effort: Effort = 1.0,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    device: Device = "cpu",
    threads: Threads = 2,
) -> None:
    """Train a voice on a work folder that `learn` or `check` has made, or continue.

    Needs the extra `voices`. Writes the voice file and listen.html.

    Examples:
      tts voice train --name anna --consent 'I am the speaker.'
      tts voice train --name anna --effort 2 --out better.voice --work anna-longer
    """
    from .check.check import read_dropped

    place = Place.of(name, work, out)
    if not place.work.is_dir():
        raise FileNotFoundError(
            f"no such folder: {place.work}; make it with `tts voice learn` or `tts voice check`"
        )
    options = {"acoustic": acoustic, "vocoder": vocoder, "effort": effort, "device": device}
    about = {"consent": _consent(consent), "licence": licence, "sex": sex, "accent": accent}
    _check_training(place, options, about, whisper)
    with work_lock(place.work):
        _train(
            place,
            dropped=() if keep_all else read_dropped(place.work),
            options=options,
            about=about,
            whisper=whisper,
            threads=threads,
        )


def _consent(given: str | None) -> str:
    """The consent of the speaker; asked for at a terminal.

    Raises:
        ValueError: it is missing.
    """
    if given is None and sys.stdin is not None and sys.stdin.isatty():
        given = typer.prompt("Did the speaker agree to this voice? Say who, and to what", err=True)
    if not (given or "").strip():
        raise ValueError(
            "a voice needs the speaker's consent; give it with --consent 'I am the speaker.'"
        )
    assert given is not None
    return given.strip()


def _check_source(source: Path, place: Place) -> None:
    """Check the source before the work folder is made."""
    from .recordings.gather import check_source

    check_source(source, place.work)


def _check_training(
    place: Place, options: Mapping[str, Any], about: Mapping[str, str | None], whisper: Path | None
) -> None:
    """Check at once what is otherwise used after the training.

    Raises:
        FileNotFoundError: a model is not there.
        ValueError: a field of the card cannot be one, the model has a voice of this name, or there
            is no such device.
    """
    from tts.checkpoint import read_config, shipped_checkpoint
    from tts.devices import check_device
    from tts.metrics import whisper_weights
    from tts.voice_files import VoiceCard

    card: dict[str, Any] = {"name": place.name, "family": "any", **about}
    VoiceCard(**card, acoustic_hash=64 * "0", vocoder_hash=64 * "0")
    if about["sex"] not in SEXES:
        raise ValueError(f"--sex must be female or male, got {quoted(about['sex'] or '')}")
    if not isfinite(options["effort"]):
        raise ValueError(f"--effort must be from 0.01 to 100, got {options['effort']}")
    check_device(options["device"])
    if whisper:
        whisper_weights(whisper)
    read_config(options["vocoder"] or shipped_checkpoint("vocoder"), "vocoder")
    config = read_config(options["acoustic"] or shipped_checkpoint("acoustic"), "acoustic")
    if place.name in config.voices:
        raise ValueError(
            f"the model has a voice {quoted(place.name)}; give the new voice another name"
        )


def _checked(
    source: Path, place: Place, whisper: Path | None, acoustic: Path | None, workers: int
) -> "CheckReport":
    """Read, align and check recordings, and print the worst findings."""
    from .alignment.align import align_recordings
    from .check.check import check as check_recordings
    from .check.report import PAGE
    from .recordings.gather import gather

    gathered = gather(source, place.work, whisper=whisper, workers=workers)
    for note in gathered.notes:
        typer.echo(f"note: {note}", err=True)
    for one in gathered.left_out:
        typer.echo(f"left out: {one.name}: {one.reason}", err=True)
    aligned = align_recordings(place.work, place.name, checkpoint=acoustic, workers=workers)
    for clip, reason in aligned.left_out.items():
        typer.echo(f"left out: {clip}: {reason}", err=True)
    report = check_recordings(place.work)
    for finding in report.findings[:FINDINGS_SHOWN]:
        about = f"{finding.clip}: " if finding.clip else ""
        typer.echo(f"{finding.severity}: {about}{finding.message} {finding.remedy}", err=True)
    if (more := len(report.findings) - FINDINGS_SHOWN) > 0:
        typer.echo(f"and {more} more: {place.work / PAGE}", err=True)
    minutes = aligned.seconds / 60
    typer.echo(f"{aligned.clips} clips, {minutes:.1f} minutes. {report.expectation}", err=True)
    return report


def _train(  # noqa: PLR0913 - the options of a command
    place: Place,
    *,
    dropped: Collection[str],
    options: dict[str, Any],
    about: dict[str, str | None],
    whisper: Path | None,
    threads: int,
) -> None:
    """Train the voice, measure it, and write its file and its page."""
    from tts.cli.main import configure_device

    from .card import write_card
    from .train import VoiceTraining, train_voice

    configure_device(options["device"], threads)
    training = VoiceTraining(
        work=place.work, name=place.name, dropped=frozenset(dropped), **options
    )
    tuned = train_voice(training)
    typer.echo(write_card(training, tuned, place.out, about, whisper))


def _application(command: Callable[..., None]) -> typer.Typer:
    """An application of one command, as an entry point."""
    application = typer.Typer(add_completion=False)
    application.command(cls=DocumentedCommand)(command)
    return application


learn_command, check_command = _application(learn), _application(check)
train_command = _application(train)

"""The recordings of a voice, as clips in a work folder.

Every recording is decoded once, measured, and written as clips of mono FLAC at 24 kHz; the
originals stay as they are. A run that was stopped or killed continues where it was: a journal has
the finished files, and the result is the same as without the interruption.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from tts.error_messages import naming_write_errors
from tts.files import delete_stale_partials, write_text_file
from tts.metrics import whisper_weights

from .cut_files import CLIPS, CutFile, FileTask, plan_tasks
from .progress import GatheringProgress, cut_files
from .transcripts import LeftOut, Listing, check_english, display_name, list_utterances

RECORDINGS, LEFT_OUT = "recordings.jsonl", "left_out.jsonl"
LONG_SECONDS = 30.0  # a longer recording with one text is to be cut by its alignment
MIN_SPEECH_SECONDS = 60.0  # in all, to learn a voice from
EXAMPLES = 3  # of what is left out, in errors


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingRow:
    """A clip, as a line of `recordings.jsonl`.

    Args:
        id: id of the clip.
        audio: path of the clip from the work folder.
        text: its text as it is written; None if there is none.
        seconds: duration of the clip.
        source: path of the original.
        start: where the clip was cut out of the original, in seconds; None for the whole.
        stop: where it ends in the original; None for the whole.
        rate: sample rate of the original in Hz.
        channels: number of channels of the original.
        clipped: share of samples at full scale in the original, 0 to 1.
        bandwidth: where the spectrum of the original ends, in Hz.
        gain: dB applied.
        long: whether the clip is a long recording with its script, to be cut by its alignment.
        transcribed: whether the text was written by a speech recogniser.
    """

    id: str
    audio: str
    text: str | None
    seconds: float
    source: str
    start: float | None
    stop: float | None
    rate: int
    channels: int
    clipped: float
    bandwidth: int
    gain: float
    long: bool = False
    transcribed: bool = False

    def to_json(self) -> str:
        row = asdict(self)
        for name in ("long", "transcribed"):
            if not row[name]:
                del row[name]
        return json.dumps(row, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """The recordings of a voice.

    Args:
        rows: of `recordings.jsonl`.
        left_out: files and rows that are not used, and why; also in `left_out.jsonl`.
        notes: sentences about the source, such as an unusual encoding.
    """

    rows: tuple[RecordingRow, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Duration of all clips."""
        return sum(row.seconds for row in self.rows)


def gather(
    source: Path,
    work: Path,
    *,
    whisper: Path | None = None,
    workers: int = 2,
    console: Console | None = None,
) -> Gathered:
    """Turn recordings and their transcripts into the clips of a work folder.

    Writes `recordings.jsonl`, `left_out.jsonl` and `clips/`. Nothing is written beside the
    originals. After an interruption the same call does only what is missing. One process at a time
    may use a work folder.

    Args:
        source: a folder of recordings with transcripts, one recording, or a transcript beside its
            recordings.
        work: the work folder; it is made if it is missing.
        whisper: folder of a faster-whisper model, which writes the texts of recordings without
            transcript; without it they are left out.
        workers: processes, 1 or 2; more are not started.
        console: where progress is printed; standard error by default.

    Returns:
        The clips, in the order of their originals, and what is left out.

    Raises:
        FileNotFoundError: there is no such source, or no model in the folder `whisper`.
        ModuleNotFoundError: a package of the extra `voices` is not installed.
        OSError: something cannot be read or written, as when the disk is full; a further call
            continues.
        ValueError: there are no recordings, no transcripts, or less than 60 s of speech, or
            the language is not English.

    Example:
        >>> gather(Path("recordings"), Path("anna-voice")).seconds  # doctest: +SKIP
        1260.4
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if whisper:
        whisper_weights(whisper)
    check_source(source, work)
    listing = list_utterances(source, work)
    check_english(one.text for one in listing.utterances if one.text)
    if not whisper:
        _leave_out_untranscribed(listing, source)
    with naming_write_errors(work, work):
        (work / CLIPS).mkdir(parents=True, exist_ok=True)
    for folder in (work, work / CLIPS):
        delete_stale_partials(folder, age=0.0)
    progress = GatheringProgress(console or Console(stderr=True))
    tasks = plan_tasks(listing.utterances, work)
    made = cut_files(tasks, work, min(workers, 2), progress)
    rows = [row for task in tasks for row in _rows(task, made[task.key])]
    left_out = [*listing.left_out, *_faults(tasks, made, source)]
    if whisper:
        from .transcribe import transcribe_rows  # of another extra

        heard = transcribe_rows(rows, work, whisper, progress)
        rows = heard.rows
        left_out += heard.left_out
        listing.notes += heard.notes
    found = Gathered(rows=tuple(rows), left_out=tuple(left_out), notes=tuple(listing.notes))
    _check_enough(found, source)
    write_text_file(work / RECORDINGS, "".join(f"{row.to_json()}\n" for row in found.rows))
    lines = (json.dumps(asdict(one), ensure_ascii=False) for one in found.left_out)
    write_text_file(work / LEFT_OUT, "".join(f"{line}\n" for line in lines))
    return found


def check_source(source: Path, work: Path) -> None:
    """Refuse a source that is not there, and to write into the folder of the originals.

    Raises:
        FileNotFoundError: there is no such source.
        ValueError: the source is a device or a pipe, or the work folder is that of the originals,
            or a file.
    """
    if not source.exists():
        raise FileNotFoundError(f"no such file: {source}")
    if not (source.is_dir() or source.is_file()):
        raise ValueError(f"cannot read {source}: it is a device or a pipe")
    folder = (source if source.is_dir() else source.parent).resolve()
    if work.resolve() == folder or folder == (work / CLIPS).resolve():
        raise ValueError(f"cannot write to {work}: it has the recordings; choose another folder")
    if work.exists() and not work.is_dir():
        raise ValueError(f"cannot write to {work}: it is a file; choose another folder")


def _leave_out_untranscribed(listing: Listing, source: Path) -> None:
    """Leave out recordings without text; refuse them if there are no others."""
    spoken = [one for one in listing.utterances if one.text is not None]
    if listing.utterances and not spoken:
        raise ValueError(
            f"no transcripts of the recordings in {source}; add metadata.csv or a .txt for each "
            "recording, or name a Whisper model with --whisper"
        )
    listing.left_out += [
        LeftOut(
            name=display_name(one.audio, source),
            kind="transcript",
            reason="it has no transcript",
        )
        for one in listing.utterances
        if one.text is None
    ]
    listing.utterances[:] = spoken


def _rows(task: FileTask, made: CutFile) -> Iterator[RecordingRow]:
    for clip in made.clips:
        values = dict(clip)
        text = task.texts[values.pop("span")]
        long = task.whole and text is not None and values["seconds"] > LONG_SECONDS
        if text is not None and not long:
            text = " ".join(text.split())
        yield RecordingRow(**values, text=text, source=str(task.audio.absolute()), long=long)


def _faults(
    tasks: Sequence[FileTask], made: Mapping[str, CutFile], source: Path
) -> Iterator[LeftOut]:
    for task in tasks:
        name = display_name(task.audio, source)
        for fault in made[task.key].faults:
            span = () if fault["span"] is None else task.spans[fault["span"]]
            times = [f"{time:g} s" for time in span if time is not None]
            place = f"{name}, {' to '.join(times)}" if times else name
            yield LeftOut(name=place, kind=fault["kind"], reason=fault["reason"])


def _check_enough(found: Gathered, source: Path) -> None:
    """Refuse less speech than a voice can be learned from."""
    if found.seconds >= MIN_SPEECH_SECONDS:
        return
    reasons = "".join(f"; {one.name}: {one.reason}" for one in found.left_out[:EXAMPLES])
    more = len(found.left_out) - EXAMPLES
    others = f"; {more} more are left out" if more > 0 else ""
    if not found.rows:
        raise ValueError(f"no usable recordings in {source}{reasons}{others}")
    raise ValueError(
        f"a voice needs at least {MIN_SPEECH_SECONDS:.0f} s of speech, "
        f"got {found.seconds:.1f} s in {source}{reasons}{others}"
    )

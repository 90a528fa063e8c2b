"""A recording and the clips that are cut out of it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from pathlib import Path
from typing import Any

from tts.audio import Audio
from tts.error_messages import os_error_reason

from .clips import SAMPLE_RATE, mono_sound, speech_frames, utterances, write_clip
from .originals import Original, measure_original
from .sound_files import SoundFile
from .sound_index import folded
from .transcripts import Utterance

CLIPS = "clips"
VERSION = 1  # of how clips are made; another one makes them again
UNCUT_SECONDS = 20.0  # a longer recording without a text is cut at its pauses
MAX_ID_CHARACTERS = 48  # four bytes each at most, and a file name has 255
UNUSABLE = re.compile(r"[^\w.-]+")

Span = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileTask:
    """A recording and the parts to be cut out of it.

    Args:
        key: hash of all that the clips depend on.
        audio: the recording.
        work: the work folder.
        base: id of the clip, or the start of the ids of several.
        spans: start and end of each part in seconds; None for those of the recording.
        texts: of the parts.
        size: of the recording in bytes.
    """

    key: str
    audio: Path
    work: Path
    base: str
    spans: tuple[Span, ...]
    texts: tuple[str | None, ...]
    size: int

    @property
    def whole(self) -> bool:
        """Whether the recording has one text or none, and no times."""
        return self.spans == ((None, None),)


@dataclass(frozen=True, kw_only=True, slots=True)
class CutFile:
    """The clips of a recording.

    Args:
        key: of its task.
        clips: values of their rows, each with the number of its `span` in the task.
        faults: parts that gave no clip, as `span` (None for all), `kind` and `reason`.
        lasting: false where a fault may be gone in the next run, as after a lack of permission.
    """

    key: str
    clips: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    lasting: bool = True


def plan_tasks(found: Sequence[Utterance], work: Path) -> list[FileTask]:
    """A task for each recording of utterances that are sorted by recording."""
    files = [(audio, list(rows)) for audio, rows in groupby(found, key=lambda one: one.audio)]
    cut = [len(rows) > 1 or rows[0].text is None for _, rows in files]
    bases = unique_ids([audio for audio, _ in files], cut)
    return [
        _task(audio, rows, base, work) for (audio, rows), base in zip(files, bases, strict=True)
    ]


def _task(audio: Path, rows: Sequence[Utterance], base: str, work: Path) -> FileTask:
    spans = tuple((row.start, row.stop) for row in rows)
    try:
        state = audio.stat()
        size, changed = state.st_size, state.st_mtime_ns
    except OSError:  # reported when it is read
        size, changed = 0, 0
    untold = rows[0].text is None
    identity = (VERSION, str(audio.absolute()), size, changed, base, spans, untold)
    return FileTask(
        key=hashlib.sha256(json.dumps(identity).encode()).hexdigest(),
        audio=audio,
        work=work,
        base=base,
        spans=spans,
        texts=tuple(row.text for row in rows),
        size=size,
    )


def unique_ids(paths: Sequence[Path], cut: Sequence[bool]) -> list[str]:
    """Ids of recordings by their names, each once, in any case of letters.

    Recordings of the same name get their folder in front, and then a number.

    Args:
        paths: of the recordings.
        cut: whether several clips may come of each, whose ids have a number at the end.

    Example:
        >>> unique_ids([Path("a/1.wav"), Path("b/1.wav"), Path("b/2.wav")], [False] * 3)
        ['a_1', 'b_1', '2']
    """
    names = [_usable(path.stem) for path in paths]
    counts = Counter(map(folded, names))
    numbered = {head for head, _, number in (name.rpartition("-") for name in counts) if number}
    taken: dict[str, str] = {}
    for path, name, several in zip(paths, names, cut, strict=True):
        if counts[folded(name)] > 1:
            name = _usable(f"{path.parent.name}_{path.stem}")
        if several and folded(name) in numbered:
            name += "_cut"  # another recording has the name of one of its clips
        id = next(one for one in _variants(name) if folded(one) not in taken)
        taken[folded(id)] = id
    return list(taken.values())


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _usable(name: str) -> str:
    return UNUSABLE.sub("_", name)[-MAX_ID_CHARACTERS:].strip("._-") or "clip"


def make_file(task: FileTask) -> CutFile:
    """Make the clips of a recording; what is wrong with it becomes a fault.

    Raises:
        OSError: a clip cannot be written.
    """
    try:
        file = SoundFile(task.audio)
        original = measure_original(file)
        with mono_sound(file, original, task.work) as audio:
            return _cut(task, original, audio)
    except ValueError as error:
        return CutFile(key=task.key, faults=[_fault("file", str(error))])
    except OSError as error:
        if error.filename is None or Path(error.filename) != task.audio:
            raise
        reason = f"it cannot be read: {os_error_reason(error)}"
        return CutFile(key=task.key, faults=[_fault("file", reason)], lasting=False)


def _cut(task: FileTask, original: Original, audio: Audio) -> CutFile:
    made = CutFile(key=task.key)
    for number, (span, start, stop) in enumerate(_parts(task, audio), start=1):
        one = task.whole and start is None
        id = task.base if one else f"{task.base}-{number:04d}"
        first = round((start or 0) * SAMPLE_RATE)
        last = len(audio) if stop is None else round(stop * SAMPLE_RATE)
        path = f"{CLIPS}/{id}.flac"
        try:
            if first >= len(audio):
                raise ValueError(f"the recording ends at {len(audio) / SAMPLE_RATE:.2f} s")
            clip = write_clip(task.work / path, audio[first:last])
        except ValueError as error:
            made.faults.append(_fault("speech", str(error), span))
            continue
        made.clips.append(
            {
                "span": span,
                "id": id,
                "audio": path,
                "seconds": clip.seconds,
                "start": start,
                "stop": stop if one else round(min(last, len(audio)) / SAMPLE_RATE, 3),
                "rate": original.rate,
                "channels": original.channels,
                "clipped": round(original.clipped, 6),
                "bandwidth": original.bandwidth,
                "gain": clip.gain,
            }
        )
    return made


def _parts(task: FileTask, audio: Audio) -> Iterator[tuple[int, float | None, float | None]]:
    """The number of the span of each part, its start and its end."""
    if task.whole and task.texts[0] is None and len(audio) > UNCUT_SECONDS * SAMPLE_RATE:
        spans = utterances(speech_frames(audio))
        yield from ((0, round(start, 3), round(stop, 3)) for start, stop in spans)
    else:
        yield from ((number, *span) for number, span in enumerate(task.spans))


def _fault(kind: str, reason: str, span: int | None = None) -> dict[str, Any]:
    return {"span": span, "kind": kind, "reason": reason}

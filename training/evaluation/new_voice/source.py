"""The recordings of a new voice for a measurement: minutes of a set, and held-out recordings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import copyfile
from typing import Any

from tts.files import write_text_file

from ...data.manifest import check_recording, read_rows, seconds
from ...data.recordings import HELD_OUT

# Clips of such lengths, in seconds, are used; longer ones are rare and cost memory.
LENGTHS = (1.0, 13.0)
TEXTS_HELD_OUT = 40  # where the manifest has no split


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceSource:
    """Recordings to make a voice from, and recordings of the same speaker to compare with.

    Args:
        training: rows of the manifest, in the order in which they are used.
        held_out: rows of other texts.
    """

    training: Sequence[Mapping[str, Any]]
    held_out: Sequence[Mapping[str, Any]]


def read_source(manifest: Path) -> VoiceSource:
    """Read the recordings of one speaker from a manifest.

    Rows with the split `val` are held out; without any, those of 40 texts, by a hash of the text.
    Training rows are in the order of a hash, first one take of each text, then the others, so that
    more minutes contain fewer.

    Args:
        manifest: lines of JSON with `id`, `audio` and `text`.

    Raises:
        FileNotFoundError: the manifest or a recording is missing.
        ValueError: it is damaged.
    """
    rows = [{**row, "seconds": row.get("seconds")} for row in read_rows(manifest)]
    for row in rows:
        check_recording(row["id"], manifest.parent / row["audio"], manifest)
        row["seconds"] = row["seconds"] or seconds(manifest.parent / row["audio"])
    rows.sort(key=lambda row: _digest(row["text"]) + _digest(row["id"]))
    held_out = [row for row in rows if row.get("split") == HELD_OUT]
    if not held_out:
        chosen = list(dict.fromkeys(row["text"] for row in rows))[:TEXTS_HELD_OUT]
        held_out = [row for row in rows if row["text"] in chosen]
    texts = {row["text"] for row in held_out}
    usable = [
        row
        for row in rows
        if row["text"] not in texts and LENGTHS[0] <= row["seconds"] <= LENGTHS[1]
    ]
    first = list({row["text"]: row for row in reversed(usable)}.values())[::-1]
    ids = {row["id"] for row in first}
    others = [row for row in usable if row["id"] not in ids]
    return VoiceSource(training=[*first, *others], held_out=held_out)


def write_folder(source: VoiceSource, manifest: Path, minutes: float, folder: Path) -> float:
    """Copy so many minutes of recordings and their transcripts, for `tts voice learn`.

    Args:
        source: from `read_source`.
        manifest: its manifest, whose folder the paths of recordings are relative to.
        minutes: of recordings, at least.
        folder: to write: the recordings, and `transcripts.jsonl`.

    Returns:
        The minutes that were copied.

    Raises:
        ValueError: there are fewer minutes.
    """
    chosen: list[Mapping[str, Any]] = []
    total = 0.0
    for row in source.training:
        if total >= 60 * minutes:
            break
        chosen.append(row)
        total += row["seconds"]
    if total < 60 * minutes:
        raise ValueError(f"{manifest} must have {minutes:g} minutes, got {total / 60:.1f}")
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, row in enumerate(chosen):
        recording = manifest.parent / row["audio"]
        name = f"{number:04}{recording.suffix}"
        copyfile(recording, folder / name)
        lines.append(json.dumps({"audio": name, "text": row["text"]}, ensure_ascii=False))
    write_text_file(folder / "transcripts.jsonl", "".join(f"{line}\n" for line in lines))
    return total / 60


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()

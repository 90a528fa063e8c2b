"""What `prepare` writes of each clip: its mel, and the prosody of each symbol."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.lib.format import read_array

from tts.atomic import atomic_write

CLIPS, MELS = "clips.jsonl", "mels.npy"
BY_SYMBOL = ("durations", "pitch", "level")


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    """What is kept of a clip beside its mel; one number a symbol in every tuple.

    Args:
        convention: whose phonemes the reader was given (`tts.text.pronounce.conventions`).
        durations: in frames.
        pitch: log-F0 in Hz, interpolated where unvoiced.
        level: in dB of full scale, interpolated where nothing lasts.
    """

    id: str
    voice: str
    text: str
    convention: str
    symbols: str
    durations: tuple[int, ...]
    pitch: tuple[float, ...]
    level: tuple[float, ...]


def read_features(folder: Path) -> Iterator[Features]:
    """The clips of a folder, in the order of its mels.

    Raises:
        FileNotFoundError: there are none.
        ValueError: a line is not what `prepare` writes of a clip, or there is none.
    """
    path, number = folder / CLIPS, 0
    if not path.is_file():
        raise FileNotFoundError(f"expected features in {folder}; run `python -m training prepare`")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield read_clip(line, f"line {number} of {path}")
    if not number:
        raise ValueError(f"expected clips in {path}, found none; prepare its set again")


def read_clip(line: bytes | str, place: str) -> Features:
    """A clip of a line of JSON; an error names the `place` of the line.

    Raises:
        ValueError: it is not what `prepare` writes of a clip.
    """
    try:
        row = json.loads(line)
    except ValueError as error:  # of JSON or of UTF-8
        raise ValueError(f"expected JSON in {place}; prepare its set again") from error
    if wanted := _wanted(row):
        raise ValueError(f"expected {wanted} in {place}; prepare its set again")
    return Features(**row | {name: tuple(row[name]) for name in BY_SYMBOL})


def _wanted(row: Any) -> str:
    """What a row would need to be a clip's features; nothing if it is."""
    names = [field.name for field in fields(Features)]
    if not isinstance(row, dict) or row.keys() != set(names):
        return f"the fields {', '.join(names)}"
    for name in (name for name in names if name not in BY_SYMBOL):
        if not isinstance(row[name], str):
            return f"a string for {name}, not {row[name]!r},"
    for name in BY_SYMBOL:
        values, known = row[name], (int,) if name == "durations" else (int, float)
        if not isinstance(values, list) or len(values) != len(row["symbols"]):
            return f"a list for {name} of clip {row['id']}, of a number for each symbol,"
        if not all(type(value) in known and isfinite(value) for value in values):
            return f"numbers for {name} of clip {row['id']}"
    if min(row["durations"], default=0) < 0 or not any(row["durations"]):
        return f"durations of clip {row['id']} that last"
    return ""


def read_mels(folder: Path) -> Float[np.ndarray, "frames mels"]:
    """All frames of a folder, one clip after another.

    Raises:
        FileNotFoundError: there are none.
        ValueError: the file was cut short, or is something else.
    """
    path = folder / MELS
    if not path.is_file():
        raise FileNotFoundError(f"expected mels at {path}, found none; prepare its set again")
    try:
        with path.open("rb") as file:
            mels = read_array(file, allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"{path} was cut short or altered; prepare its set again") from error
    if mels.ndim != 2 or mels.dtype.kind != "f":
        raise ValueError(f"expected mels in {path}, found something else; prepare its set again")
    return mels


def write_features(
    folder: Path, clips: Iterable[Features], mels: Float[np.ndarray, "frames mels"]
) -> None:
    """Write `mels.npy` (all frames, half precision) and `clips.jsonl`, a line for each clip."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / CLIPS) as names, atomic_write(folder / MELS) as values:
        with values.open("wb") as file:
            np.save(file, mels)
        names.write_text("".join(map(as_line, clips)), encoding="utf-8")


def as_line(clip: Features) -> str:
    """A clip as a line of JSON."""
    return json.dumps(asdict(clip), ensure_ascii=False) + "\n"

"""Features of clips as files: mels, and the prosody of each symbol."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy.lib.format import read_array

from tts.config import MelConfig
from tts.error_messages import short_text
from tts.files import atomic_write
from tts.text.pronounce.conventions import CONVENTIONS
from tts.validation import from_dict, parse_json

CLIPS, MELS = "clips.jsonl", "mels.npy"
BY_SYMBOL = ("durations", "pitch", "level")
# limits far beyond any speech, to refuse damaged files
MAX_SYMBOL_FRAMES = 1_000_000  # frames of a symbol
HIGHEST, LOUDEST = 20, 1000  # of log-F0 in log Hz and of dB, by absolute value


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFeatures:
    """The features of a clip without its mel; tuples have a number for each symbol.

    Args:
        id: id of the clip.
        voice: name of its voice.
        text: its text.
        convention: phoneme convention of its reader (`tts.text.pronounce.conventions`).
        symbols: its symbols, from `START` to `END`.
        durations: in frames.
        pitch: natural logarithm of F0 in Hz, interpolated where unvoiced.
        level: in dB of full scale, interpolated for symbols without a length.
    """

    id: str
    voice: str
    text: str
    convention: str
    symbols: str
    durations: tuple[int, ...]
    pitch: tuple[float, ...]
    level: tuple[float, ...]


def read_features(folder: Path) -> Iterator[ClipFeatures]:
    """Read the clips of a folder, in the order of its mels.

    Raises:
        FileNotFoundError: the folder has no features.
        ValueError: a line is not one of a clip, or there is none.
    """
    path, number = folder / CLIPS, 0
    if not path.is_file():
        raise FileNotFoundError(f"no features in {folder}; run `tts training prepare`")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield read_clip(line, f"line {number} of {path}")
    if not number:
        raise ValueError(f"no clips in {path}; prepare its set again")


def read_clip(line: bytes | str, place: str) -> ClipFeatures:
    """Read a clip from a line of JSON; errors begin with the `place` of the line.

    Raises:
        ValueError: the line is not one of a clip.
    """
    try:
        clip = from_dict(ClipFeatures, parse_json(line))
    except ValueError as error:
        raise ValueError(f"{place}: {error}; prepare its set again") from error
    if fault := _fault(clip):
        raise ValueError(f"{place}: {fault}; prepare its set again")
    return clip


def _fault(clip: ClipFeatures) -> str:
    """What is wrong with a clip; empty if nothing is."""
    whose = f"for clip {short_text(clip.id)}"
    if not (clip.id and clip.voice and clip.convention in CONVENTIONS):
        return f"id, voice and convention (one of {', '.join(CONVENTIONS)}) must be given {whose}"
    for name in BY_SYMBOL:
        if len(getattr(clip, name)) != len(clip.symbols):
            return f"{name} must be a list with a number for each symbol {whose}"
    if (
        min(clip.durations, default=0) < 0
        or not 0 < max(clip.durations, default=0) <= MAX_SYMBOL_FRAMES
    ):
        return f"durations must be from 0 to {MAX_SYMBOL_FRAMES} frames, not all 0, {whose}"
    for name, most in (("pitch", HIGHEST), ("level", LOUDEST)):
        if max(map(abs, getattr(clip, name))) > most:
            return f"{name} must be from -{most} to {most} {whose}"
    return ""


def read_mels(folder: Path) -> Float[np.ndarray, "frames mels"]:
    """Read the mels of a folder: log-mels of all clips in half precision, joined.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file was cut short or altered, or is not one of mels.
    """
    path = folder / MELS
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; prepare its set again")
    try:
        with path.open("rb") as file:
            mels = read_array(file, allow_pickle=False)
    except (ValueError, MemoryError, OverflowError) as error:
        raise ValueError(
            f"cannot read {path}: cut short or altered; prepare its set again"
        ) from error
    if mels.ndim != 2 or mels.shape[1] != MelConfig().bands or mels.dtype.kind != "f":
        raise ValueError(f"{path} is not a file of mels; prepare its set again")
    if not np.isfinite(mels).all():
        raise ValueError(f"mels of {path} must be finite; prepare its set again")
    return mels


def write_features(
    folder: Path, clips: Iterable[ClipFeatures], mels: Float[np.ndarray, "frames mels"]
) -> None:
    """Write `mels.npy` (all frames, half precision) and `clips.jsonl`, a line for each clip."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / CLIPS) as names, atomic_write(folder / MELS) as values:
        with values.open("wb") as file:
            np.save(file, mels)
        names.write_text("".join(map(as_line, clips)), encoding="utf-8")


def as_line(clip: ClipFeatures) -> str:
    """A clip as a line of JSON."""
    return json.dumps(asdict(clip), ensure_ascii=False) + "\n"

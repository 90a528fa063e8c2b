"""What `prepare` writes of each clip: its mel, and the prosody of each symbol."""

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
MAX_SYMBOL_FRAMES = 1_000_000  # frames of a symbol
HIGHEST, LOUDEST = 20, 1000  # of log-F0 and of dB, to either side of 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFeatures:
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


def read_features(folder: Path) -> Iterator[ClipFeatures]:
    """The clips of a folder, in the order of its mels.

    Raises:
        FileNotFoundError: there are none.
        ValueError: a line is not what `prepare` writes of a clip, or there is none.
    """
    path, number = folder / CLIPS, 0
    if not path.is_file():
        raise FileNotFoundError(f"expected features in {folder}; run `tts training prepare`")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield read_clip(line, f"line {number} of {path}")
    if not number:
        raise ValueError(f"expected clips in {path}, found none; prepare its set again")


def read_clip(line: bytes | str, place: str) -> ClipFeatures:
    """A clip of a line of JSON; an error names the `place` of the line.

    Raises:
        ValueError: it is not what `prepare` writes of a clip.
    """
    try:
        clip = from_dict(ClipFeatures, parse_json(line))
    except ValueError as error:
        raise ValueError(f"{error} in {place}; prepare its set again") from error
    if fault := _fault(clip):
        raise ValueError(f"{fault} in {place}; prepare its set again")
    return clip


def _fault(clip: ClipFeatures) -> str:
    """What a clip has that cannot be; empty if all of it can be."""
    whose = f"of clip {short_text(clip.id)}"
    if not (clip.id and clip.voice and clip.convention in CONVENTIONS):
        return f"expected an id, a voice and a convention of {' or '.join(CONVENTIONS)} {whose}"
    for name in BY_SYMBOL:
        if len(getattr(clip, name)) != len(clip.symbols):
            return f"expected a list for {name} {whose}, of a number for each symbol,"
    if (
        min(clip.durations, default=0) < 0
        or not 0 < max(clip.durations, default=0) <= MAX_SYMBOL_FRAMES
    ):
        return f"expected durations {whose} that last, at most {MAX_SYMBOL_FRAMES} frames,"
    for name, most in (("pitch", HIGHEST), ("level", LOUDEST)):
        if max(map(abs, getattr(clip, name))) > most:
            return f"expected numbers for {name} {whose} of at most {most}"
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
    except (ValueError, MemoryError, OverflowError) as error:
        raise ValueError(f"{path} was cut short or altered; prepare its set again") from error
    if mels.ndim != 2 or mels.shape[1] != MelConfig().bands or mels.dtype.kind != "f":
        raise ValueError(f"expected mels in {path}, found something else; prepare its set again")
    if not np.isfinite(mels).all():
        raise ValueError(f"expected numbers in {path}, and some are none; prepare its set again")
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

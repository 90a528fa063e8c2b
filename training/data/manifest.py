"""Corpora: folders of manifests, which are files of JSON lines, and recordings.

Every row has an `id`, a `voice`, a `text` and the path of its `audio`; a vocoder needs no more. A
row may have a `split`; those of `val` are held out. Acoustic models also need `phones`, a character
for each symbol, and `ends`, in samples: the end of the silence before the phones, of each phone,
and of the clip. A symbol without a length ends where the one before it does. `g2p` is the phoneme
convention, `espeak` by default. training/README.md has an example.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from jaxtyping import Float

from tts.error_messages import quoted, short_repr, short_text
from tts.text.pronounce.conventions import CONVENTIONS, ESPEAK
from tts.validation import parse_json

NAMES = ("id", "voice", "audio")  # fields that must not be empty
REQUIRED = {*NAMES, "text"}
LEVEL = 0.07  # RMS of the active part of speech, about -23 dBFS; in training and in synthesis
LOUDEST = 1000  # largest sample, where full scale is 1; beyond it a file is damaged
MIN_SAMPLES = 1024  # samples: a window of the mel
MAX_NAME_CHARACTERS = 200  # characters of an id or a voice
MOST_SAMPLES = 2**40  # of an end; beyond it a manifest is damaged


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """An aligned recording.

    Args:
        id: id of the clip.
        voice: name of its voice.
        text: its text.
        audio: path of the recording.
        convention: phoneme convention of the phones; `g2p` in manifests.
        phones: a character for each symbol.
        ends: in samples, the end of the first silence, of each phone, and of the clip.
    """

    id: str
    voice: str
    text: str
    audio: Path
    convention: str
    phones: str
    ends: tuple[int, ...]


def set_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names of sets from an option: stripped, none empty, each once."""
    return tuple(dict.fromkeys(name for given in names if (name := given.strip())))


def read_manifest(path: Path) -> Iterator[Clip]:
    """Read the aligned clips of a manifest; audio paths are relative to its folder.

    Raises:
        FileNotFoundError: there is no such manifest.
        ValueError: a row is faulty, has no phones or no ends, or has the id of another.
    """
    known = set[str]()
    for row in read_rows(path):
        place, convention = f"{path}: clip {row['id']}", row.get("g2p", ESPEAK)
        for name in ("phones", "ends"):
            if not row.get(name):
                raise ValueError(f"{place} has no {name}; align it first")
        if convention not in CONVENTIONS:
            raise ValueError(
                f"{place}: g2p must be one of {', '.join(CONVENTIONS)}; "
                f"got {short_repr(convention)}"
            )
        if row["id"] in known:
            raise ValueError(f"{place} occurs twice; rename one of them")
        known.add(row["id"])
        yield Clip(
            id=row["id"],
            voice=row["voice"],
            text=row["text"],
            audio=path.parent / row["audio"],
            convention=convention,
            phones=row["phones"],
            ends=tuple(row["ends"]),
        )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of a manifest, each with at least `id`, `voice`, `text` and `audio`.

    Fields that are null are left out.

    Raises:
        FileNotFoundError: there is no such manifest.
        ValueError: a row lacks one of these fields, has a wrong value, or has the voice and id of
            another; or there are no rows.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; check the corpus folder and --sets")
    known = set[tuple[str, str]]()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            row = _row(line, f"line {number} of {path}")
            if (clip := (row["voice"], row["id"])) in known:
                raise ValueError(f"{path}: clip {row['id']} occurs twice; rename one of them")
            known.add(clip)
            yield row
    if not known:
        raise ValueError(f"no clips in {path}; leave it out of --sets")


def check_folder(folder: Path) -> None:
    """Refuse a folder to read that is missing.

    Raises:
        FileNotFoundError: it is missing.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no such folder: {folder}")


def check_recording(id: str, audio: Path, manifest: Path) -> None:
    """Refuse a clip of a manifest whose recording is missing.

    Raises:
        FileNotFoundError: it is missing.
    """
    if not audio.is_file():
        raise FileNotFoundError(
            f"{manifest}: clip {id} has no recording at {audio}; add it, or remove the clip"
        )


def _row(line: bytes, place: str) -> dict[str, Any]:
    start = quoted(line[:200].decode(errors="replace").strip())
    try:
        found = parse_json(line)
    except ValueError as error:
        raise ValueError(f"{place}: expected JSON, got {start}; correct the line") from error
    row = {k: v for k, v in found.items() if v is not None} if isinstance(found, dict) else {}
    if not row.keys() >= REQUIRED:
        names = ", ".join(sorted(REQUIRED))
        raise ValueError(
            f"{place}: expected the fields {names}, got {start}; add those that are missing"
        )
    if fault := _fault(row):
        raise ValueError(f"{place}, clip {short_text(row['id'])}: {fault}")
    return row


def _fault(row: Mapping[str, Any]) -> str:
    """What is wrong with a row, and what to do; empty if nothing is."""
    for name in (*NAMES, "text", "phones", "g2p", "split"):
        if not isinstance(value := row.get(name, ""), str):
            return f"{name} must be text, got {short_repr(value)}; put it in quotes"
        if name in NAMES and not value.strip():
            return f"{name} must not be empty; give it a value"
        if not _is_whole(value):
            return f"{name} has a null or half a surrogate pair; write it again"
    for name in ("id", "voice"):
        if not _is_name(row[name]):
            return f"{name} must be usable as the name of a file; rename it"
    return _fault_of_ends(row["ends"], row.get("phones", "")) if row.get("ends", []) != [] else ""


def _is_whole(text: str) -> bool:
    """Whether a text can be written to a file: no null, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_name(text: str) -> bool:
    """Whether a file of this name would lie within the folder that it is written to."""
    path = PurePosixPath(text)
    within = not path.is_absolute() and ".." not in path.parts
    return within and text.isprintable() and len(text) <= MAX_NAME_CHARACTERS


def _fault_of_ends(ends: Any, phones: str) -> str:
    if not isinstance(ends, list):
        return f"ends must be a list of samples, got {short_repr(ends)}; align it again"
    if odd := [end for end in ends if type(end) is not int]:
        return (
            f"ends must be whole samples, got {short_repr(odd[0])}; "
            "multiply seconds by the sample rate"
        )
    if len(ends) != len(phones) + 2:
        return (
            f"ends of {len(phones)} phones and two silences must be {len(phones) + 2} numbers, "
            f"got {len(ends)}; align it again"
        )
    if fallen := next((pair for pair in pairwise((0, *ends)) if pair[1] < pair[0]), None):
        return f"ends must not decrease, got {fallen[1]} after {fallen[0]}; align it again"
    return "ends must be within the recording; align it again" if ends[-1] > MOST_SAMPLES else ""


def read_audio(path: Path, sample_rate: int) -> Float[np.ndarray, " samples"]:
    """Read a mono recording, scaled to an RMS of 0.07 in its active part; silence stays as it is.

    Raises:
        ValueError: it cannot be read, or is not mono at this sample rate, or too short.
    """
    import soundfile  # not needed to train from features

    with _of_sound(path):
        audio, rate = soundfile.read(path, dtype="float32")
    if rate != sample_rate or audio.ndim != 1:
        raise ValueError(
            f"{path} must be mono at {sample_rate} Hz, got {audio.shape} at {rate} Hz; convert it"
        )
    if not np.isfinite(audio).all() or np.abs(audio).max(initial=0) > LOUDEST:
        raise ValueError(f"samples of {path} must be finite and at most {LOUDEST}; record it again")
    if len(audio) < MIN_SAMPLES:
        raise ValueError(
            f"{path} must have at least {MIN_SAMPLES} samples, got {len(audio)}; remove it"
        )
    return audio * (LEVEL / active_level(audio)) if audio.any() else audio


def seconds(path: Path) -> float:
    """The duration of a recording in seconds, by its header."""
    import soundfile

    with _of_sound(path):
        return float(soundfile.info(path).duration)


@contextmanager
def _of_sound(path: Path) -> Iterator[None]:
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as error:
        raise ValueError(
            f"cannot read {path}: not a sound file; convert it, or remove it"
        ) from error


def active_level(audio: Float[np.ndarray, " samples"], window: int = 480) -> float:
    """The RMS over those windows (20 ms at 24 kHz) that are within 40 dB of the loudest."""
    windows = audio[: len(audio) // window * window].reshape(-1, window)
    power = np.square(windows, dtype=np.float64).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-4].mean()))


LEAD, TRAIL = 4, 6  # frames of silence kept before and after speech; chosen by hand


def trimmed(
    audio: Float[np.ndarray, " samples"], ends: tuple[int, ...], hop: int
) -> Float[np.ndarray, " fewer"]:
    """A clip with `LEAD` frames of silence before its first phone and `TRAIL` after its last."""
    return audio[lead(ends, hop) : min(len(audio), ends[-2] + TRAIL * hop)]


def lead(ends: tuple[int, ...], hop: int) -> int:
    """The first sample of a trimmed clip."""
    return max(0, ends[0] - LEAD * hop)

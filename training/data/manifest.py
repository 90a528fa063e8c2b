"""The corpora we read: JSON-lines manifests with audio beside them.

Every row has an `id`, a `voice`, a `text` and the path of its `audio`. A vocoder asks no more; of
rows that name a `split`, those of `val` are held out. All else asks for `phones`, a character a
symbol, and for `ends`, in samples: first where the silence before the phones ends, then each phone,
then the clip. What lasts no time ends where the one before it does. `g2p` says whose phonemes the
phones are: espeak's, if a row does not say.
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

NAMES = ("id", "voice", "audio")  # which nothing can be without
REQUIRED = {*NAMES, "text"}
LEVEL = 0.07
LOUDEST = 1000  # of a sample, where full scale is 1
MIN_SAMPLES = 1024  # samples: a window of the mel
MAX_NAME_CHARACTERS = 200  # letters of a name
MOST_SAMPLES = 2**40


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """A recording with its phones; `ends` are samples, one a phone and one for each silence.

    `convention` says whose phonemes the reader was given; the manifests call it `g2p`.
    """

    id: str
    voice: str
    text: str
    audio: Path
    convention: str
    phones: str
    ends: tuple[int, ...]


def set_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names of sets as options give them: each once, none empty, and no spaces about them."""
    return tuple(dict.fromkeys(name for given in names if (name := given.strip())))


def read_manifest(path: Path) -> Iterator[Clip]:
    """Each aligned clip of a manifest; audio paths are relative to the manifest's folder.

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
                f"{place}: g2p is {' or '.join(CONVENTIONS)}, not {short_repr(convention)}; mend it"
            )
        if row["id"] in known:
            raise ValueError(f"{place} is there twice; give each clip an id of its own")
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
    """What a manifest says of each clip: its `id`, `voice`, `text` and `audio` at least.

    What is null is left out.

    Raises:
        FileNotFoundError: there is no such manifest.
        ValueError: a row lacks one of these, says what cannot be, or is of the same voice and id
            as another; or there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a manifest at {path}, found none; check the corpus folder and --sets"
        )
    known = set[tuple[str, str]]()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            row = _row(line, f"line {number} of {path}")
            if (clip := (row["voice"], row["id"])) in known:
                raise ValueError(
                    f"{path}: clip {row['id']} is there twice; give each clip an id of its own"
                )
            known.add(clip)
            yield row
    if not known:
        raise ValueError(f"expected clips in {path}, found none; leave it out of --sets")


def check_recording(id: str, audio: Path, manifest: Path) -> None:
    """Refuse a clip of a manifest that has no recording.

    Raises:
        FileNotFoundError: there is none.
    """
    if not audio.is_file():
        raise FileNotFoundError(
            f"{manifest}: clip {id} has no recording at {audio}; put it there, or take the clip out"
        )


def _row(line: bytes, place: str) -> dict[str, Any]:
    start = quoted(line[:200].decode(errors="replace").strip())
    try:
        found = parse_json(line)
    except ValueError as error:
        raise ValueError(f"expected JSON in {place}, not {start}; mend it") from error
    row = {k: v for k, v in found.items() if v is not None} if isinstance(found, dict) else {}
    if not row.keys() >= REQUIRED:
        names = ", ".join(sorted(REQUIRED))
        raise ValueError(f"expected {names} in {place}, not {start}; add what lacks")
    if fault := _fault(row):
        raise ValueError(f"{place}, clip {short_text(row['id'])}: {fault}")
    return row


def _fault(row: Mapping[str, Any]) -> str:
    """What a row says that cannot be, and what to do; empty if all of it can be."""
    for name in (*NAMES, "text", "phones", "g2p", "split"):
        if not isinstance(value := row.get(name, ""), str):
            return f"{name} must be a string, not {short_repr(value)}; put it in quotes"
        if name in NAMES and not value.strip():
            return f"{name} is empty; give it one"
        if not _is_whole(value):
            return f"{name} has half a character; write it again"
    for name in ("id", "voice"):
        if not _is_name(row[name]):
            return f"{name} must be a name that a file could have; give it another"
    return _fault_of_ends(row["ends"], row.get("phones", "")) if row.get("ends", []) != [] else ""


def _is_whole(text: str) -> bool:
    """Whether it can be written down: half a pair of surrogates, or a nought, cannot."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_name(text: str) -> bool:
    """Whether a file of this name, or in folders of it, would lie where it is to be written."""
    path = PurePosixPath(text)
    within = not path.is_absolute() and ".." not in path.parts
    return within and text.isprintable() and len(text) <= MAX_NAME_CHARACTERS


def _fault_of_ends(ends: Any, phones: str) -> str:
    if not isinstance(ends, list):
        return f"ends must be a list of samples, not {short_repr(ends)}; align it again"
    if odd := [end for end in ends if type(end) is not int]:
        return (
            f"ends must be whole samples, not {short_repr(odd[0])}; "
            "multiply seconds by the sample rate"
        )
    if len(ends) != len(phones) + 2:
        return (
            f"{len(phones)} phones and the silences around them have {len(phones) + 2} ends, "
            f"not {len(ends)}; align it again"
        )
    if fallen := next((pair for pair in pairwise((0, *ends)) if pair[1] < pair[0]), None):
        return f"ends must never fall, and {fallen[1]} is after {fallen[0]}; align it again"
    return "ends are beyond any recording; align it again" if ends[-1] > MOST_SAMPLES else ""


def read_audio(path: Path, sample_rate: int) -> Float[np.ndarray, " samples"]:
    """A mono clip at an RMS of 0.07 where it is active, the level of speech; silence as it is."""
    import soundfile  # training from features does without

    with _of_sound(path):
        audio, rate = soundfile.read(path, dtype="float32")
    if rate != sample_rate or audio.ndim != 1:
        raise ValueError(
            f"{path} must be mono at {sample_rate} Hz, not {audio.shape} at {rate}; mend it"
        )
    if not np.isfinite(audio).all() or np.abs(audio).max(initial=0) > LOUDEST:
        raise ValueError(f"{path} holds samples that are no sound; record it again")
    if len(audio) < MIN_SAMPLES:
        raise ValueError(f"{path} holds {len(audio)} samples, too few to tell; take it out")
    return audio * (LEVEL / active_level(audio)) if audio.any() else audio


def seconds(path: Path) -> float:
    """How long a recording is, by what its head says."""
    import soundfile

    with _of_sound(path):
        return float(soundfile.info(path).duration)


@contextmanager
def _of_sound(path: Path) -> Iterator[None]:
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path} cannot be read as sound: {error}; mend it") from error


def active_level(audio: Float[np.ndarray, " samples"], window: int = 480) -> float:
    """The RMS over windows of 20 ms that lie within 40 dB of the loudest."""
    windows = audio[: len(audio) // window * window].reshape(-1, window)
    power = np.square(windows, dtype=np.float64).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-4].mean()))


LEAD, TRAIL = 4, 6


def trimmed(
    audio: Float[np.ndarray, " samples"], ends: tuple[int, ...], hop: int
) -> Float[np.ndarray, " fewer"]:
    """A clip with `LEAD` frames of silence before its first phone and `TRAIL` after its last."""
    return audio[lead(ends, hop) : min(len(audio), ends[-2] + TRAIL * hop)]


def lead(ends: tuple[int, ...], hop: int) -> int:
    """The sample at which a trimmed clip begins."""
    return max(0, ends[0] - LEAD * hop)

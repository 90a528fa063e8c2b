"""The corpora we read: JSON-lines manifests with audio beside them.

Every row has an `id`, a `voice`, a `text` and the path of its `audio`. A vocoder asks no more; of
rows that name a `split`, those of `val` are held out. All else asks for `phones` and their `ends`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tts.text.pronounce.conventions import ESPEAK

REQUIRED = {"id", "voice", "text", "audio"}
LEVEL = 0.07
SHORTEST = 1024  # samples: a window of the mel


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


def read_manifest(path: Path) -> Iterator[Clip]:
    """Each aligned clip of a manifest; audio paths are relative to the manifest's folder."""
    for row in read_rows(path):
        if "phones" not in row:
            raise ValueError(f"{path}: clip {row['id']} has no phones; align it first")
        yield Clip(
            id=row["id"],
            voice=row["voice"],
            text=row["text"],
            audio=path.parent / row["audio"],
            convention=row.get("g2p", ESPEAK),
            phones=row["phones"],
            ends=tuple(row["ends"]),
        )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """What a manifest says of each clip: its `id`, `voice`, `text` and `audio` at least."""
    if not path.is_file():
        raise FileNotFoundError(
            f"expected a manifest at {path}, found none; check the corpus folder and --sets"
        )
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield _row(line, f"line {number} of {path}")


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected JSON in {place}, not {line[:40]!r}; mend it") from error
    if not isinstance(row, dict) or not row.keys() >= REQUIRED:
        names = ", ".join(sorted(REQUIRED))
        raise ValueError(f"expected {names} in {place}, not {line[:40]!r}; add what lacks")
    return row


def read_audio(path: Path, sample_rate: int) -> Float[np.ndarray, " samples"]:
    """A mono clip at an RMS of 0.07 where it is active, the level of speech; silence as it is."""
    import soundfile  # training from features does without

    try:
        audio, rate = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path} cannot be read as sound: {error}; mend it") from error
    if rate != sample_rate or audio.ndim != 1:
        raise ValueError(f"{path} must be mono at {sample_rate} Hz, not {audio.shape} at {rate}")
    if len(audio) < SHORTEST:
        raise ValueError(f"{path} holds {len(audio)} samples, too few to tell; take it out")
    return audio * (LEVEL / active_level(audio)) if audio.any() else audio


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

"""The corpora we read: JSON-lines manifests with audio beside them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """A recording with its phones; `ends` are samples, one a phone and one for each silence."""

    id: str
    voice: str
    text: str
    audio: Path
    phones: str
    ends: tuple[int, ...]


def read_manifest(path: Path) -> Iterator[Clip]:
    """Each aligned clip of a manifest; audio paths are relative to the manifest's folder."""
    if not path.is_file():
        raise FileNotFoundError(f"expected a manifest at {path}; check the corpus folder's path")
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "phones" not in row:
                raise ValueError(f"{path}: clip {row['id']} has no phones; align it first")
            yield Clip(
                id=row["id"],
                voice=row["voice"],
                text=row["text"],
                audio=path.parent / row["audio"],
                phones=row["phones"],
                ends=tuple(row["ends"]),
            )


LEVEL = 0.07


def read_audio(path: Path, sample_rate: int) -> Float[np.ndarray, " samples"]:
    """A mono clip at an RMS of 0.07 where it is active, the level of speech; silence as it is."""
    audio, rate = soundfile.read(path, dtype="float32")
    if rate != sample_rate or audio.ndim != 1:
        raise ValueError(f"{path} must be mono at {sample_rate} Hz, not {audio.shape} at {rate}")
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

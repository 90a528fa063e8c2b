"""Recordings for vocoders: audio and text, without phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float

from tts.audio import Audio
from tts.config import MelConfig

from .manifest import check_recording, read_audio, read_rows, trimmed

HELD_OUT = "val"

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """A recording of a set; `ends` as in a manifest, empty if it is not aligned."""

    id: str
    set: str
    voice: str
    text: str
    audio: Path
    ends: tuple[int, ...] = ()

    def load_audio(self, config: MelConfig) -> Audio:
        """The audio at the level of speech, cut to whole frames."""
        return _whole(read_audio(self.audio, config.sample_rate), config.hop)

    def load_trimmed_audio(self, config: MelConfig) -> Audio:
        """The audio at the level of speech, trimmed as its features are if it is aligned."""
        audio = read_audio(self.audio, config.sample_rate)
        return _whole(trimmed(audio, self.ends, config.hop) if self.ends else audio, config.hop)


def _whole(audio: Float[np.ndarray, " samples"], hop: int) -> Float[np.ndarray, " whole"]:
    return audio[: len(audio) // hop * hop]


def read_recordings(corpus: Path, name: str, split: str = HELD_OUT) -> list[Recording]:
    """Read the recordings of a set, sorted by voice.

    Args:
        corpus: folder of manifests.
        name: name of the set.
        split: `train` or `val`; rows with another split are left out.

    Raises:
        FileNotFoundError: the manifest or a recording is missing.
        ValueError: a row is faulty, or none is of this split.
    """
    path = corpus / f"{name}.jsonl"
    rows = [row for row in read_rows(path) if row.get("split", split) == split]
    if not rows:
        raise ValueError(f"no clips of split {split!r} in {path}; name other sets")
    return [original(row, corpus, name) for row in sorted(rows, key=lambda row: str(row["voice"]))]


def original(row: Mapping[str, Any], corpus: Path, name: str) -> Recording:
    """The recording of a row of a manifest.

    Raises:
        FileNotFoundError: it is missing.
    """
    check_recording(row["id"], corpus / row["audio"], corpus / f"{name}.jsonl")
    return Recording(
        id=row["id"],
        set=name,
        voice=row["voice"],
        text=row["text"],
        audio=corpus / row["audio"],
        ends=tuple(row.get("ends", ())),
    )


def spread(items: Sequence[Item], limit: int | None) -> list[Item]:
    """At most `limit` of the items, spread evenly; all of them if it is None."""
    if limit is None or limit >= len(items):
        return list(items)
    return [items[(2 * part + 1) * len(items) // (2 * limit)] for part in range(limit)]

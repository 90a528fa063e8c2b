"""Recordings as a vocoder sees them: sound and words; phones are not asked."""

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
    """A recording of a set, whose manifest bears the set's name; `ends` where phones are known."""

    id: str
    set: str
    voice: str
    text: str
    audio: Path
    ends: tuple[int, ...] = ()

    def load_audio(self, config: MelConfig) -> Audio:
        """The sound at the level of speech, whole frames of it."""
        return _whole(read_audio(self.audio, config.sample_rate), config.hop)

    def load_trimmed_audio(self, config: MelConfig) -> Audio:
        """The same, trimmed as its features are, if its phones are known."""
        audio = read_audio(self.audio, config.sample_rate)
        return _whole(trimmed(audio, self.ends, config.hop) if self.ends else audio, config.hop)


def _whole(audio: Float[np.ndarray, " samples"], hop: int) -> Float[np.ndarray, " whole"]:
    return audio[: len(audio) // hop * hop]


def read_recordings(corpus: Path, name: str, split: str = HELD_OUT) -> list[Recording]:
    """The clips of a set, voice by voice; where rows name a split, those of this one."""
    path = corpus / f"{name}.jsonl"
    rows = [row for row in read_rows(path) if row.get("split", split) == split]
    if not rows:
        raise ValueError(
            f"expected clips of split {split!r} in {path}, found none; name other sets"
        )
    return [original(row, corpus, name) for row in sorted(rows, key=lambda row: str(row["voice"]))]


def original(row: Mapping[str, Any], corpus: Path, name: str) -> Recording:
    """What a row of a manifest says of a recording.

    Raises:
        FileNotFoundError: there is no such recording.
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
    """So many of the items, from the middles of as many equal parts; all, if there are no more."""
    if limit is None or limit >= len(items):
        return list(items)
    return [items[(2 * part + 1) * len(items) // (2 * limit)] for part in range(limit)]

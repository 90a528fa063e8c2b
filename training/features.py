"""What `prepare` writes of each clip: its mel, and the prosody of each symbol."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tts.config import from_dict


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
    """The clips of a folder, in the order of its mels."""
    path = folder / "clips.jsonl"
    if not path.is_file():
        raise FileNotFoundError(f"expected features in {folder}; run `python -m training prepare`")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from_dict(Features, json.loads(line))

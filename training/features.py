"""What `prepare` writes of each clip: its mel, and the prosody of each symbol."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

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


def write_features(
    folder: Path, clips: Iterable[Features], mels: Float[np.ndarray, "frames mels"]
) -> None:
    """Write `mels.npy` (all frames, half precision) and `clips.jsonl`, a line for each clip."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "mels.partial").open("wb") as file:
        np.save(file, mels)
    (folder / "clips.partial").write_text("".join(map(as_line, clips)), encoding="utf-8")
    (folder / "mels.partial").replace(folder / "mels.npy")
    (folder / "clips.partial").replace(folder / "clips.jsonl")


def as_line(clip: Features) -> str:
    """A clip as a line of JSON."""
    return json.dumps(asdict(clip), ensure_ascii=False) + "\n"

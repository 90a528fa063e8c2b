"""F0 of recordings by pyworld, computed once and kept in a file for each set."""

import math
from collections.abc import Mapping, Sequence
from io import BytesIO
from multiprocessing import Pool
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float
from rich.progress import track

from tts.config import MelConfig
from tts.files import atomic_write

from .prepare import log_pitch
from .recordings import Recording

FILE = "f0.npz"  # in a set's folder of features
STEPS = 4096  # in an octave: 0.3 cents each; chosen by hand
Octaves = Float[np.ndarray, " frames"]


def find_f0(clips: Sequence[Recording], folder: Path, *, workers: int = 2) -> dict[str, Octaves]:
    """F0 of clips by their ids, from a set's folder of features; missing ones are added to it.

    Args:
        clips: the recordings.
        folder: the set's folder of features.
        workers: processes.

    Returns:
        The base-2 logarithm of F0 in Hz for each frame; NaN where unvoiced.
    """
    known = read_f0(folder)
    if lacking := [clip for clip in clips if clip.id not in known]:
        with Pool(workers) as pool:
            found = track(pool.imap(_find, lacking, 8), "F0", total=len(lacking))
            known |= {clip.id: octaves for clip, octaves in zip(lacking, found, strict=True)}
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(folder / FILE) as partial:
            partial.write_bytes(encode_f0(known))
        known = read_f0(folder)
    return {clip.id: known[clip.id] for clip in clips}


def _find(clip: Recording) -> Octaves:
    config = MelConfig()
    audio = clip.load_trimmed_audio(config)
    octaves: Octaves = log_pitch(audio, len(audio) // config.hop, config) / math.log(2)
    return octaves


def encode_f0(octaves: Mapping[str, Octaves]) -> bytes:
    """The contents of a file: ids, numbers of frames, and F0 in whole steps, 0 where unvoiced."""
    rows = [np.nan_to_num(np.rint(STEPS * row)).astype(np.uint16) for row in octaves.values()]
    frames = np.array(list(map(len, rows)))
    file = BytesIO()
    np.savez(file, ids=np.array(list(octaves)), frames=frames, steps=np.concatenate(rows))
    return file.getvalue()


def read_f0(folder: Path) -> dict[str, Octaves]:
    """Read the file in a set's folder; an empty dict if there is none.

    Raises:
        ValueError: it cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file, np.load(file) as saved:
            ids, frames, steps = (saved[name] for name in ("ids", "frames", "steps"))
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise ValueError(f"cannot read {path}: damaged; unpack it again, or delete it") from error
    octaves = np.where(steps > 0, steps.astype(np.float32) / STEPS, np.float32(np.nan))
    return dict(zip(ids.tolist(), np.split(octaves, frames.cumsum()[:-1]), strict=True))

"""Unpack features and recordings (`pack.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, pairwise
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

import numpy as np

from tts.error_messages import short_repr
from tts.validation import from_dict, parse_json

from ..features import CLIPS, read_clip, write_features
from ..manifest import check_folder
from .mel_coding import MelCoding
from .pack import ABOUT, CODES, CORPUS, FORMAT, NAME
from .parts import read_parts


def unpack(folder: Path, features: Path) -> list[str]:
    """Write the features of a pack as `prepare` does, and its recordings.

    Sets that are there already are replaced.

    Args:
        folder: folder of the parts.
        features: folder to write; recordings and their manifests come into `corpus` in it.

    Returns:
        The names of the sets of features.

    Raises:
        FileNotFoundError: the folder or a part is missing.
        ValueError: a part is damaged or not one of a pack, or `features` has sets that are not in
            the pack.
    """
    archive, about = _open(folder)
    _refuse_others(archive, about.sets, features)
    for name in about.sets:
        try:
            _write_set(archive, name, features / name, about.coding)
        except (KeyError, BadZipFile) as error:
            raise ValueError(
                f"the pack in {folder} lacks a file of set {short_repr(name)}; pack it again"
            ) from error
    known = {ABOUT, *(f"{name}/{file}" for name in about.sets for file in (CLIPS, CODES))}
    archive.extractall(features, [name for name in archive.namelist() if name not in known])
    return list(about.sets)


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """The description in a pack: format, sets, and coding of mels."""

    format: int
    sets: tuple[str, ...]
    coding: MelCoding


def _open(folder: Path) -> tuple[ZipFile, About]:
    """The archive of a pack, and its description."""
    check_folder(folder)
    content = read_parts(folder / NAME)
    try:
        archive = ZipFile(BytesIO(content))
        raw = archive.read(ABOUT)
    except (BadZipFile, KeyError) as error:
        raise ValueError(f"no pack of features in {folder}; pack them again") from error
    for name in archive.namelist():
        if ".." in (path := PurePosixPath(name)).parts or path.is_absolute():
            raise ValueError(f"the pack in {folder} has the unsafe path {name!r}; pack it again")
    try:
        about = from_dict(About, parse_json(raw))
    except ValueError as error:
        raise ValueError(f"cannot read the pack in {folder}: {error}; pack it again") from error
    if about.format != FORMAT:
        raise ValueError(
            f"format of the pack in {folder} must be {FORMAT}, got {about.format}; pack it again"
        )
    return archive, about


def _refuse_others(archive: ZipFile, sets: Sequence[str], features: Path) -> None:
    packed = {PurePosixPath(name) for name in archive.namelist()}
    recordings = {path.stem for path in packed if path.match(f"{CORPUS}/*.jsonl")}
    found = {path.parent.name for path in features.glob(f"*/{CLIPS}")} - set(sets)
    found |= {path.stem for path in (features / CORPUS).glob("*.jsonl")} - recordings
    if found:
        raise ValueError(
            f"{features} has sets that are not in the pack: {', '.join(sorted(found))}; name "
            "another folder, or delete them"
        )


def _write_set(archive: ZipFile, name: str, folder: Path, coding: MelCoding) -> None:
    lines = archive.read(f"{name}/{CLIPS}").split(b"\n")
    clips = [read_clip(line, f"{name}/{CLIPS} of the pack") for line in lines if line]
    content = archive.read(f"{name}/{CODES}")
    if not clips or len(content) < 4 * len(clips):
        raise ValueError(f"no clips or mels in {name}/{CODES} of the pack; pack it again")
    ends = [4 * len(clips), *np.frombuffer(content, "<u4", len(clips))]
    places = list(accumulate(map(int, ends)))
    codes = [content[start:stop] for start, stop in pairwise(places)]
    try:
        mels = list(coding.decode(codes, [sum(clip.durations) for clip in clips]))
    except ValueError as error:
        raise ValueError(
            f"cannot read {name}/{CODES} of the pack: {error}; pack it again"
        ) from error
    write_features(folder, clips, np.concatenate(mels))

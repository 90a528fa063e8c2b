"""Pack features into few bytes, for training on another machine (`unpack.py`).

A pack is a zip archive in parts (`parts.py`). Of each set of features it has the prosody unchanged
and the mels as whole numbers (`mel_coding.py`). Of recordings, for a vocoder, it has Opus files
(`opus.py`), their manifests, and F0.
"""

import json
from bz2 import compress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from tts.config import MelConfig
from tts.text.pronounce.conventions import CONVENTIONS
from tts.validation import check_types

from ..f0 import FILE, encode_f0, find_f0
from ..features import CLIPS, ClipFeatures, as_line, read_features, read_mels
from ..manifest import check_folder, read_rows, seconds
from ..recordings import Recording, original
from ..subset import PackItem, choose_subset
from .mel_coding import MelCoding
from .opus import read_opus
from .parts import HEADER_BYTES, MEGABYTE, write_parts

NAME, CORPUS, ABOUT, CODES = "features.zip", "corpus", "pack.json", "mels"
FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Packing:
    """What a pack contains, and its size.

    Args:
        sets: names of the sets of features.
        held_out: those of the sets, and of the recordings, that are packed whole.
        conventions: phoneme conventions of the clips of the other sets; any if empty.
        megabytes: largest size of the pack, in units of 1,000,000 bytes.
        part_megabytes: largest size of each part, 0.01 to `megabytes`.
        recordings: names of the sets of recordings, for a vocoder.
        audio_hours: hours of recordings in all, at least 0; features fill the rest of the pack.

    Raises:
        ValueError: a value is of the wrong type or out of range, or no training set is named.
    """

    sets: tuple[str, ...]
    held_out: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    megabytes: float = 36.0
    part_megabytes: float = 15.0
    recordings: tuple[str, ...] = ()
    audio_hours: float = 0.0

    def __post_init__(self) -> None:
        check_types(self)
        if not self.megabytes > 0:
            raise ValueError(f"megabytes must be above 0, got {self.megabytes:g}")
        if not 0.01 <= self.part_megabytes <= self.megabytes:
            raise ValueError(
                f"part_megabytes must be from 0.01 to {self.megabytes:g}, "
                f"got {self.part_megabytes:g}"
            )
        if not self.audio_hours >= 0:
            raise ValueError(f"audio_hours must be at least 0, got {self.audio_hours:g}")
        for what, names, known in (
            ("held-out sets", self.held_out, (*self.sets, *self.recordings)),
            ("conventions", self.conventions, CONVENTIONS),
        ):
            if strange := [name for name in names if name not in known]:
                raise ValueError(
                    f"{what} must be some of {', '.join(dict.fromkeys(known))}; "
                    f"got {', '.join(strange)}"
                )
        heard = self.recordings if self.audio_hours else ()
        if not {*self.sets, *heard} - {*self.held_out}:
            raise ValueError("no training set beside the held-out sets; name one more")


@dataclass(frozen=True, kw_only=True)
class CodedClip(PackItem):
    """The features of a clip, with its mel as `MelCoding` encodes it."""

    features: ClipFeatures
    code: bytes


@dataclass(frozen=True, kw_only=True)
class PackedRecording(PackItem):
    """A recording with its row of the manifest."""

    row: Mapping[str, Any]
    original: Recording


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """How much of a set was packed, of how much; `kind` is features or recordings."""

    kind: str
    set: str
    clips: int
    all_clips: int
    hours: float
    all_hours: float


def pack(features: Path, corpus: Path, out: Path, packing: Packing) -> list[Packed]:
    """Write a pack of as many whole clips as fit, the same share of every voice of every set.

    Args:
        features: folder of features, as `prepare` writes it; F0 of recordings is added to it.
        corpus: folder of manifests of the recordings.
        out: folder to write the parts in.
        packing: contents and size.

    Returns:
        What was packed of each set.

    Raises:
        FileNotFoundError: a set is missing.
        ValueError: recordings and held-out sets are larger than the pack, or no clip of a set fits.
    """
    check_folder(features)
    clips = {name: _coded(features / name, packing) for name in packing.sets}
    recordings = _recordings(corpus, packing) if packing.audio_hours else {}
    heard = choose_subset(recordings, packing.held_out, "hours", packing.audio_hours)
    _refuse_empty(heard, f"recordings in {packing.audio_hours:g} hours")
    audio = _audio_entries(heard, features)
    parts = 1 + packing.megabytes // packing.part_megabytes
    limit = packing.megabytes * MEGABYTE - HEADER_BYTES * (1 + parts)
    chosen = choose_subset(clips, packing.held_out, "size", limit - len(_archive(audio)))
    while len(content := _archive(_feature_entries(chosen) | audio)) > limit:
        # sizes are estimates: less text compresses worse
        size = sum(item.size for items in chosen.values() for item in items)
        fewer = choose_subset(chosen, packing.held_out, "size", 0.998 * size)
        if fewer == chosen:
            raise ValueError(
                f"recordings and held-out sets alone take {len(content) / MEGABYTE:.1f} MB, more "
                f"than {packing.megabytes:g}; raise --megabytes, or lower --audio-hours"
            )
        chosen = fewer
    _refuse_empty(chosen, f"features in {packing.megabytes:g} MB")
    write_parts(content, out / NAME, packing.part_megabytes)
    return [*_packed("features", clips, chosen), *_packed("recordings", recordings, heard)]


def _coded(folder: Path, packing: Packing) -> list[CodedClip]:
    """The clips of a set in the conventions of the pack, encoded."""
    clips, mels = list(read_features(folder)), read_mels(folder)
    if sum(sum(clip.durations) for clip in clips) != len(mels):
        raise ValueError(f"mels and clips of {folder} differ; prepare them again")
    lines = [as_line(clip).encode() for clip in clips]
    compressed = len(compress(b"".join(lines))) / max(1, sum(map(len, lines)))
    ends = accumulate(sum(clip.durations) for clip in clips)
    config, coding = MelConfig(), MelCoding()
    known = () if folder.name in packing.held_out else packing.conventions
    items = []
    for clip, line, end in zip(clips, lines, ends, strict=True):
        if known and clip.convention not in known:
            continue
        frames = sum(clip.durations)
        code = coding.encode(mels[end - frames : end])
        items.append(
            CodedClip(
                set=folder.name,
                voice=clip.voice,
                id=clip.id,
                hours=frames * config.hop / config.sample_rate / 3600,
                size=len(code) + 4 + compressed * len(line),
                features=clip,
                code=code,
            )
        )
    if not items:
        raise ValueError(
            f"no clips of {' or '.join(known)} among the {len(clips)} of {folder}; name another "
            "--convention, or leave the set out"
        )
    return items


def _recordings(corpus: Path, packing: Packing) -> dict[str, list[PackedRecording]]:
    """All recordings of the sets of the pack."""
    return {
        name: [_recording(row, corpus, name) for row in read_rows(corpus / f"{name}.jsonl")]
        for name in packing.recordings
    }


def _recording(row: Mapping[str, Any], corpus: Path, name: str) -> PackedRecording:
    found = original(row, corpus, name)
    return PackedRecording(
        set=name,
        voice=found.voice,
        id=found.id,
        hours=seconds(found.audio) / 3600,
        size=found.audio.stat().st_size,
        row=row,
        original=found,
    )


Entries = dict[str, tuple[bytes, int]]


def _feature_entries(sets: Mapping[str, Sequence[CodedClip]]) -> Entries:
    """The files of features in the archive, with their compression."""
    about = {"format": FORMAT, "sets": list(sets), "coding": asdict(MelCoding())}
    entries: Entries = {ABOUT: (json.dumps(about).encode(), ZIP_STORED)}
    for name, items in sets.items():
        lines = "".join(as_line(item.features) for item in items)
        sizes = np.array([len(item.code) for item in items], "<u4").tobytes()
        entries[f"{name}/{CLIPS}"] = (lines.encode(), ZIP_BZIP2)
        entries[f"{name}/{CODES}"] = (sizes + b"".join(item.code for item in items), ZIP_STORED)
    return entries


def _audio_entries(sets: Mapping[str, Sequence[PackedRecording]], features: Path) -> Entries:
    """The files of recordings in the archive, by set and id, with their manifests and F0."""
    entries: Entries = {}
    for name, items in sets.items():
        rows = []
        for item in items:
            path = f"{name}/{quote(item.id, safe='')}.opus"
            rows.append(json.dumps({**item.row, "audio": path}, ensure_ascii=False) + "\n")
            entries[f"{CORPUS}/{path}"] = (read_opus(item.original.audio), ZIP_STORED)
        f0 = find_f0([item.original for item in items], features / name)
        entries[f"{name}/{FILE}"] = (encode_f0(f0), ZIP_BZIP2)
        entries[f"{CORPUS}/{name}.jsonl"] = ("".join(rows).encode(), ZIP_BZIP2)
    return entries


def _refuse_empty(chosen: Mapping[str, Sequence[PackItem]], limit: str) -> None:
    if empty := [name for name, items in chosen.items() if not items]:
        raise ValueError(
            f"no clip of {', '.join(empty)} fits among {limit}; allow more, or leave it out"
        )


def _archive(entries: Entries) -> bytes:
    """A zip archive without times, so that the same entries give the same bytes."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name, (content, compression) in entries.items():
            archive.writestr(ZipInfo(name), content, compression)
    return file.getvalue()


def _packed(
    kind: str, sets: Mapping[str, Sequence[PackItem]], chosen: Mapping[str, Sequence[PackItem]]
) -> Iterator[Packed]:
    for name, items in sets.items():
        kept = chosen[name]
        yield Packed(
            kind=kind,
            set=name,
            clips=len(kept),
            all_clips=len(items),
            hours=sum(item.hours for item in kept),
            all_hours=sum(item.hours for item in items),
        )

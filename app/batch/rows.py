"""Rows of a manifest: each carries a hash of itself, by which altered rows are found.

Rows without a hash, of older versions, are accepted if all their fields have the right types.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import PurePosixPath, PureWindowsPath
from sys import intern
from types import UnionType
from typing import Any, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

Row = dict[str, Any]

HASH = "row_sha256"
MARKS = {"id", "key", "files", HASH}  # a row with two of them is ours, even if it is damaged


class CandidateRow(TypedDict):
    """A candidate of an item that was discarded: its seed, its problems and its measurements."""

    seed: int
    troubles: list[str]
    quality: dict[str, Any]


class ItemRow(TypedDict):
    """The manifest row of a finished item."""

    line: int
    chapter: int
    take: int
    text: str
    spoken: str
    voice: str
    pace: float
    steps: int
    seed: int
    slot: tuple[float, float] | None
    pause: float
    key: str
    audio: str | None
    sample_rate: int
    seconds: float
    samples: int
    quality: dict[str, float | str | None]
    troubles: list[str]
    rolls: list[CandidateRow]


class JoinedRow(TypedDict):
    """The manifest row of a finished joined file; `late` has seconds by item id."""

    key: str
    seconds: float
    items: int
    missing: int
    late: dict[str, float]


def voices_of(row: Row) -> tuple[str, ...]:
    """The voices and blends that speak the row of a finished item."""
    return tuple(row.get("voices") or (row["voice"],))


def was_made_again(row: Row) -> bool:
    """Whether a candidate of an item was discarded for its problems."""
    return any(roll["troubles"] for roll in row["rolls"])


def gain(row: Row) -> float:
    """By how much the kept candidates score above the first ones, over all choices of an item."""
    choices = row.get("choices", ())
    return sum(choice["scores"][choice["chosen"]] - choice["scores"][0] for choice in choices)


def improved(rows: Iterable[Row]) -> list[Row]:
    """The rows of which another candidate than the first was kept, the largest gains first."""
    return sorted((row for row in rows if gain(row) > 0), key=gain, reverse=True)


def explanations(row: Row) -> list[str]:
    """A sentence on each choice of an item."""
    return [choice["why"] for choice in row.get("choices", ())]


def parse(line: bytes) -> Any:
    """The JSON value of a line, or None if it is not JSON. Field names are interned."""
    try:
        return json.loads(
            line, object_pairs_hook=lambda pairs: {intern(name): value for name, value in pairs}
        )
    except (ValueError, RecursionError):
        return None


def sealed_line(row: Row) -> bytes:
    """A row as a line of a file, with its hash."""
    return _bytes(row | {HASH: _hash(row)}) + b"\n"


def seal(row: Any) -> bool | None:
    """Whether the hash of a row matches its other fields; None if it has no hash."""
    if not isinstance(row, dict) or HASH not in row:
        return None
    try:
        return bool(row[HASH] == _hash({name: row[name] for name in row if name != HASH}))
    except RecursionError:
        return False


def is_ours(row: Mapping[str, Any]) -> bool:
    """Whether this is a row of a manifest, even a damaged one."""
    return len(row.keys() & MARKS) > 1


def is_whole(row: Any, kind: type) -> bool:
    """Whether a row has an id, files within its folder, and all fields of its kind."""
    if not isinstance(row, dict) or not _fits(row.get("id"), str):
        return False
    if not _fits(row.get("files"), dict[str, str]) or not all(map(_is_inside, row["files"])):
        return False
    if row.get("audio") not in (None, *row["files"]):
        return False
    return "error" in row or _fits(row, kind)


def _is_inside(name: str) -> bool:
    """Whether a path stays within the folder on any system."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts
    return bool(path.parts) and not outside and not {"\\", "\0"} & set(name)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value parsed from JSON has a type."""
    if is_typeddict(kind):
        hints = get_type_hints(kind)
        return isinstance(value, dict) and all(
            name in value and _fits(value[name], hint) for name, hint in hints.items()
        )
    inner, origin = get_args(kind), get_origin(kind)
    if origin is UnionType:
        return any(_fits(value, each) for each in inner)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(each, inner[1]) for each in value.values())
    if origin is list:
        return isinstance(value, list) and all(_fits(each, inner[0]) for each in value)
    if origin is tuple:
        return (
            isinstance(value, list) and len(value) == len(inner) and all(map(_fits, value, inner))
        )
    if kind is float:
        return type(value) in (int, float) and abs(value) < 2**63 and isfinite(value)
    return kind is Any or type(value) is kind


def _hash(row: Row) -> str:
    return hashlib.sha256(_bytes(row, sort_keys=True)).hexdigest()


def _bytes(row: Row, *, sort_keys: bool = False) -> bytes:
    # a lone surrogate cannot be encoded as UTF-8
    return json.dumps(row, ensure_ascii=False, sort_keys=sort_keys).encode("utf-8", "replace")

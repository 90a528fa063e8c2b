"""A file in parts, for channels that refuse what is large. Each part knows its place and its hash.

A part is a line of JSON and then bytes. The parts of `name` are `name.00`, `name.01` and so on.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from tts.files import atomic_write
from tts.validation import check_ranges, from_dict, parse_json

MEGABYTE = 1_000_000
HEADER_BYTES = 512  # at most
MAX_PARTS = 100  # parts


@dataclass(frozen=True, kw_only=True, slots=True)
class PartHeader:
    """The first line of a part: which one of how many, and the hashes of its bytes and of all."""

    part: int
    parts: int
    sha256: str
    whole: str

    def __post_init__(self) -> None:
        check_ranges(self, {"parts": (1, MAX_PARTS), "part": (0, self.parts - 1)})

    @property
    def cut(self) -> tuple[str, int]:
        """What was cut, and into how many parts: the same for all that belong together."""
        return self.whole, self.parts


def write_parts(content: bytes, path: Path, part_megabytes: float) -> list[Path]:
    """Write bytes as parts of `path` beside it, instead of any that were there.

    Args:
        content: what `read_parts` shall give back.
        path: the whole file's name, which is not written.
        part_megabytes: no part is larger, in units of 1,000,000 bytes.

    Raises:
        ValueError: more than 100 parts would be needed.
    """
    size = int(part_megabytes * MEGABYTE) - HEADER_BYTES
    count = max(1, -(-len(content) // max(1, size)))
    if size < 1 or count > MAX_PARTS:
        raise ValueError(
            f"{path.name} would need more than 100 parts of {part_megabytes:g} MB; "
            "allow larger ones"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in found_parts(path):
        old.unlink()
    return list(_write(content, path, count, size))


def _write(content: bytes, path: Path, count: int, size: int) -> Iterator[Path]:
    whole = sha256(content).hexdigest()
    for index in range(count):
        chunk = content[index * size : (index + 1) * size]
        header = PartHeader(part=index, parts=count, sha256=sha256(chunk).hexdigest(), whole=whole)
        part = path.with_name(f"{path.name}.{index:02}")
        part.write_bytes(json.dumps(asdict(header)).encode() + b"\n" + chunk)
        yield part


def found_parts(path: Path) -> list[Path]:
    """The parts of a file that are beside it, in order."""
    return sorted(path.parent.glob(f"{path.name}.[0-9][0-9]"))


def read_parts(path: Path) -> bytes:
    """The file that was written as parts.

    Raises:
        FileNotFoundError: there is no part, or one is missing.
        ValueError: a part was cut short or altered, or belongs to another file.
    """
    files = {file: _read(file) for file in found_parts(path)}
    if not files:
        raise FileNotFoundError(f"expected {path.name}.00 in {path.parent}, found none; copy it")
    cuts = Counter(header.cut for header, _ in files.values())
    if len(cuts) > 1:
        stale = [
            file.name for file, (header, _) in files.items() if cuts[header.cut] < header.parts
        ]
        raise ValueError(_mixture(path, stale if len(stale) < len(files) else []))
    ((whole, count),) = cuts
    chunks = {header.part: chunk for header, chunk in files.values()}
    if missing := sorted(set(range(count)) - chunks.keys()):
        names = ", ".join(f"{path.name}.{index:02}" for index in missing)
        raise FileNotFoundError(f"expected {count} parts in {path.parent}, lack {names}; copy them")
    content = b"".join(chunks[index] for index in range(count))
    if sha256(content).hexdigest() != whole:
        raise ValueError(f"parts of {path} do not make the whole of them; copy all of them anew")
    return content


def _mixture(path: Path, stale: Sequence[str]) -> str:
    """What to do about parts of several files; if one of these is whole, others lie beside it."""
    if stale:
        return f"{', '.join(stale)} in {path.parent} is left from another {path.name}; delete it"
    return f"parts of {path} belong to different files; copy all of them anew"


def _read(path: Path) -> tuple[PartHeader, bytes]:
    line, _, chunk = path.read_bytes().partition(b"\n")
    try:
        header = from_dict(PartHeader, parse_json(line))
    except ValueError as error:
        raise ValueError(f"{path} is not a part of a file; copy it anew") from error
    if sha256(chunk).hexdigest() != header.sha256:
        raise ValueError(f"{path} was cut short or altered on its way; copy it anew")
    return header, chunk


def join_parts(folder: Path) -> list[Path]:
    """Make files whole that lie in a folder in parts; the parts stay.

    Returns:
        The files that were written.
    """
    wholes = sorted({part.with_suffix("") for part in folder.glob("*.[0-9][0-9]")})
    if not wholes:
        raise FileNotFoundError(f"expected a file that ends in .00 in {folder}, found none")
    for whole in wholes:
        content = read_parts(whole)
        with atomic_write(whole) as partial:
            partial.write_bytes(content)
    return wholes

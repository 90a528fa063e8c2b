"""Files in parts, for channels that limit the size of files.

A part is a line of JSON, with its index and hashes, and then bytes. The parts of `name` are
`name.00`, `name.01` and so on.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from tts.files import atomic_write
from tts.validation import check_ranges, from_dict, parse_json

from ..manifest import check_folder

MEGABYTE = 1_000_000
HEADER_BYTES = 512  # largest size of the first line
MAX_PARTS = 100  # two digits number them


@dataclass(frozen=True, kw_only=True, slots=True)
class PartHeader:
    """The first line of a part: its index, number of parts, and SHA-256 of part and file."""

    part: int
    parts: int
    sha256: str
    whole: str

    def __post_init__(self) -> None:
        check_ranges(self, {"parts": (1, MAX_PARTS), "part": (0, self.parts - 1)})

    @property
    def cut(self) -> tuple[str, int]:
        """Hash of the file and number of parts; equal for parts that belong together."""
        return self.whole, self.parts


def write_parts(content: bytes, path: Path, part_megabytes: float) -> list[Path]:
    """Write a file as parts; parts of the same name that are there are removed.

    Args:
        content: contents of the file.
        path: path of the file; it is not written itself.
        part_megabytes: largest size of a part, in units of 1,000,000 bytes.

    Returns:
        The paths of the parts.

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
    """The paths of the parts of a file, in order."""
    return sorted(path.parent.glob(f"{path.name}.[0-9][0-9]"))


def read_parts(path: Path) -> bytes:
    """Read a file from its parts.

    Raises:
        FileNotFoundError: there are no parts, or one is missing.
        ValueError: a part was cut short or altered, or belongs to another file.
    """
    files = {file: _read(file) for file in found_parts(path)}
    if not files:
        raise FileNotFoundError(f"no such file: {path}.00; copy it")
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
        raise FileNotFoundError(
            f"no such file in {path.parent}: {names}, of {count} parts; copy them"
        )
    content = b"".join(chunks[index] for index in range(count))
    if sha256(content).hexdigest() != whole:
        raise ValueError(
            f"parts of {path} do not have the hash of the file; copy all of them again"
        )
    return content


def _mixture(path: Path, stale: Sequence[str]) -> str:
    """The message about parts of several files; `stale` are those of incomplete ones."""
    if stale:
        return f"{', '.join(stale)} in {path.parent} belongs to another {path.name}; delete it"
    return f"parts of {path} belong to different files; copy all of them again"


def _read(path: Path) -> tuple[PartHeader, bytes]:
    line, _, chunk = path.read_bytes().partition(b"\n")
    try:
        header = from_dict(PartHeader, parse_json(line))
    except ValueError as error:
        raise ValueError(f"{path} is not a part of a file; copy it again") from error
    if sha256(chunk).hexdigest() != header.sha256:
        raise ValueError(f"cannot read {path}: cut short or altered; copy it again")
    return header, chunk


def join_parts(folder: Path) -> list[Path]:
    """Put together all files that are in parts in a folder; the parts stay.

    Returns:
        The paths of the files.

    Raises:
        FileNotFoundError: there is no such folder, or a part is missing.
        ValueError: a part was cut short or altered, or belongs to another file.
    """
    check_folder(folder)
    wholes = sorted({part.with_suffix("") for part in folder.glob("*.[0-9][0-9]")})
    if not wholes:
        raise FileNotFoundError(
            f"no file that ends in .00 in {folder}; name the folder of the parts"
        )
    for whole in wholes:
        content = read_parts(whole)
        with atomic_write(whole) as partial:
            partial.write_bytes(content)
    return wholes

"""A short name of files by what they hold, so that results say what they were measured on."""

import hashlib
import json
from pathlib import Path
from typing import BinaryIO

from tts.validation import parse_json

SAFETENSORS = ".safetensors"
MAX_HEADER_BYTES = 100_000_000  # bytes of a header, as safetensors has it
LENGTH = 8  # bytes of a safetensors file that give the length of its header


def fingerprint(*paths: Path) -> str:
    """Names files by what they hold.

    What a checkpoint says of its voices does not count: it is found by measuring, and changes
    nothing that was measured.

    Args:
        paths: files, in an order that matters.

    Returns:
        16 hexadecimal digits.

    Raises:
        FileNotFoundError: one of them is not there.
        ValueError: a checkpoint among them was damaged.
    """
    digest = hashlib.sha256()
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"expected a file at {path}, found none; check the path")
        with path.open("rb") as file:
            if path.suffix == SAFETENSORS:
                digest.update(_header(file))
            hashlib.file_digest(file, lambda: digest)
    return digest.hexdigest()[:16]


def _header(file: BinaryIO) -> bytes:
    """The header of a safetensors file but for the voices it offers; the weights come after."""
    try:
        header = parse_json(
            file.read(min(MAX_HEADER_BYTES, int.from_bytes(file.read(LENGTH), "little")))
        )
        header.get("__metadata__", {}).pop("voices", None)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(
            f"{file.name} is not a safetensors file; give a checkpoint of ours"
        ) from error
    return json.dumps(header, sort_keys=True).encode()

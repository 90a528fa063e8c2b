"""A short hash of files, which results record as the models, texts and data they are of."""

import hashlib
import json
from pathlib import Path
from typing import BinaryIO

from tts.validation import parse_json

SAFETENSORS = ".safetensors"
MAX_HEADER_BYTES = 100_000_000  # the limit of the safetensors package
LENGTH = 8  # bytes of a safetensors file that give the length of its header


def fingerprint(*paths: Path) -> str:
    """Hash the contents of files.

    The list of voices in a checkpoint's metadata is left out: it is written after measuring, and
    changes no weights.

    Args:
        paths: Files. Their order matters.

    Returns:
        The first 16 hexadecimal digits of a SHA-256.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A checkpoint is damaged.
    """
    digest = hashlib.sha256()
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        with path.open("rb") as file:
            if path.suffix == SAFETENSORS:
                digest.update(_header(file))
            hashlib.file_digest(file, lambda: digest)
    return digest.hexdigest()[:16]


def _header(file: BinaryIO) -> bytes:
    """The header without its list of voices; the file is then read up to its weights."""
    try:
        header = parse_json(
            file.read(min(MAX_HEADER_BYTES, int.from_bytes(file.read(LENGTH), "little")))
        )
        header.get("__metadata__", {}).pop("voices", None)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"{file.name} is not a safetensors file") from error
    return json.dumps(header, sort_keys=True).encode()

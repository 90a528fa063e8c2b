"""The family of an acoustic model, which learned voices belong to, and hashes of weights."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tts.checkpoint import StoredWeights, read_metadata, read_tensors
from tts.error_messages import naming_read_errors

FAMILY_DIGITS = 12  # of the hash of a model without a family of its own


def family_of(metadata: Mapping[str, str], hash: str) -> str:
    """The family of an acoustic model, which learned voices of the same family fit.

    Args:
        metadata: of the acoustic model.
        hash: of its weights, from `weights_hash`.

    Returns:
        What the metadata has under `family`, or else the first 12 digits of the hash.
    """
    return metadata.get("family") or hash[:FAMILY_DIGITS]


def model_family(path: Path) -> str:
    """The family of an acoustic model's checkpoint; weights are read only where they decide it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint.
    """
    metadata = read_metadata(path)
    return family_of(metadata, "" if metadata.get("family") else weights_hash(path))


def weights_hash(source: Path | StoredWeights) -> str:
    """SHA-256 of the weights of a safetensors file: the same whatever its metadata.

    Args:
        source: path of a checkpoint or of a voice file, or its weights.

    Returns:
        64 hexadecimal digits, of the names, dtypes, shapes and bytes of the tensors, sorted by
        their names.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a safetensors file.
    """
    if isinstance(source, Path):
        with naming_read_errors(source):
            source = StoredWeights(read_tensors(source))
    found = sha256()
    for name in sorted(source):
        dtype, shape, data = source.stored(name)
        found.update(json.dumps([name, dtype, shape]).encode())
        found.update(data)
    return found.hexdigest()

"""Checkpoints: one safetensors file holds one model, with its config as JSON in the metadata."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from tts.config import ModelConfig, VocoderConfig
from tts.deprecation import warn_renamed
from tts.error_messages import short_repr
from tts.text.pronounce.conventions import ESPEAK
from tts.text.pronounce.symbols import END, INVENTORY, START
from tts.validation import from_dict, parse_json
from tts.voices import VoiceInfo, offered_voices
from tts.weight_shapes import weight_shapes

CONFIGS: dict[str, type] = {"acoustic": ModelConfig, "vocoder": VocoderConfig}
NAMES = {"acoustic": "an acoustic model", "vocoder": "a vocoder"}
FORMAT = "1"
DAMAGED = "download it or make it again"
MOVED = ("add_metadata", "load_checkpoint", "load_vocoder", "save_checkpoint")
WEIGHT_DTYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
CODES = "U8"  # of quantised differences in voice files; not the type of a weight
BFLOAT16 = "BF16"  # the upper half of the bits of single precision
MAX_WEIGHT = float(np.finfo(np.float16).max)  # weights are stored in half precision
DEVIATIONS = ("mel_deviation", "prosody_deviation")
# Fields that files of before version 0.2 lack.
LEGACY_DEFAULTS: dict[str, dict[str, Any]] = {
    "acoustic": {"convention": ESPEAK, "prosody": {"pause_depth": 0}},
    "vocoder": {"patch": 1},
}


class StoredWeights(Mapping[str, np.ndarray]):
    """The weights of a file, by name; each becomes an array in single precision when it is read."""

    def __init__(self, tensors: Mapping[str, Mapping[str, Any]]) -> None:
        self._tensors = tensors

    def __getitem__(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        if tensor["dtype"] == BFLOAT16:
            bits = np.frombuffer(tensor["data"], "<u2").astype("<u4") << 16
            return bits.view("<f4").reshape(tensor["shape"])
        stored = np.frombuffer(tensor["data"], {**WEIGHT_DTYPES, CODES: "u1"}[tensor["dtype"]])
        return stored.reshape(tensor["shape"]).astype(np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def stored(self, name: str) -> tuple[str, tuple[int, ...], bytes | bytearray]:
        """The dtype, the shape and the bytes of a weight, as they are in the file."""
        tensor = self._tensors[name]
        return tensor["dtype"], tuple(tensor["shape"]), tensor["data"]


def shipped_checkpoint(name: str) -> Path:
    """The path of the shipped `acoustic` or `vocoder`, in the package or beside it in a tree."""
    here = Path(__file__).parent
    inside = here / "checkpoints" / f"{name}.safetensors"
    return inside if inside.exists() else here.parent / "checkpoints" / f"{name}.safetensors"


def read_config(path: Path, kind: str) -> Any:
    """The config of a checkpoint, without reading its weights.

    Args:
        path: of the checkpoint.
        kind: `acoustic` or `vocoder`.

    Returns:
        A `ModelConfig` or a `VocoderConfig`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint of this kind, or its config is damaged.
    """
    metadata = read_metadata(path)
    if (found := metadata.get("kind")) != kind:
        raise ValueError(f"{path} is not {NAMES[kind]}; its kind is {short_repr(found)}")
    if (version := metadata.get("format")) != FORMAT:
        raise ValueError(
            f"cannot read {path}: expected format {FORMAT!r}, got {short_repr(version)}"
        )
    try:
        return from_dict(
            CONFIGS[kind], _with_defaults(parse_json(metadata["config"]), LEGACY_DEFAULTS[kind])
        )
    except ValueError as error:
        raise ValueError(f"cannot read the config of {path}: {error}; {DAMAGED}") from error


def read_offered_voices(path: Path) -> tuple[VoiceInfo, ...]:
    """The voices that an acoustic model offers, the first one first, without reading its weights.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an acoustic model, or is damaged.
    """
    read_config(path, "acoustic")
    try:
        return offered_voices(read_metadata(path))
    except ValueError as error:
        raise ValueError(f"cannot read the voices of {path}: {error}; {DAMAGED}") from error


def _with_defaults(values: Any, defaults: dict[str, Any]) -> Any:
    """Add the defaults that values lack, at any depth."""
    if not isinstance(values, dict):
        return values
    inner = {
        name: _with_defaults(values[name], default)
        for name, default in defaults.items()
        if isinstance(default, dict) and name in values
    }
    return {**defaults, **values, **inner}


def check_compatible(acoustic: ModelConfig, vocoder: VocoderConfig, path: Path) -> None:
    """Check that an acoustic model has all symbols of the front end, and the vocoder's mel.

    Args:
        acoustic: config of the acoustic model.
        vocoder: config of the vocoder.
        path: of the acoustic model, for the message.

    Raises:
        ValueError: symbols are missing, or the mel-spectrograms differ in more than the floor.
    """
    if lacking := sorted(set(START + INVENTORY + END) - set(acoustic.symbols)):
        raise ValueError(
            f"{path} lacks the symbols {''.join(lacking)!r}, which texts need; "
            "use another acoustic model"
        )
    ours, theirs = (replace(config.mel, floor=0.0) for config in (acoustic, vocoder))
    if ours != theirs:
        raise ValueError(
            f"{path} and its vocoder must have the same mel-spectrogram, got {ours} and {theirs}; "
            "use another vocoder"
        )


def read_weights(path: Path, config: ModelConfig | VocoderConfig) -> StoredWeights:
    """The weights of a checkpoint with a config.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint, its weights do not match the config, or they are not
            finite real numbers.
    """
    read_metadata(path)
    tensors = read_tensors(path)
    check_shapes(path, config, {name: tuple(each["shape"]) for name, each in tensors.items()})
    weights = StoredWeights(tensors)
    for name, tensor in tensors.items():
        known = tensor["dtype"] in (*WEIGHT_DTYPES, BFLOAT16)
        if not known or not (abs(weights[name]) <= MAX_WEIGHT).all():
            raise ValueError(f"{path} has invalid weights in {name}; {DAMAGED}")
    if not _has_spread(weights):
        raise ValueError(f"{path} has a standard deviation that is not above 0; {DAMAGED}")
    return weights


def check_shapes(
    path: Path, config: ModelConfig | VocoderConfig, shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Check that a file has exactly the weights that its config asks for.

    Raises:
        ValueError: weights lack, are too many, or have other shapes.
    """
    if shapes != weight_shapes(config):
        raise ValueError(f"the weights of {path} do not match its config; {DAMAGED}")


def _has_spread(weights: StoredWeights) -> bool:
    """Whether all deviations of an acoustic model are above 0; they are divided by."""
    deviations = [weights[name] for name in DEVIATIONS if name in weights]
    if "pitch" in weights:
        deviations.append(weights["pitch"][..., 1:])  # the first is the mean
    return all(bool((each > 0).all()) for each in deviations)


def read_tensors(path: Path) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file by name, sorted: `dtype`, `shape` and `data` of each.

    Raises:
        ValueError: it is not a safetensors file.
    """
    try:
        found: list[tuple[str, dict[str, Any]]] = safetensors.deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
        return dict(sorted(found, key=lambda tensor: tensor[0]))  # it has no order
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is not a safetensors file") from error


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a checkpoint, without reading its weights.

    Returns:
        `kind`, `format` and `config` (JSON), and what `save_checkpoint` was given.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint of this system.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{'not a file' if path.exists() else 'no such file'}: {path}")
    try:
        with safetensors.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is not a safetensors file") from error
    if "config" not in metadata:
        raise ValueError(f"{path} is not a checkpoint of this system; its metadata has no config")
    return metadata


def __getattr__(name: str) -> Any:
    """Names that moved to `tts.torch_checkpoint`, until version 0.3."""
    if name in MOVED:
        warn_renamed(f"tts.checkpoint.{name}", f"tts.torch_checkpoint.{name}")
        return getattr(import_module("tts.torch_checkpoint"), name)
    raise AttributeError(f"module 'tts.checkpoint' has no attribute {name!r}")

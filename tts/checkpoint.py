"""Checkpoints: one safetensors file holds one model, with its config as JSON in the metadata."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from tts.acoustic.model import AcousticModel
from tts.config import ModelConfig, VocoderConfig
from tts.error_messages import short_repr
from tts.files import atomic_write
from tts.text.pronounce.conventions import ESPEAK
from tts.text.pronounce.symbols import END, INVENTORY, START
from tts.validation import from_dict, parse_json
from tts.vocoder import pretrained
from tts.vocoder.model import Vocoder
from tts.voices import VoiceInfo, offered_voices

Model = TypeVar("Model", AcousticModel, Vocoder)
KINDS: dict[type[nn.Module], tuple[str, type]] = {
    AcousticModel: ("acoustic", ModelConfig),
    Vocoder: ("vocoder", VocoderConfig),
}
NAMES = {"acoustic": "an acoustic model", "vocoder": "a vocoder"}
FORMAT = "1"
DAMAGED = "download it or make it again"
WEIGHT_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
MAX_WEIGHT = torch.finfo(torch.float16).max  # weights are stored in half precision
# Fields that files of before version 0.2 lack.
LEGACY_DEFAULTS: dict[type[nn.Module], dict[str, Any]] = {
    AcousticModel: {"convention": ESPEAK, "prosody": {"pause_depth": 0}},
    Vocoder: {"patch": 1},
}


def save_checkpoint(model: AcousticModel | Vocoder, path: Path, origin: Mapping[str, str]) -> None:
    """Write a model to one file.

    Weights are stored in half precision, those of modules with `exact = True` in single precision.
    A failure leaves the file that was there.

    Args:
        model: an acoustic model or a vocoder.
        path: of the file; an existing one is replaced.
        origin: metadata on how the model was made, such as recipe, step and minutes.

    Raises:
        OSError: the file cannot be written.
    """
    kind, _ = KINDS[type(model)]
    config = json.dumps(asdict(model.config), ensure_ascii=False)
    metadata = {**origin, "format": FORMAT, "kind": kind, "config": config}
    exact = {id(tensor) for tensor in _exact(model)}
    weights = {
        name: (value.data if id(value) in exact else value.data.half()).contiguous()
        for name, value in model.state_dict(keep_vars=True).items()
    }
    _write(weights, path, metadata)


def add_metadata(source: Path, path: Path, entries: Mapping[str, str]) -> None:
    """Copy a checkpoint with more metadata; its weights stay as they are, to the bit.

    Args:
        source: the checkpoint.
        path: of the copy; may be the same.
        entries: the metadata to add or to replace.
    """
    metadata = {**read_metadata(source), **entries}
    _write(safetensors.torch.load_file(source), path, metadata)


def _write(weights: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    """Write a file whole or not at all."""
    with atomic_write(path) as partial:
        # save_file would make a file that other users cannot read
        partial.write_bytes(safetensors.torch.save(weights, metadata))


def _exact(model: nn.Module) -> Iterator[Tensor]:
    """Buffers, and parameters of modules that are `exact`."""
    yield from model.buffers()
    for module in model.modules():
        if getattr(module, "exact", False):
            yield from module.parameters()


def load_checkpoint(path: Path, kind: type[Model]) -> Model:
    """Load a model from its checkpoint.

    Args:
        path: of the checkpoint.
        kind: `AcousticModel` or `Vocoder`.

    Returns:
        The model in `eval` mode, on the CPU, in single precision.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint of this kind, or is damaged; weights that lack or are
            too many are damage.

    Example:
        >>> from tts.synthesis import shipped_checkpoint
        >>> load_checkpoint(shipped_checkpoint("vocoder"), Vocoder).config.mel.sample_rate
        24000
    """
    config = read_config(path, kind)
    return _build(kind, config, safetensors.torch.load_file(path), path)


def read_config(path: Path, kind: type[Model]) -> Any:
    """The config of a checkpoint, without reading its weights.

    Args:
        path: of the checkpoint.
        kind: `AcousticModel` or `Vocoder`.

    Returns:
        A `ModelConfig` or a `VocoderConfig`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a checkpoint of this kind, or its config is damaged.
    """
    metadata = read_metadata(path)
    name, config = KINDS[kind]
    if (found := metadata.get("kind")) != name:
        raise ValueError(f"{path} is not {NAMES[name]}; its kind is {short_repr(found)}")
    if (version := metadata.get("format")) != FORMAT:
        raise ValueError(
            f"cannot read {path}: expected format {FORMAT!r}, got {short_repr(version)}"
        )
    try:
        return from_dict(
            config, _with_defaults(parse_json(metadata["config"]), LEGACY_DEFAULTS[kind])
        )
    except ValueError as error:
        raise ValueError(f"cannot read the config of {path}: {error}; {DAMAGED}") from error


def read_offered_voices(path: Path) -> tuple[VoiceInfo, ...]:
    """The voices that an acoustic model offers, the first one first, without reading its weights.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an acoustic model, or is damaged.
    """
    read_config(path, AcousticModel)
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


def load_vocoder(source: Path | str) -> Vocoder:
    """Load a vocoder: a checkpoint, or a public one of the package vocos.

    Args:
        source: the path of a checkpoint; the path of a folder with `config.yaml` and the weights;
            or an `owner/name` on Hugging Face, which is downloaded once.

    Returns:
        The vocoder in `eval` mode, on the CPU, in single precision.

    Raises:
        FileNotFoundError: there is no such file, or it cannot be downloaded.
        ModuleNotFoundError: a public vocoder needs the package vocos, which is not installed.
        ValueError: it is not a vocoder, has another mel-spectrogram, or is damaged.
    """
    path = pretrained.resolve_vocoder(source)
    if path.is_dir():
        return _build(Vocoder, *pretrained.read_vocos(path), path)
    return load_checkpoint(path, Vocoder)


def check_compatible(acoustic: AcousticModel, vocoder: Vocoder, path: Path) -> None:
    """Check that an acoustic model has all symbols of the front end, and the vocoder's mel.

    Args:
        acoustic: the acoustic model.
        vocoder: the vocoder.
        path: of the acoustic model, for the message.

    Raises:
        ValueError: symbols are missing, or the mel-spectrograms differ in more than the floor.
    """
    if lacking := sorted(set(START + INVENTORY + END) - set(acoustic.config.symbols)):
        raise ValueError(
            f"{path} lacks the symbols {''.join(lacking)!r}, which texts need; "
            "use another acoustic model"
        )
    ours, theirs = (replace(model.config.mel, floor=0.0) for model in (acoustic, vocoder))
    if ours != theirs:
        raise ValueError(
            f"{path} and its vocoder must have the same mel-spectrogram, got {ours} and {theirs}; "
            "use another vocoder"
        )


def _build(kind: type[Model], config: Any, weights: dict[str, Tensor], path: Path) -> Model:
    if faulty := next((name for name, weight in weights.items() if not _is_weight(weight)), None):
        raise ValueError(f"{path} has invalid weights in {faulty}; {DAMAGED}")
    misfit = f"the weights of {path} do not match its config; {DAMAGED}"
    if config.least_weights > sum(weight.numel() for weight in weights.values()):
        raise ValueError(misfit)  # before memory is allocated for them
    with torch.random.fork_rng(
        devices=[]
    ):  # initial weights must not change the user's random numbers
        model = kind(config)
    try:
        model.load_state_dict(weights)  # into single precision, from any
    except RuntimeError as error:
        raise ValueError(misfit) from error
    if isinstance(model, AcousticModel) and not model.has_spread:
        raise ValueError(f"{path} has a standard deviation that is not above 0; {DAMAGED}")
    return model.eval()


def _is_weight(weight: Tensor) -> bool:
    """Whether a tensor holds real numbers, all finite and within half precision.

    Views that repeat their memory do not count: they could claim any size.
    """
    if (
        weight.dtype not in WEIGHT_DTYPES
        or weight.layout != torch.strided
        or weight.numel() * weight.itemsize > weight.untyped_storage().nbytes()
    ):
        return False
    if not weight.numel():
        return True
    low, high = weight.aminmax()
    return low.item() >= -MAX_WEIGHT and high.item() <= MAX_WEIGHT


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
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is not a safetensors file") from error
    if "config" not in metadata:
        raise ValueError(f"{path} is not a checkpoint of this system; its metadata has no config")
    return metadata

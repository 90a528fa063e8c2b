"""Checkpoints as modules of PyTorch: saved, and loaded to train or to speak with."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from tts.acoustic.model import AcousticModel
from tts.checkpoint import (
    DAMAGED,
    FORMAT,
    MAX_WEIGHT,
    check_shapes,
    read_config,
    read_metadata,
    read_weights,
)
from tts.files import atomic_write
from tts.vocoder import pretrained
from tts.vocoder.model import Vocoder

Model = TypeVar("Model", AcousticModel, Vocoder)
KINDS: dict[type[nn.Module], str] = {AcousticModel: "acoustic", Vocoder: "vocoder"}
WEIGHT_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def save_checkpoint(model: nn.Module, path: Path, origin: Mapping[str, str]) -> None:
    """Write a model to one file.

    Weights are stored in half precision, those of modules with `exact = True` in single precision.
    A failure leaves the file that was there.

    Args:
        model: an acoustic model, a vocoder, or another module whose `config` is a dataclass; the
            kind of such a file is the name of its class.
        path: of the file; an existing one is replaced.
        origin: metadata on how the model was made, such as recipe, step and minutes.

    Raises:
        OSError: the file cannot be written.
    """
    options: Any = model.config
    config = json.dumps(asdict(options), ensure_ascii=False)
    kind = KINDS.get(type(model), type(model).__name__)
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
        >>> from tts.checkpoint import shipped_checkpoint
        >>> load_checkpoint(shipped_checkpoint("vocoder"), Vocoder).config.mel.sample_rate
        24000
    """
    config = read_config(path, KINDS[kind])
    tensors = {
        name: torch.from_numpy(weight) for name, weight in read_weights(path, config).items()
    }
    return _build(kind, config, tensors, path)


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
        config, weights = pretrained.read_vocos(path)
        if faulty := next((name for name, each in weights.items() if not _is_weight(each)), None):
            raise ValueError(f"{path} has invalid weights in {faulty}; {DAMAGED}")
        return _build(Vocoder, config, weights, path)
    return load_checkpoint(path, Vocoder)


def _build(kind: type[Model], config: Any, weights: dict[str, Tensor], path: Path) -> Model:
    check_shapes(path, config, {name: tuple(each.shape) for name, each in weights.items()})
    with torch.random.fork_rng(
        devices=[]
    ):  # initial weights must not change the user's random numbers
        model = kind(config)
    model.load_state_dict(weights)  # into single precision, from any
    return model.eval()


def _is_weight(weight: Tensor) -> bool:
    """Whether a tensor of a pickle holds real numbers, all finite and within half precision.

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

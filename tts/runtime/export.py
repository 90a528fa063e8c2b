"""Export of a synthesizer's networks as ONNX files for programs in any language.

A folder gets a model for each network, `config.json` with all numbers that are used between them,
and `README.md` with the order of calls.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tts import __version__, network_constants
from tts.acoustic import durations
from tts.checkpoint import check_compatible, read_config, read_offered_voices, read_weights
from tts.config import VOCOS_KERNEL, ModelConfig, VocoderConfig
from tts.delivery import Delivery
from tts.files import atomic_write, write_json_file, write_text_file
from tts.noise import BLOCK_POSITIONS
from tts.runtime.arrays import Scales, Weights
from tts.runtime.export_readme import readme
from tts.runtime.load import RuntimeOptions
from tts.runtime.quantise import Models, make_runtime, read_calibrations
from tts.synthesis import MEL, PROSODY
from tts.text.pronounce.symbols import END, START, STRESS

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

KIND, FORMAT = "one-step-tts export", 1
CONFIG, README = "config.json", "README.md"


def export_networks(
    folder: Path, acoustic: Path, vocoder: Path, precision: str = "float32"
) -> list[Path]:
    """Write the networks of two checkpoints as ONNX files, with what is needed to call them.

    Every file is written whole or not at all. Needs the package onnx.

    Args:
        folder: to write to; made if it is missing, otherwise empty or of an earlier export.
        acoustic: path of an acoustic model.
        vocoder: path of a vocoder.
        precision: `float32`, or `int8` for the linear layers that have scales.

    Returns:
        The paths of the files.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ModuleNotFoundError: the package onnx is not installed.
        OSError: the folder cannot be written.
        ValueError: the folder has files of others, a file is not a checkpoint of its kind, or
            there are no int8 scales for its weights.
    """
    RuntimeOptions(runtime="onnx", precision=precision)  # checks it
    if not find_spec("onnx"):
        raise ModuleNotFoundError(
            "tts export needs onnx; install it with pip install 'one-step-tts[onnx]'"
        )
    earlier = _earlier_models(folder)
    from tts.runtime.whole_graphs import whole_models

    config = read_config(acoustic, "acoustic"), read_config(vocoder, "vocoder")
    weights = read_weights(acoustic, config[0]), read_weights(vocoder, config[1])
    check_compatible(*config, acoustic)
    scales: Scales = {}
    if precision == "int8":
        scales = _int8_scales(Models(config[0], weights[0], config[1], weights[1]))
    models: dict[str, ModelProto] = {}
    for sizes, arrays in zip(config, weights, strict=True):
        models |= whole_models(sizes, arrays, scales)
    offered = [voice.name for voice in read_offered_voices(acoustic)]
    described = describe(*config, weights[0], offered) | {
        "precision": precision,
        "models": {f"{name}.onnx": _interface(model) for name, model in models.items()},
    }
    return _write(folder, models, described, earlier)


def _int8_scales(models: Models) -> Scales:
    """The scales of the linear layers in int8, tried on a sentence if the weights are others."""
    make_runtime(models, "int8", threads=1)
    calibrations = read_calibrations().values()
    return {key: scale for each in calibrations for key, scale in each.scales.items()}


def _earlier_models(folder: Path) -> set[str]:
    """The names of the models in a folder that is to be written.

    Raises:
        NotADirectoryError: it is a file.
        ValueError: it has files, and is not an export.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"cannot write {folder}: it is not a folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return set()
    found: Any = None
    with suppress(OSError, ValueError):
        found = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    known = isinstance(found, dict) and found.get("kind") == KIND
    if not known or not isinstance(found.get("models"), dict):
        raise ValueError(
            f"cannot export to {folder}: it has files and no earlier export; choose another folder"
        )
    return {Path(name).name for name in found["models"]}


def _write(
    folder: Path, models: Mapping[str, "ModelProto"], config: dict[str, Any], earlier: set[str]
) -> list[Path]:
    """Write all files of an export, and delete the models of an earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    old = {name for name in earlier if name.endswith(".onnx")}
    _delete(folder, old - config["models"].keys())
    # the config first: if writing is interrupted, the folder can be written again
    write_json_file(folder / CONFIG, config)
    _delete(folder, old)  # so that no models of two exports lie side by side
    write_text_file(folder / README, readme(config))
    for name, model in models.items():
        with atomic_write(folder / f"{name}.onnx") as partial:
            partial.write_bytes(model.SerializeToString(deterministic=True))
    return [folder / name for name in (*config["models"], CONFIG, README)]


def _delete(folder: Path, names: Collection[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def describe(
    config: ModelConfig, vocoder: VocoderConfig, weights: Weights, offered: list[str]
) -> dict[str, Any]:
    """What an implementer needs beside the networks.

    Args:
        config: of the acoustic model.
        vocoder: of the vocoder.
        weights: of the acoustic model.
        offered: names of the offered voices.
    """
    from tts.runtime.graph_builder import IR_VERSION, OPSET

    mel, decoder, usual = config.mel, config.decoder, Delivery()
    return {
        "kind": KIND,
        "format": FORMAT,
        "version": __version__,
        "opset": OPSET,
        "ir_version": IR_VERSION,
        "phonemes": {
            "convention": config.convention,
            "symbols": {symbol: index + 1 for index, symbol in enumerate(config.symbols)},
            "start": START,
            "end": END,
            "pauses": durations.PAUSE_SYMBOLS,
            "stress": STRESS,
        },
        "offered_voices": offered,
        "voices": {
            name: {"vector": _numbers(vector), "pitch": _numbers(pitch)}
            for name, vector, pitch in zip(
                config.voices, weights["voices.weight"], weights["pitch"], strict=True
            )
        },
        "prosody": {
            "mean": _numbers(weights["prosody_mean"]),
            "deviation": _numbers(weights["prosody_deviation"]),
        },
        "position": {
            "log_length_scale": durations.LOG_LENGTH_SCALE,
            "edge_frames": durations.EDGE_FRAMES,
            "max_edge_distance": durations.MAX_EDGE_DISTANCE,
        },
        "mel": {
            **asdict(mel),
            "mean": _numbers(weights["mel_mean"]),
            "deviation": _numbers(weights["mel_deviation"]),
        },
        "decoder": {
            "kernel": decoder.kernel,
            "depth": decoder.depth,
            "patch": decoder.patch,
            "delay": decoder.delay,
        },
        "vocoder": {
            "kernel": VOCOS_KERNEL,
            "depth": vocoder.depth,
            "patch": vocoder.patch,
            "delay": vocoder.delay,
        },
        "f0": _source() if vocoder.pitch_dim else None,
        "noise": {
            "block_positions": BLOCK_POSITIONS,
            "prosody": PROSODY,
            "mel": MEL,
            "source": network_constants.NOISE_SEED,
            "temperature": usual.temperature,
            "prosody_temperature": usual.prosody_temperature,
        },
    }


def _source() -> dict[str, float]:
    """Constants of the harmonic source."""
    return {
        "mean_log2_hz": network_constants.MEAN_LOG2_F0,
        "min_hz": network_constants.MIN_F0_HZ,
        "max_hz": network_constants.MAX_F0_HZ,
        "gap": network_constants.GAP,
        "max_harmonic_hz": network_constants.MAX_HARMONIC_HZ,
        "reference_hz": network_constants.REFERENCE_F0_HZ,
    }


def _numbers(array: np.ndarray) -> Any:
    """Numbers in as few digits as give the same ones in single precision."""
    shortest = [float(str(number)) for number in np.asarray(array, np.float32).ravel()]
    return np.reshape(shortest, array.shape).tolist()


def _interface(model: "ModelProto") -> dict[str, list[dict[str, Any]]]:
    return {
        "inputs": [_tensor(each) for each in model.graph.input],
        "outputs": [_tensor(each) for each in model.graph.output],
    }


def _tensor(info: "ValueInfoProto") -> dict[str, Any]:
    """Name, type and shape; a size that is a name varies."""
    from onnx import helper

    kind = info.type.tensor_type
    return {
        "name": info.name,
        "dtype": helper.tensor_dtype_to_np_dtype(kind.elem_type).name,
        "shape": [axis.dim_param or axis.dim_value for axis in kind.shape.dim],
    }

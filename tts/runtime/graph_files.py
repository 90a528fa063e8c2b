"""Graphs in files: those of the shipped sizes lie beside this module, others are built.

A graph depends on the sizes of its network alone, not on weights, voices or symbols; the name of
its file has a hash of them.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict
from importlib import resources
from importlib.util import find_spec

from tts.config import ModelConfig, VocoderConfig

ACOUSTIC, VOCODER = ("encoder", "prosody", "modulation", "decoder"), ("vocoder", "f0")
FOLDER = "networks"  # beside this module
NOT_SIZES = ("symbols", "voices", "convention")


def networks_of(config: ModelConfig | VocoderConfig) -> tuple[str, ...]:
    """The names of the networks of a model."""
    if isinstance(config, ModelConfig):
        return ACOUSTIC
    return VOCODER if config.pitch_dim else VOCODER[:1]


def block_layers(network: str, config: ModelConfig | VocoderConfig) -> tuple[str, ...]:
    """The keys of the linear layers in the blocks of decoder or vocoder: those that int8 is for."""
    if isinstance(config, ModelConfig):
        blocks, layers = "decoder.blocks", ("widen", "narrow")
        depth = config.decoder.depth if network == "decoder" else 0
    else:
        blocks, layers = "backbone.convnext", ("pwconv1", "pwconv2")
        depth = config.depth if network == "vocoder" else 0
    return tuple(f"{blocks}.{block}.{layer}" for block in range(depth) for layer in layers)


def file_name(
    network: str, config: ModelConfig | VocoderConfig, quantised: Collection[str] = ()
) -> str:
    """The name of the file with the graph of a network."""
    sizes = {key: size for key, size in asdict(config).items() if key not in NOT_SIZES}
    text = json.dumps([sizes, sorted(quantised)], sort_keys=True)
    return f"{network}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.onnx"


def has_graphs(config: ModelConfig | VocoderConfig) -> bool:
    """Whether there are graphs for a model of these sizes, in files or by the package onnx."""
    folder = resources.files(__package__) / FOLDER
    names = [file_name(network, config) for network in networks_of(config)]
    return all((folder / name).is_file() for name in names) or bool(find_spec("onnx"))


def read_graph(
    network: str, config: ModelConfig | VocoderConfig, quantised: Collection[str] = ()
) -> bytes:
    """The graph of a network, from its file or built by the package onnx.

    Raises:
        ValueError: there is no file for these sizes, and the package onnx is not installed.
    """
    file = resources.files(__package__) / FOLDER / file_name(network, config, quantised)
    if file.is_file():
        return file.read_bytes()
    if not find_spec("onnx"):
        raise ValueError(
            "models of other sizes than the shipped ones need the package onnx or torch; install "
            "one with pip install 'one-step-tts[onnx]' or 'one-step-tts[torch]'"
        )
    from tts.runtime.graphs import build

    return build(network, config, quantised).SerializeToString(deterministic=True)

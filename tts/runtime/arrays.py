"""The arrays that the graphs of `tts.runtime.graphs` take, from the weights in files.

Matrices are transposed, and what is constant beside a matrix is multiplied into it. Everything here
is numpy; matrix products go by `einsum`, which starts no threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int8

from tts.config import MelConfig, ModelConfig, VocoderConfig
from tts.network_constants import HTK_BREAK_HZ

Arrays = dict[str, np.ndarray]
Weights = Mapping[str, np.ndarray]  # only those that a network has are read from it
MAX_INT8 = 127
BLOCK_ROWS = 32  # of a matrix that is transposed; 8 and 16 take longer


@dataclass(frozen=True)
class InputRange:
    """How the input of a linear layer is rounded to eight bits: q = x / scale + zero_point.

    Args:
        scale: of a step.
        zero_point: what 0 becomes, from 0 to 255.
    """

    scale: float
    zero_point: int


Scales = Mapping[str, InputRange]  # by the key of a linear layer; these layers run in int8


def prepare(
    network: str, config: ModelConfig | VocoderConfig, weights: Weights, scales: Scales
) -> Arrays:
    """The arrays that the graph of a network takes, by name.

    Args:
        network: as for `tts.runtime.graphs.build`.
        config: of the acoustic model or of the vocoder.
        weights: in single precision, by their keys in files.
        scales: of the linear layers in int8; those of other networks are left out.
    """
    if isinstance(config, ModelConfig):
        parts = {
            "encoder": _encoder,
            "prosody": _prosody,
            "modulation": _modulation,
            "decoder": _decoder,
        }
        arrays = parts[network](config, weights)
    else:
        arrays = {"vocoder": _vocoder, "f0": _f0}[network](config, weights)
    for key, scale in scales.items():
        if f"{key}.weight" in arrays:
            arrays |= _int8_layer(key, arrays[f"{key}.weight"], scale)
    return {name: np.asarray(array, order="C") for name, array in arrays.items()}


def _int8_layer(key: str, weight: Float[np.ndarray, "inputs outputs"], scale: InputRange) -> Arrays:
    """A weight in int8 with a scale for each output, and the scale of its input."""
    rounded, weight_scale = quantise_weight(weight)
    return {
        f"{key}.weight": rounded,
        f"{key}.weight_scale": weight_scale,
        f"{key}.weight_zero_point": np.zeros(len(weight_scale), np.int8),
        f"{key}.input_scale": np.array(scale.scale, np.float32),
        f"{key}.input_zero_point": np.array(scale.zero_point, np.uint8),
    }


def quantise_weight(
    weight: Float[np.ndarray, "inputs outputs"],
) -> tuple[Int8[np.ndarray, "inputs outputs"], Float[np.ndarray, " outputs"]]:
    """A weight in steps of its scale, which each output has its own of."""
    largest = np.abs(weight).max(axis=0)
    scale = np.where(largest > 0, largest / MAX_INT8, 1).astype(np.float32)
    return np.rint(weight / scale).astype(np.int8), scale


def _encoder(config: ModelConfig, weights: Weights) -> Arrays:
    arrays = _part(weights, "encoder.", "pause.")
    del arrays["encoder.embedding.weight"]
    _fold_biases(arrays, "encoder", config.encoder.depth)
    _fold_biases(arrays, "pause", config.prosody.pause_depth)
    return arrays


def _prosody(config: ModelConfig, weights: Weights) -> Arrays:
    arrays = _part(weights, "prosody.")
    return _stack_norms(arrays, "prosody", config.prosody.depth)


def _modulation(config: ModelConfig, weights: Weights) -> Arrays:
    own = "decoder.modulation.", "decoder.carry."
    arrays = _part(weights, *own, *_in_blocks(config, "norm.", "steer"))
    return _stack_norms(arrays, "decoder", config.decoder.depth)


def _decoder(config: ModelConfig, weights: Weights) -> Arrays:
    layers = _in_blocks(config, "depthwise.", "widen.", "narrow.")
    ends = "decoder.enter.bias", "decoder.norm.", "decoder.leave.", "melody.", "shape."
    arrays = _part(weights, *layers, *ends)
    return arrays | {"decoder.enter.weight": _decoder_input(config, weights)}


def _in_blocks(config: ModelConfig, *parts: str) -> tuple[str, ...]:
    """The keys of parts of all blocks of the decoder."""
    blocks = range(config.decoder.depth)
    return tuple(f"decoder.blocks.{block}.{part}" for block in blocks for part in parts)


def _decoder_input(config: ModelConfig, weights: Weights) -> Float[np.ndarray, "inputs outputs"]:
    """The weight of the decoder's first layer, for the state, the conditioning and 1 of each frame.

    The expected mel is linear in the conditioning, so its matrix is multiplied in.
    """
    bands, patch = config.mel.bands, config.decoder.patch
    matrix = weights["decoder.enter.weight"].T.astype(np.float64)
    rows = matrix.reshape(patch, -1, config.decoder.dim)
    state, mean, hidden = np.split(rows, [bands, 2 * bands], axis=1)
    folded = np.einsum("bh,pbd->phd", weights["mean.weight"], mean)
    constant = np.einsum("b,pbd->pd", weights["mean.bias"], mean)[:, None]
    joined = np.concatenate([state, hidden + folded, constant], axis=1)
    return joined.reshape(-1, config.decoder.dim).astype(np.float32)


def _vocoder(config: VocoderConfig, weights: Weights) -> Arrays:
    arrays = _part(weights, "backbone.", "head.")
    for block in range(config.depth):
        key = f"backbone.convnext.{block}"
        gamma = arrays.pop(f"{key}.gamma")
        for part in ("weight", "bias"):
            arrays[f"{key}.pwconv2.{part}"] = arrays[f"{key}.pwconv2.{part}"] * gamma
    parts = ("shape", "turn", "noisy") if config.pitch_dim else ("shape", "turn")
    for kind in ("weight", "bias"):
        split = np.split(arrays.pop(f"head.out.{kind}"), len(parts), axis=-1)
        arrays |= {f"head.{part}.{kind}": array for part, array in zip(parts, split, strict=True)}
    arrays.pop("head.istft.window", None)
    return arrays | ({"spread": mel_to_bins(config.mel)} if config.pitch_dim else {})


def _f0(_: VocoderConfig, weights: Weights) -> Arrays:
    arrays = {name: weights[name] for name in weights if name.startswith("source.pitch.")}
    return {name: array[:, :, None] if array.ndim == 3 else array for name, array in arrays.items()}


def mel_to_bins(config: MelConfig) -> Float[np.ndarray, "mels bins"]:
    """Weights that interpolate the bands of a mel over the bins of a spectrum.

    Linear between the centres of bands on HTK's mel scale; constant outside the outermost ones.
    """
    hertz = np.linspace(0, config.sample_rate / 2, config.n_fft // 2 + 1)
    mels = np.log1p(hertz / HTK_BREAK_HZ)
    place = np.clip(mels / mels[-1] * (config.bands + 1) - 1, 0, config.bands - 1)
    distance = np.abs(place[None] - np.arange(config.bands)[:, None])
    return np.maximum(1 - distance, 0).astype(np.float32)


def _part(weights: Weights, *prefixes: str) -> Arrays:
    """The weights below some keys, as graphs have them."""
    return {
        name: np.asarray(_layout(name, weights[name]), order="C")
        for name in weights
        if name.startswith(prefixes)
    }


def _layout(name: str, weight: np.ndarray) -> np.ndarray:
    """`inputs outputs` of a linear layer; `dim 1 1 kernel` of a depthwise convolution.

    That of another convolution is `kernel inputs outputs`, the first two joined.
    """
    if name.endswith((".depthwise.weight", ".dwconv.weight")):
        return weight[:, :, None]
    if weight.ndim == 3:
        return weight.transpose(2, 1, 0).reshape(-1, len(weight))
    return _transposed(weight) if weight.ndim == 2 and name.endswith(".weight") else weight


def _transposed(weight: Float[np.ndarray, "outputs inputs"]) -> Float[np.ndarray, "inputs outputs"]:
    """A copy in order, a block of rows at a time, which the cache holds."""
    copy = np.empty(weight.shape[::-1], weight.dtype)
    for start in range(0, len(weight), BLOCK_ROWS):
        copy[:, start : start + BLOCK_ROWS] = weight[start : start + BLOCK_ROWS].T
    return copy


def _fold_biases(arrays: Arrays, key: str, depth: int) -> None:
    """Multiply the modulation biases of blocks that have no modulation into their layers."""
    for block in (f"{key}.blocks.{index}" for index in range(depth)):
        shift, scale, gate = arrays.pop(f"{block}.steer")
        arrays[f"{block}.norm.weight"] = arrays[f"{block}.norm.weight"] * (1 + scale)
        arrays[f"{block}.norm.bias"] = arrays[f"{block}.norm.bias"] * (1 + scale) + shift
        for part in ("weight", "bias"):
            arrays[f"{block}.narrow.{part}"] = arrays[f"{block}.narrow.{part}"] * gate


def _stack_norms(arrays: Arrays, key: str, depth: int) -> Arrays:
    """Take norms and modulation biases of all blocks together."""
    blocks = [f"{key}.blocks.{index}" for index in range(depth)]
    for part in ("weight", "bias"):
        norms = [arrays.pop(f"{block}.norm.{part}") for block in blocks]
        arrays[f"{key}.norms.{part}"] = np.stack(norms)
    arrays[f"{key}.steer"] = np.stack([arrays.pop(f"{block}.steer").ravel() for block in blocks])
    return arrays

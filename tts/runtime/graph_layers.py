"""Layers that the graphs of several networks share; they are those of `tts.acoustic.layers`."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from onnx import TensorProto

from tts.network_constants import (
    EPSILON,
    EXPANSION,
    LENGTH_SCALE,
    MAX_ROTARY_PERIOD,
    MIN_LOG10_RATE,
    START_SCALE,
    TIME_EMBEDDING_DIM,
)
from tts.runtime.graph_builder import GraphBuilder


class Stack(NamedTuple):
    """Sizes of a stack of blocks, and where its keys begin."""

    key: str
    dim: int
    depth: int
    kernel: int
    heads: int = 0


class Modulated(NamedTuple):
    """What a jump's times and voice change.

    Args:
        blocks: scale and bias of each block's norm, and its gate, `1 depth 1 dim` each.
        keep: what the state is multiplied by, `1 1 1 channels`.
        span: the length of the jump.
    """

    blocks: list[str]
    keep: str
    span: str


class StreamedLayers:
    """The columns beside the convolutions of a streamed network that have equal sizes.

    Args:
        graph: under construction.
        layers: how many convolutions.
        dim: their channels.
        suffix: of the names of inputs and outputs.
    """

    def __init__(self, graph: GraphBuilder, layers: int, dim: int, suffix: str = "") -> None:
        self.graph, self.suffix, self.dim = graph, suffix, dim
        left = graph.input(f"left{suffix}", ["batch", layers, "before", dim])
        self.right = graph.input(f"right{suffix}", ["batch", 1, "after", dim])
        self.left = graph.split(left, layers, 1)
        self.kept: list[str] = []

    def join(self, x: str, kernel: int) -> str:
        """What the next convolution sees; its last columns are kept for the next stretch."""
        joined = self.graph.node("Concat", self.left[len(self.kept)], x, self.right, axis=2)
        self.kept.append(self.graph.last(joined, kernel - 1))
        return joined

    def give(self) -> None:
        """Make the columns for the next stretch an output."""
        joined = self.graph.node("Concat", *self.kept, axis=1)
        shape: list[str | int] = ["batch", len(self.kept), "kept", self.dim]
        self.graph.output(f"next_left{self.suffix}", joined, shape)


def sentence(graph: GraphBuilder, x: str, stack: Stack, modulation: Modulated | None = None) -> str:
    """`SentenceNetwork.read`; without a modulation, its biases are part of the weights."""
    rotation = _rotation(graph, x, stack.dim // stack.heads // 2) if stack.heads else None
    values = [graph.split(part, stack.depth, 1) for part in modulation.blocks] if modulation else []
    for block in range(stack.depth):
        key = f"{stack.key}.blocks.{block}"
        y = graph.depthwise(x, f"{key}.depthwise", stack.dim, stack.kernel, stack.kernel // 2)
        x = graph.node("Add", x, pointwise(graph, y, key, stack.dim, [v[block] for v in values]))
        if rotation:
            x = _attention(graph, x, f"{stack.key}.attention.{block}", stack, rotation)
    return graph.norm(x, f"{stack.key}.norm", stack.dim, EPSILON)


def pointwise(graph: GraphBuilder, x: str, key: str, dim: int, modulation: list[str]) -> str:
    """What a block adds, from its convolution; scale, bias and gate, or none of them."""
    if modulation:
        scale, bias, gate = modulation
        x = graph.modulated_norm(x, scale, bias, dim, EPSILON)
    else:
        x = graph.norm(x, f"{key}.norm", dim, EPSILON)
    x = graph.linear(x, f"{key}.widen", dim, EXPANSION * dim)
    x = graph.node("Gelu", x, approximate="tanh")
    x = graph.linear(x, f"{key}.narrow", EXPANSION * dim, dim)
    return graph.node("Mul", x, gate) if modulation else x


def _rotation(graph: GraphBuilder, x: str, half: int) -> tuple[str, str]:
    """Cosine and sine of the rotary angle of each position, `text half`."""
    length = graph.node("Squeeze", graph.node("Shape", x, start=2, end=3))
    zero, one = (graph.constant(value, np.int64) for value in (0, 1))
    place = graph.node("Cast", graph.node("Range", zero, length, one), to=TensorProto.FLOAT)
    speed = np.exp(np.arange(half, dtype=np.float32) * (-np.log(MAX_ROTARY_PERIOD) / half))
    angle = graph.node("Mul", graph.reshape(place, -1, 1), graph.constant(speed))
    return graph.node("Cos", angle), graph.node("Sin", angle)


def _attention(
    graph: GraphBuilder, x: str, key: str, stack: Stack, rotation: tuple[str, str]
) -> str:
    """`Attention` of `tts.acoustic.layers`, over all positions."""
    dim, heads = stack.dim, stack.heads
    size = dim // heads
    y = graph.norm(x, f"{key}.norm", dim, EPSILON)
    y = graph.linear(y, f"{key}.query_key_value", dim, 3 * dim)
    y = graph.node("Transpose", graph.reshape(y, 1, -1, 3 * heads, size), perm=[0, 2, 1, 3])
    turned = _rotated(graph, graph.slice(y, 0, 2 * heads, 1), rotation)
    query, key_heads = graph.split(turned, 2, 1)
    value = graph.slice(y, 2 * heads, 3 * heads, 1)
    query = graph.node("Mul", query, graph.constant(1 / sqrt(size)))
    score = graph.node("MatMul", query, graph.node("Transpose", key_heads, perm=[0, 1, 3, 2]))
    y = graph.node("MatMul", graph.node("Softmax", score, axis=3), value)
    y = graph.reshape(graph.node("Transpose", y, perm=[0, 2, 1, 3]), 1, 1, -1, dim)
    return graph.node("Add", x, graph.linear(y, f"{key}.out", dim, dim))


def _rotated(graph: GraphBuilder, x: str, rotation: tuple[str, str]) -> str:
    first, second = graph.split(x, 2, 3)
    cos, sin = rotation
    real = graph.node("Sub", graph.node("Mul", first, cos), graph.node("Mul", second, sin))
    imaginary = graph.node("Add", graph.node("Mul", first, sin), graph.node("Mul", second, cos))
    return graph.node("Concat", real, imaginary, axis=3)


def jump_modulation(graph: GraphBuilder, stack: Stack, channels: int, voice_dim: int) -> Modulated:
    """`Modulation` and `SkipGain`, and the inputs of voice and times."""
    key, dim, depth = stack.key, stack.dim, stack.depth
    voice = graph.input("voice", [1, voice_dim])
    s, t = graph.input("s", [1, 1]), graph.input("t", [1, 1])
    span = graph.node("Sub", t, s)
    start = _time_mlp(graph, _waves(graph, s, START_SCALE), f"{key}.modulation.start", dim)
    interval, none = (
        _time_mlp(graph, _waves(graph, length, LENGTH_SCALE), f"{key}.modulation.interval", dim)
        for length in (span, graph.constant([[0]]))
    )
    x = graph.node("Sub", graph.node("Add", start, interval), none)
    x = graph.node("Add", x, graph.linear(voice, f"{key}.modulation.voice", voice_dim, dim))
    x = graph.linear(_silu(graph, x), f"{key}.modulation.out", dim, 3 * dim)
    gain = graph.linear(x, f"{key}.carry.gain", 3 * dim, channels)
    keep = graph.node("Add", graph.node("Mul", gain, span), graph.constant(1))
    steer = graph.weight(f"{key}.steer", (depth, 3 * dim))
    shift, scale, gate = graph.split(graph.node("Add", x, steer), 3, 1)
    scale = graph.node("Add", scale, graph.constant(1))
    weight, bias = (
        graph.weight(f"{key}.norms.{part}", (depth, dim)) for part in ("weight", "bias")
    )
    bias = graph.node("Add", graph.node("Mul", bias, scale), shift)
    parts = (graph.node("Mul", weight, scale), bias, gate)
    shaped = [graph.reshape(part, 1, depth, 1, dim) for part in parts]
    return Modulated(shaped, graph.reshape(keep, 1, 1, 1, channels), span)


def _waves(graph: GraphBuilder, time: str, scale: float) -> str:
    """`sinusoidal_embedding` of a scaled time."""
    rates = np.logspace(0, MIN_LOG10_RATE, TIME_EMBEDDING_DIM // 2, dtype=np.float32)
    scaled = graph.node("Mul", time, graph.constant(scale))
    angles = graph.node("Mul", scaled, graph.constant(rates))
    return graph.node("Concat", graph.node("Sin", angles), graph.node("Cos", angles), axis=1)


def _time_mlp(graph: GraphBuilder, x: str, key: str, dim: int) -> str:
    x = _silu(graph, graph.linear(x, f"{key}.0", TIME_EMBEDDING_DIM, dim))
    return graph.linear(x, f"{key}.2", dim, dim)


def _silu(graph: GraphBuilder, x: str) -> str:
    return graph.node("Mul", x, graph.node("Sigmoid", x))

"""The ONNX graphs of the networks, without weights, from the sizes in their configs.

The networks are those of `tts.acoustic` and `tts.vocoder`; names of weights are keys in files, but
for those that `tts.runtime.arrays` combines. Graphs of streamed networks take the columns to the
left of each convolution and give the new ones. At the end of an utterance `right` has zeros,
before it no columns.
"""

import itertools
from collections.abc import Collection
from math import sqrt

import numpy as np
from onnx import ModelProto, TensorProto

from tts.config import VOCOS_KERNEL, EncoderConfig, ModelConfig, ProsodyConfig, VocoderConfig
from tts.runtime.graph_builder import GraphBuilder
from tts.runtime.network_constants import (
    EPSILON,
    EXPANSION,
    F0_KERNEL,
    F0_LAYERS,
    LENGTH_SCALE,
    MAX_LOG_MAGNITUDE,
    MAX_MAGNITUDE,
    MAX_ROTARY_PERIOD,
    MEL_SCALE,
    MEL_SHIFT,
    MIN_LOG10_RATE,
    POSITION_FEATURES,
    START_SCALE,
    TIME_EMBEDDING_DIM,
    VOCODER_EPSILON,
)

DOUBLE = TensorProto.DOUBLE


def build(
    network: str, config: ModelConfig | VocoderConfig, quantised: Collection[str] = ()
) -> ModelProto:
    """The graph of a network.

    Args:
        network: `encoder`, `prosody`, `modulation` (of the decoder) or `decoder` of an acoustic
            model; `vocoder` or `f0`.
        config: of the acoustic model or of the vocoder.
        quantised: keys of the linear layers in int8, such as `decoder.blocks.0.widen`.
    """
    graph = GraphBuilder(quantised)
    if isinstance(config, ModelConfig):
        parts = {
            "encoder": _encoder,
            "prosody": _prosody,
            "modulation": _modulation,
            "decoder": _decoder,
        }
        parts[network](graph, config)
    else:
        {"vocoder": _vocoder, "f0": _f0}[network](graph, config)
    return graph.model(network)


def _encoder(graph: GraphBuilder, config: ModelConfig) -> None:
    """From embedded tokens to hidden vectors, and the probability that each token lasts."""
    sizes = config.encoder
    x = graph.input("embedded", [1, 1, "text", sizes.dim])
    voice = graph.input("voice", [1, config.voice_dim])
    x = graph.node("Add", x, graph.linear(voice, "encoder.voice", config.voice_dim, sizes.dim))
    hidden = _sentence(graph, x, "encoder", sizes, sizes.depth)
    graph.output("hidden", hidden, [1, 1, "text", sizes.dim])
    graph.output("pause", _pause(graph, hidden, config), [1, 1, "text", 1])


def _pause(graph: GraphBuilder, hidden: str, config: ModelConfig) -> str:
    sizes, dim = config.prosody, config.encoder.dim
    if sizes.pause_depth == 0:
        return graph.node("Sigmoid", graph.linear(hidden, "pause", dim, 1))
    x = graph.linear(hidden, "pause.enter", dim, sizes.dim)
    x = _sentence(graph, x, "pause", sizes, sizes.pause_depth)
    return graph.node("Sigmoid", graph.linear(x, "pause.leave", sizes.dim, 1))


def _prosody(graph: GraphBuilder, config: ModelConfig) -> None:
    """A jump of the prosody map."""
    sizes, hidden_dim = config.prosody, config.encoder.dim
    hidden = graph.input("hidden", [1, 1, "text", hidden_dim])
    lasts = graph.input("has_duration", [1, 1, "text", 1])
    x = graph.input("x", [1, 1, "text", 3])
    modulation, span = _times(graph, "prosody", sizes.dim, sizes.depth, 3, config.voice_dim)
    inner = graph.node("Concat", hidden, lasts, x, axis=3)
    inner = graph.linear(inner, "prosody.enter", hidden_dim + 4, sizes.dim)
    inner = _sentence(graph, inner, "prosody", sizes, sizes.depth, modulation)
    velocity = graph.linear(inner, "prosody.leave", sizes.dim, 3)
    change = graph.node("Mul", velocity, span)
    kept = graph.node("Mul", x, modulation[3])
    graph.output("y", graph.node("Add", kept, change), [1, 1, "text", 3])


def _modulation(graph: GraphBuilder, config: ModelConfig) -> None:
    """What the decoder's blocks and its output are scaled and shifted by in a jump."""
    sizes, bands = config.decoder, config.mel.bands
    values, _ = _times(graph, "decoder", sizes.dim, sizes.depth, bands, config.voice_dim)
    for name, value in zip(("scale", "bias", "gate"), values[:3], strict=True):
        graph.output(name, value, [1, sizes.depth, 1, sizes.dim])
    graph.output("keep", values[3], [1, 1, 1, bands])


def _decoder(graph: GraphBuilder, config: ModelConfig) -> None:
    """A jump of the mel map, for stretches of frames; `late` has `x` of the frames of the output.

    The layer `mean` is part of `decoder.enter`, whose inputs are `x`, the conditioning and `real`
    of each frame.
    """
    sizes, bands, dim = config.decoder, config.mel.bands, config.encoder.dim
    x = graph.input("x", ["batch", 1, "frames", bands])
    late = graph.input("late", ["batch", 1, "late", bands])
    real = graph.input("real", ["batch", 1, "frames", 1])
    span = graph.input("span", ["batch", 1, 1, 1])
    scale, bias, gate = (
        graph.split(graph.input(name, ["batch", sizes.depth, 1, sizes.dim]), sizes.depth, 1)
        for name in ("scale", "bias", "gate")
    )
    keep = graph.input("keep", ["batch", 1, 1, bands])
    joined = graph.node("Concat", x, _conditioning(graph, dim, real), real, axis=3)
    width = sizes.patch * (bands + dim + 1)
    inner = graph.linear(graph.reshape(joined, 0, 1, -1, width), "decoder.enter", width, sizes.dim)
    left, right = _columns(graph, "left", sizes.depth, sizes.dim)
    columns = []
    for block in range(sizes.depth):
        key = f"decoder.blocks.{block}"
        joined = graph.node("Concat", left[block], inner, right, axis=2)
        columns.append(graph.last(joined, sizes.kernel - 1))
        middle = graph.middle(joined, sizes.kernel // 2)
        y = graph.depthwise(joined, f"{key}.depthwise", sizes.dim, sizes.kernel)
        y = graph.scaled_norm(y, scale[block], bias[block], EPSILON)
        y = _wide(graph, y, f"{key}.widen", f"{key}.narrow", sizes.dim, EXPANSION * sizes.dim)
        inner = graph.node("Add", middle, graph.node("Mul", y, gate[block]))
    inner = graph.norm(inner, "decoder.norm", sizes.dim, EPSILON)
    velocity = graph.linear(inner, "decoder.leave", sizes.dim, sizes.patch * bands)
    change = graph.node("Mul", graph.reshape(velocity, 0, 1, -1, bands), span)
    y = graph.node("Add", graph.node("Mul", late, keep), change)
    graph.output("y", y, ["batch", 1, "late", bands])
    _give_columns(graph, "left", columns, sizes.dim)


def _conditioning(graph: GraphBuilder, dim: int, real: str) -> str:
    """The hidden vector of each frame, as `AcousticModel.condition` makes it."""
    hidden = graph.input("hidden", ["batch", 1, "frames", dim])
    prosody = graph.input("prosody", ["batch", 1, "frames", 2])
    position = graph.input("position", ["batch", 1, "frames", POSITION_FEATURES])
    hidden = graph.node("Add", hidden, graph.linear(prosody, "melody", 2, dim))
    x = graph.node("Concat", hidden, position, axis=3)
    x = graph.linear(x, "shape.0", dim + POSITION_FEATURES, dim)
    x = graph.linear(graph.node("Gelu", x, approximate="tanh"), "shape.2", dim, dim)
    return graph.node("Mul", graph.node("Add", hidden, x), real)


def _vocoder(graph: GraphBuilder, config: VocoderConfig) -> None:
    """Spectra for stretches of patches; `late` has the mel of the frames of the output."""
    dim, reach = config.dim, VOCOS_KERNEL // 2
    width = config.patch * config.mel.bands
    x = graph.input("mel", ["batch", 1, "patches", width])
    (left_mel,), right_mel = _columns(graph, "left_mel", 1, width, "right_mel")
    left, right = _columns(graph, "left", config.depth, dim)
    joined = graph.node("Concat", left_mel, x, right_mel, axis=2)
    mel_columns = [graph.last(joined, VOCOS_KERNEL - 1)]
    x = graph.unfold(joined, VOCOS_KERNEL)
    x = graph.linear(x, "backbone.embed", VOCOS_KERNEL * width, dim)
    x = graph.norm(x, "backbone.norm", dim, VOCODER_EPSILON)
    columns = []
    for block in range(config.depth):
        key = f"backbone.convnext.{block}"
        joined = graph.node("Concat", left[block], x, right, axis=2)
        columns.append(graph.last(joined, VOCOS_KERNEL - 1))
        middle = graph.middle(joined, reach)
        y = graph.depthwise(joined, f"{key}.dwconv", dim, VOCOS_KERNEL)
        y = graph.norm(y, f"{key}.norm", dim, VOCODER_EPSILON)
        names = f"{key}.pwconv1", f"{key}.pwconv2"
        y = _wide(graph, y, *names, dim, config.intermediate_dim, "none")
        x = graph.node("Add", middle, y)
    if config.patch > 1:
        x = graph.linear(x, "backbone.unpatch", dim, config.patch * dim)
        x = graph.reshape(x, 0, 1, -1, dim)
    x = graph.norm(x, "backbone.final_layer_norm", dim, VOCODER_EPSILON)
    (_harmonic_head if config.pitch_dim else _fourier_head)(graph, x, config)
    _give_columns(graph, "left_mel", mel_columns, width)
    _give_columns(graph, "left", columns, dim)


def _harmonic_head(graph: GraphBuilder, x: str, config: VocoderConfig) -> None:
    bins = config.mel.n_fft // 2 + 1
    late = graph.input("late", ["batch", 1, "late", config.mel.bands])
    level = graph.node("MatMul", late, graph.weight("spread", (config.mel.bands, bins)))
    shape, turn, noisy = (
        graph.linear(x, f"head.{part}", config.dim, bins) for part in ("shape", "turn", "noisy")
    )
    limit = graph.constant(MAX_LOG_MAGNITUDE)
    strength, noise_gain = (
        graph.node("Exp", graph.node("Min", graph.node("Add", part, level), limit))
        for part in (shape, noisy)
    )
    _give_spectra(graph, strength, turn, bins)
    graph.output("noise_gain", noise_gain, ["batch", 1, "late", bins])


def _fourier_head(graph: GraphBuilder, x: str, config: VocoderConfig) -> None:
    bins = config.mel.n_fft // 2 + 1
    level, phase = (graph.linear(x, f"head.{part}", config.dim, bins) for part in ("shape", "turn"))
    strength = graph.node("Min", graph.node("Exp", level), graph.constant(MAX_MAGNITUDE))
    _give_spectra(graph, strength, phase, bins)


def _give_spectra(graph: GraphBuilder, strength: str, turn: str, bins: int) -> None:
    for name, wave in (("real", "Cos"), ("imaginary", "Sin")):
        part = graph.node("Mul", strength, graph.node(wave, turn))
        graph.output(name, part, ["batch", 1, "late", bins])


def _f0(graph: GraphBuilder, config: VocoderConfig) -> None:
    """The F0 predictor in double precision; convolutions are matrix products.

    ONNX Runtime has neither Conv nor Erf in double precision; the error function is the same
    wherever a stretch begins, so single precision does.
    """
    bands, dim = config.mel.bands, config.pitch_dim
    x = graph.node("Cast", graph.input("mel", [1, 1, "frames", bands]), to=DOUBLE)
    x = graph.node("Add", x, graph.constant(MEL_SHIFT, np.float64))
    x = graph.node("Div", x, graph.constant(MEL_SCALE, np.float64))
    left_mel, right_mel = _columns(graph, "left_mel", 1, bands, "right_mel", DOUBLE)
    left, right = _columns(graph, "left", F0_LAYERS - 1, dim, dtype=DOUBLE)
    sizes = [bands, *[dim] * (F0_LAYERS - 1), 2]
    columns = []
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        x = x if layer == 0 else _exact_gelu(graph, x)
        ends = (left_mel[0], right_mel) if layer == 0 else (left[layer - 1], right)
        x = graph.node("Concat", ends[0], x, ends[1], axis=2)
        columns.append(graph.last(x, F0_KERNEL - 1))
        key = f"source.pitch.net.{2 * layer}"
        weight = graph.weight(f"{key}.weight", (F0_KERNEL * inputs, outputs), DOUBLE)
        x = graph.node("MatMul", graph.unfold(x, F0_KERNEL), weight)
        x = graph.node("Add", x, graph.weight(f"{key}.bias", (outputs,), DOUBLE))
    graph.output("octave", graph.slice(x, 0, 1, 3), [1, 1, "late", 1], DOUBLE)
    graph.output("voiced", graph.slice(x, 1, 2, 3), [1, 1, "late", 1], DOUBLE)
    _give_columns(graph, "left_mel", columns[:1], bands, DOUBLE)
    _give_columns(graph, "left", columns[1:], dim, DOUBLE)


def _exact_gelu(graph: GraphBuilder, x: str) -> str:
    """x (1 + erf(x / sqrt 2)) / 2 in double precision but for the error function."""
    scaled = graph.node("Mul", x, graph.constant(sqrt(0.5), np.float64))
    erf = graph.node("Erf", graph.node("Cast", scaled, to=TensorProto.FLOAT))
    share = graph.node("Add", graph.node("Cast", erf, to=DOUBLE), graph.constant(1, np.float64))
    half = graph.node("Mul", x, graph.constant(0.5, np.float64))
    return graph.node("Mul", half, share)


def _columns(  # noqa: PLR0913
    graph: GraphBuilder,
    name: str,
    layers: int,
    dim: int,
    right: str = "right",
    dtype: int = TensorProto.FLOAT,
) -> tuple[list[str], str]:
    """The columns to the left of each layer, and the zeros to the right of all."""
    left = graph.input(name, ["batch", layers, "before", dim], dtype)
    after = graph.input(right, ["batch", 1, "after", dim], dtype)
    return graph.split(left, layers, 1), after


def _give_columns(
    graph: GraphBuilder, name: str, columns: list[str], dim: int, dtype: int = TensorProto.FLOAT
) -> None:
    """The columns to the left of what comes next."""
    joined = graph.node("Concat", *columns, axis=1)
    graph.output(f"next_{name}", joined, ["batch", len(columns), "kept", dim], dtype)


def _sentence(  # noqa: PLR0913
    graph: GraphBuilder,
    x: str,
    key: str,
    sizes: EncoderConfig | ProsodyConfig,
    depth: int,
    modulation: list[str] | None = None,
) -> str:
    """`SentenceNetwork.read`; without a modulation, its biases are part of the weights."""
    dim, pad = sizes.dim, sizes.kernel // 2
    steered = [graph.split(part, depth, 1) for part in modulation[:3]] if modulation else None
    rotation = _rotation(graph, x, dim // sizes.heads // 2) if sizes.heads else None
    for block in range(depth):
        name = f"{key}.blocks.{block}"
        y = graph.depthwise(x, f"{name}.depthwise", dim, sizes.kernel, pad)
        if steered:
            y = graph.scaled_norm(y, steered[0][block], steered[1][block], EPSILON)
        else:
            y = graph.norm(y, f"{name}.norm", dim, EPSILON)
        y = _wide(graph, y, f"{name}.widen", f"{name}.narrow", dim, EXPANSION * dim)
        x = graph.node("Add", x, graph.node("Mul", y, steered[2][block]) if steered else y)
        if rotation:
            x = _attention(graph, x, f"{key}.attention.{block}", dim, sizes.heads, rotation)
    return graph.norm(x, f"{key}.norm", dim, EPSILON)


def _wide(  # noqa: PLR0913
    graph: GraphBuilder,
    x: str,
    widen: str,
    narrow: str,
    dim: int,
    wide: int,
    approximate: str = "tanh",
) -> str:
    """narrow(gelu(widen(x)))"""
    x = graph.node("Gelu", graph.linear(x, widen, dim, wide), approximate=approximate)
    return graph.linear(x, narrow, wide, dim)


def _rotation(graph: GraphBuilder, x: str, half: int) -> tuple[str, str]:
    """Cosine and sine of the rotary angle of each position, `text half`."""
    length = graph.node("Squeeze", graph.node("Shape", x, start=2, end=3))
    zero, one = (graph.constant(value, np.int64) for value in (0, 1))
    place = graph.node("Cast", graph.node("Range", zero, length, one), to=TensorProto.FLOAT)
    speed = np.exp(np.arange(half, dtype=np.float32) * (-np.log(MAX_ROTARY_PERIOD) / half))
    angle = graph.node("Mul", graph.reshape(place, -1, 1), graph.constant(speed))
    return graph.node("Cos", angle), graph.node("Sin", angle)


def _attention(  # noqa: PLR0913
    graph: GraphBuilder, x: str, key: str, dim: int, heads: int, rotation: tuple[str, str]
) -> str:
    """`Attention` of `tts.acoustic.layers`, over all positions."""
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


def _times(  # noqa: PLR0913
    graph: GraphBuilder, key: str, dim: int, depth: int, channels: int, voice_dim: int
) -> tuple[list[str], str]:
    """`Modulation` and `SkipGain`.

    Returns:
        Scale and bias of each block's norm and its gate, `1 depth 1 dim` each; what the state is
        multiplied by, `1 1 1 channels`; and the length of the jump.
    """
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
    return [*shaped, graph.reshape(keep, 1, 1, 1, channels)], span


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

"""The ONNX graphs of the networks, without weights, from the sizes in their configs.

The networks are those of `tts.acoustic` and `tts.vocoder`; names of weights are keys in files, but
for those that `tts.runtime.arrays` combines. Graphs of streamed networks take the columns to the
left of each convolution and give the new ones. At the end of an utterance the columns to the right
are zeros, before it there are none.

`python -m tts.runtime.graphs` writes those of the shipped sizes.
"""

from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from onnx import ModelProto, TensorProto

from tts.checkpoint import read_config, shipped_checkpoint
from tts.config import VOCOS_KERNEL, ModelConfig, VocoderConfig
from tts.network_constants import (
    EPSILON,
    F0_KERNEL,
    F0_LAYERS,
    MAX_LOG_MAGNITUDE,
    MAX_MAGNITUDE,
    MEL_SCALE,
    MEL_SHIFT,
    POSITION_FEATURES,
    VOCODER_EPSILON,
)
from tts.runtime.graph_builder import GraphBuilder
from tts.runtime.graph_files import FOLDER, block_layers, file_name, networks_of
from tts.runtime.graph_layers import Stack, StreamedLayers, jump_modulation, pointwise, sentence

MODULATION = "scale", "bias", "gate"  # of the decoder's blocks


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
    stack = Stack("encoder", sizes.dim, sizes.depth, sizes.kernel, sizes.heads)
    hidden = sentence(graph, x, stack)
    graph.output("hidden", hidden, [1, 1, "text", sizes.dim])
    graph.output("pause", _pause(graph, hidden, config), [1, 1, "text", 1])


def _pause(graph: GraphBuilder, hidden: str, config: ModelConfig) -> str:
    sizes, dim = config.prosody, config.encoder.dim
    if sizes.pause_depth == 0:
        return graph.node("Sigmoid", graph.linear(hidden, "pause", dim, 1))
    x = graph.linear(hidden, "pause.enter", dim, sizes.dim)
    x = sentence(graph, x, Stack("pause", sizes.dim, sizes.pause_depth, sizes.kernel, sizes.heads))
    return graph.node("Sigmoid", graph.linear(x, "pause.leave", sizes.dim, 1))


def _prosody(graph: GraphBuilder, config: ModelConfig) -> None:
    """A jump of the prosody map."""
    sizes, hidden_dim = config.prosody, config.encoder.dim
    stack = Stack("prosody", sizes.dim, sizes.depth, sizes.kernel, sizes.heads)
    hidden = graph.input("hidden", [1, 1, "text", hidden_dim])
    lasts = graph.input("has_duration", [1, 1, "text", 1])
    x = graph.input("x", [1, 1, "text", 3])
    modulation = jump_modulation(graph, stack, 3, config.voice_dim)
    inner = graph.node("Concat", hidden, lasts, x, axis=3)
    inner = graph.linear(inner, "prosody.enter", hidden_dim + 4, sizes.dim)
    inner = sentence(graph, inner, stack, modulation)
    velocity = graph.linear(inner, "prosody.leave", sizes.dim, 3)
    change = graph.node("Mul", velocity, modulation.span)
    y = graph.node("Add", graph.node("Mul", x, modulation.keep), change)
    graph.output("y", y, [1, 1, "text", 3])


def _modulation(graph: GraphBuilder, config: ModelConfig) -> None:
    """What the decoder's blocks and its output are scaled and shifted by in a jump."""
    sizes, bands = config.decoder, config.mel.bands
    stack = Stack("decoder", sizes.dim, sizes.depth, sizes.kernel)
    values = jump_modulation(graph, stack, bands, config.voice_dim)
    for name, value in zip(MODULATION, values.blocks, strict=True):
        graph.output(name, value, [1, sizes.depth, 1, sizes.dim])
    graph.output("keep", values.keep, [1, 1, 1, bands])


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
    modulation = [
        graph.split(graph.input(name, ["batch", sizes.depth, 1, sizes.dim]), sizes.depth, 1)
        for name in MODULATION
    ]
    keep = graph.input("keep", ["batch", 1, 1, bands])
    joined = graph.node("Concat", x, _conditioning(graph, dim, real), real, axis=3)
    width = sizes.patch * (bands + dim + 1)
    inner = graph.linear(graph.reshape(joined, 0, 1, -1, width), "decoder.enter", width, sizes.dim)
    layers = StreamedLayers(graph, sizes.depth, sizes.dim)
    for block in range(sizes.depth):
        key = f"decoder.blocks.{block}"
        joined = layers.join(inner, sizes.kernel)
        y = graph.depthwise(joined, f"{key}.depthwise", sizes.dim, sizes.kernel)
        y = pointwise(graph, y, key, sizes.dim, [part[block] for part in modulation])
        inner = graph.node("Add", graph.middle(joined, sizes.kernel // 2), y)
    inner = graph.norm(inner, "decoder.norm", sizes.dim, EPSILON)
    velocity = graph.linear(inner, "decoder.leave", sizes.dim, sizes.patch * bands)
    change = graph.node("Mul", graph.reshape(velocity, 0, 1, -1, bands), span)
    y = graph.node("Add", graph.node("Mul", late, keep), change)
    graph.output("y", y, ["batch", 1, "late", bands])
    layers.give()


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
    dim, width = config.dim, config.patch * config.mel.bands
    x = graph.input("mel", ["batch", 1, "patches", width])
    first, layers = (
        StreamedLayers(graph, 1, width, "_mel"),
        StreamedLayers(graph, config.depth, dim),
    )
    x = graph.unfold(first.join(x, VOCOS_KERNEL), VOCOS_KERNEL)
    x = graph.linear(x, "backbone.embed", VOCOS_KERNEL * width, dim)
    x = graph.norm(x, "backbone.norm", dim, VOCODER_EPSILON)
    for block in range(config.depth):
        joined = layers.join(x, VOCOS_KERNEL)
        y = _vocoder_block(graph, joined, f"backbone.convnext.{block}", config)
        x = graph.node("Add", graph.middle(joined, VOCOS_KERNEL // 2), y)
    if config.patch > 1:
        x = graph.linear(x, "backbone.unpatch", dim, config.patch * dim)
        x = graph.reshape(x, 0, 1, -1, dim)
    x = graph.norm(x, "backbone.final_layer_norm", dim, VOCODER_EPSILON)
    (_harmonic_head if config.pitch_dim else _fourier_head)(graph, x, config)
    first.give()
    layers.give()


def _vocoder_block(graph: GraphBuilder, x: str, key: str, config: VocoderConfig) -> str:
    dim, inner = config.dim, config.intermediate_dim
    x = graph.depthwise(x, f"{key}.dwconv", dim, VOCOS_KERNEL)
    x = graph.norm(x, f"{key}.norm", dim, VOCODER_EPSILON)
    x = graph.node("Gelu", graph.linear(x, f"{key}.pwconv1", dim, inner))
    return graph.linear(x, f"{key}.pwconv2", inner, dim)


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
    """The F0 predictor, its outputs as double precision, in which phases are integrated.

    Single precision is enough within: octaves are within 1e-6, and as convolutions give the same
    bits wherever a stretch begins, a stream has the phases of the whole.
    """
    bands, dim = config.mel.bands, config.pitch_dim
    x = graph.node("Add", graph.input("mel", [1, 1, "frames", bands]), graph.constant(MEL_SHIFT))
    x = graph.node("Div", x, graph.constant(MEL_SCALE))
    first = StreamedLayers(graph, 1, bands, "_mel")
    layers = StreamedLayers(graph, F0_LAYERS - 1, dim)
    for layer, (inputs, outputs) in enumerate(pairwise([bands, *[dim] * (F0_LAYERS - 1), 2])):
        x = layers.join(graph.node("Gelu", x), F0_KERNEL) if layer else first.join(x, F0_KERNEL)
        x = graph.convolution(x, f"source.pitch.net.{2 * layer}", (outputs, inputs, 1, F0_KERNEL))
    for index, name in enumerate(("octave", "voiced")):
        part = graph.node("Cast", graph.slice(x, index, index + 1, 3), to=TensorProto.DOUBLE)
        graph.output(name, part, [1, 1, "late", 1], TensorProto.DOUBLE)
    first.give()
    layers.give()


def write_graphs(folder: Path) -> None:
    """Write the graphs of the shipped sizes, in float32 and int8, in place of those in a folder."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.onnx"):
        old.unlink()
    for kind in ("acoustic", "vocoder"):
        config = read_config(shipped_checkpoint(kind), kind)
        for network in networks_of(config):
            for layers in ((), block_layers(network, config)):
                model = build(network, config, layers).SerializeToString(deterministic=True)
                (folder / file_name(network, config, layers)).write_bytes(model)


if __name__ == "__main__":
    write_graphs(Path(__file__).parent / FOLDER)

"""ONNX models for whole utterances, with their weights within.

Each one calls networks of `tts.runtime.graphs` once, with zeros beside all layers, and has no axes
of size 1. The calls are written in ONNX's text syntax. There, a node named after a network stands
for all nodes of that network; its inputs and outputs have the network's name before their own.
"""

from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper, parser

from tts.config import VOCOS_KERNEL, ModelConfig, VocoderConfig
from tts.network_constants import F0_KERNEL, F0_LAYERS, POSITION_FEATURES
from tts.runtime.arrays import Scales, Weights, prepare
from tts.runtime.graph_builder import IR_VERSION, OPSET
from tts.runtime.graph_files import networks_of
from tts.runtime.graphs import build


def whole_models(
    config: ModelConfig | VocoderConfig, weights: Weights, scales: Scales
) -> dict[str, ModelProto]:
    """The models of a checkpoint by name: encoder, prosody and decoder, or vocoder and f0.

    Args:
        config: of the acoustic model or of the vocoder.
        weights: in single precision, by their keys in files.
        scales: of the linear layers in int8.
    """
    networks = {name: _network(name, config, weights, scales) for name in networks_of(config)}
    if isinstance(config, ModelConfig):
        calls = {
            "encoder": _encoder(config),
            "prosody": _prosody(config),
            "decoder": _decoder(config),
        }
        embedding = numpy_helper.from_array(weights["encoder.embedding.weight"], "embedding")
        networks["encoder"].graph.initializer.append(embedding)
    else:
        calls = {"vocoder": _vocoder(config)} | ({"f0": _f0(config)} if config.pitch_dim else {})
    return {name: _inlined(text, networks) for name, text in calls.items()}


def _encoder(config: ModelConfig) -> str:
    return f"""encoder
    (int64[symbols] tokens, float[{config.voice_dim}] voice)
    => (float[symbols, {config.encoder.dim}] hidden, float[symbols] pause)
    <int64[1] first = {{0}}, int64[2] axes = {{0, 1}}, int64[3] others = {{0, 1, 3}}>
    {{
        embedded = Gather(embedding, tokens)
        encoder_embedded = Unsqueeze(embedded, axes)
        encoder_voice = Unsqueeze(voice, first)
        encoder_hidden, encoder_pause = encoder(encoder_embedded, encoder_voice)
        hidden = Squeeze(encoder_hidden, axes)
        pause = Squeeze(encoder_pause, others)
    }}"""


def _prosody(config: ModelConfig) -> str:
    return f"""prosody
    (float[symbols, {config.encoder.dim}] hidden, bool[symbols] has_duration,
     float[symbols, 3] x, float[{config.voice_dim}] voice, float s, float t)
    => (float[symbols, 3] y)
    <int64[1] first = {{0}}, int64[2] axes = {{0, 1}}, int64[3] others = {{0, 1, 3}}>
    {{
        prosody_hidden = Unsqueeze(hidden, axes)
        number = Cast<to = {TensorProto.FLOAT}>(has_duration)
        prosody_has_duration = Unsqueeze(number, others)
        prosody_x = Unsqueeze(x, axes)
        prosody_voice = Unsqueeze(voice, first)
        prosody_s = Unsqueeze(s, axes)
        prosody_t = Unsqueeze(t, axes)
        prosody_y = prosody(prosody_hidden, prosody_has_duration, prosody_x, prosody_voice,
                            prosody_s, prosody_t)
        y = Squeeze(prosody_y, axes)
    }}"""


def _decoder(config: ModelConfig) -> str:
    sizes, bands = config.decoder, config.mel.bands
    padded = "".join(
        f"""
        padded_{name} = Pad(frame_{name}, pads)
        decoder_{name} = Unsqueeze(padded_{name}, axes)"""
        for name in ("x", "hidden", "prosody", "position", "real")
    )
    modulation = "".join(
        f"""
        decoder_{name} = Identity(modulation_{name})"""
        for name in ("scale", "bias", "gate", "keep")
    )
    return f"""decoder
    (float[symbols, {config.encoder.dim}] hidden, float[symbols, 3] prosody, int64[frames] token,
     float[frames, {POSITION_FEATURES}] position, float[frames, {bands}] x,
     float[{config.voice_dim}] voice, float s, float t)
    => (float[frames, {bands}] y)
    <int64[1] zero = {{0}}, int64[1] one = {{1}}, int64[1] three = {{3}},
     int64[1] patch = {{{sizes.patch}}}, int64[2] axes = {{0, 1}}, int64[4] all = {{0, 1, 2, 3}},
     float[1, 1] exists = {{1}}>
    {{
        modulation_voice = Unsqueeze(voice, zero)
        modulation_s = Unsqueeze(s, axes)
        modulation_t = Unsqueeze(t, axes)
        modulation_scale, modulation_bias, modulation_gate, modulation_keep =
            modulation(modulation_voice, modulation_s, modulation_t)
        span = Sub(t, s)
        decoder_span = Unsqueeze(span, all){modulation}
        {_pads("x")}
        frame_x = Identity(x)
        frame_hidden = Gather(hidden, token)
        melody = Slice(prosody, one, three, one)
        frame_prosody = Gather(melody, token)
        frame_position = Identity(position)
        column = Concat<axis = 0>(frames, one)
        frame_real = Expand(exists, column)
        {padded}
        decoder_late = Identity(decoder_x)
        {_zeros("decoder_left", sizes.depth, sizes.kernel // 2, sizes.dim)}
        {_zeros("decoder_right", 1, sizes.kernel // 2, sizes.dim)}
        decoder_y = decoder(decoder_x, decoder_late, decoder_real, decoder_span, decoder_scale,
            decoder_bias, decoder_gate, decoder_keep, decoder_hidden, decoder_prosody,
            decoder_position, decoder_left, decoder_right)
        all_y = Squeeze(decoder_y, axes)
        y = Slice(all_y, zero, frames, zero)
    }}"""


def _vocoder(config: VocoderConfig) -> str:
    bands, bins, reach = config.mel.bands, config.mel.n_fft // 2 + 1, VOCOS_KERNEL // 2
    width = config.patch * bands
    names = ["real", "imaginary"] + ["noise_gain"] * (config.pitch_dim > 0)
    outputs = ", ".join(f"float[frames, {bins}] {name}" for name in names)
    given = "".join(
        f"""
        all_{name} = Squeeze(vocoder_{name}, axes)
        {name} = Slice(all_{name}, zero, frames, zero)"""
        for name in names
    )
    return f"""vocoder
    (float[frames, {bands}] mel) => ({outputs})
    <int64[1] zero = {{0}}, int64[1] patch = {{{config.patch}}}, int64[2] axes = {{0, 1}},
     int64[4] patches = {{1, 1, -1, {width}}}>
    {{
        {_pads("mel")}
        padded = Pad(mel, pads)
        vocoder_mel = Reshape(padded, patches)
        vocoder_late = Unsqueeze(padded, axes)
        {_zeros("vocoder_left_mel", 1, reach, width)}
        {_zeros("vocoder_right_mel", 1, reach, width)}
        {_zeros("vocoder_left", config.depth, reach, config.dim)}
        {_zeros("vocoder_right", 1, reach, config.dim)}
        {", ".join(f"vocoder_{name}" for name in names)} = vocoder(vocoder_mel, vocoder_late,
            vocoder_left_mel, vocoder_right_mel, vocoder_left, vocoder_right)
        {given}
    }}"""


def _f0(config: VocoderConfig) -> str:
    bands, dim, reach = config.mel.bands, config.pitch_dim, F0_KERNEL // 2
    return f"""f0
    (float[frames, {bands}] mel) => (double[frames] octave, double[frames] voiced)
    <int64[2] axes = {{0, 1}}, int64[3] others = {{0, 1, 3}}>
    {{
        f0_mel = Unsqueeze(mel, axes)
        {_zeros("f0_left_mel", 1, reach, bands)}
        {_zeros("f0_right_mel", 1, reach, bands)}
        {_zeros("f0_left", F0_LAYERS - 1, reach, dim)}
        {_zeros("f0_right", 1, reach, dim)}
        f0_octave, f0_voiced = f0(f0_mel, f0_left_mel, f0_right_mel, f0_left, f0_right)
        octave = Squeeze(f0_octave, others)
        voiced = Squeeze(f0_voiced, others)
    }}"""


def _pads(x: str) -> str:
    """Zeros after the frames of `x`, up to whole patches; Mod has the sign of its divisor."""
    return f"""frames = Shape<start = 0, end = 1>({x})
        negative = Neg(frames)
        missing = Mod(negative, patch)
        pads = Concat<axis = 0>(zero, zero, missing, zero)"""


def _zeros(name: str, layers: int, columns: int, dim: int) -> str:
    return f"""{name}_shape = Constant<value_ints = [1, {layers}, {columns}, {dim}]>()
        {name} = ConstantOfShape<value = float[1] {{0}}>({name}_shape)"""


def _network(
    name: str, config: ModelConfig | VocoderConfig, weights: Weights, scales: Scales
) -> ModelProto:
    """A streamed network with its weights; names other than those of weights begin with its own."""
    arrays = prepare(name, config, weights, scales)
    model = build(name, config, [key for key in scales if f"{key}.weight" in arrays])
    for tensor in model.graph.initializer:
        if tensor.name in arrays:
            tensor.CopyFrom(numpy_helper.from_array(arrays[tensor.name], tensor.name))
        else:
            tensor.name = f"{name}_{tensor.name}"
    for node in model.graph.node:
        node.input[:] = [each if each in arrays else f"{name}_{each}" for each in node.input]
        node.output[:] = [f"{name}_{each}" for each in node.output]
    return model


def _inlined(text: str, networks: dict[str, ModelProto]) -> ModelProto:
    """The model of a text, with the nodes of networks where it calls them."""
    graph = parser.parse_graph(text)
    nodes, tensors = [], list(graph.initializer)
    for node in graph.node:
        if node.op_type in networks:
            nodes += networks[node.op_type].graph.node
            tensors += networks[node.op_type].graph.initializer
        else:
            nodes.append(node)
    nodes = _needed(nodes, {output.name for output in graph.output})
    used = {name for node in nodes for name in node.input}
    tensors = [tensor for tensor in tensors if tensor.name in used]
    whole = helper.make_graph(nodes, graph.name, graph.input, graph.output, tensors)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(whole, opset_imports=[opset], ir_version=IR_VERSION)


def _needed(nodes: list[NodeProto], outputs: set[str]) -> list[NodeProto]:
    """The nodes that outputs depend on, in their order; nothing follows an utterance."""
    kept, needed = [], set(outputs)
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    return kept[::-1]

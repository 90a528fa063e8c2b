"""The names and shapes of the weights in a checkpoint, from its config.

Names are those of `tts.tensor_names`. A file is compared with them before memory is allocated.
"""

from collections.abc import Iterator
from itertools import pairwise

from tts.config import (
    VOCOS_KERNEL,
    DecoderConfig,
    EncoderConfig,
    ModelConfig,
    ProsodyConfig,
    VocoderConfig,
)
from tts.network_constants import (
    EXPANSION,
    F0_KERNEL,
    F0_LAYERS,
    POSITION_FEATURES,
    TIME_EMBEDDING_DIM,
)

Shape = tuple[int, ...]
Shapes = Iterator[tuple[str, Shape]]


def weight_shapes(config: ModelConfig | VocoderConfig) -> dict[str, Shape]:
    """The shape of each weight of a model, by its name in files.

    Example:
        >>> from tts.config import VocoderConfig
        >>> weight_shapes(VocoderConfig(dim=256))["backbone.norm.weight"]
        (256,)
    """
    return dict(_acoustic(config) if isinstance(config, ModelConfig) else _vocoder(config))


def _acoustic(config: ModelConfig) -> Shapes:
    voices, dim, bands = len(config.voices), config.encoder.dim, config.mel.bands
    yield from {
        "voices.weight": (voices, config.voice_dim),
        "pitch": (voices, 2),
        "loudest": (voices,),
        "mel_mean": (),
        "mel_deviation": (),
        "prosody_mean": (3,),
        "prosody_deviation": (3,),
        "encoder.embedding.weight": (len(config.symbols) + 1, dim),
    }.items()
    yield from _linear("encoder.voice", config.voice_dim, dim)
    yield from _sentence("encoder", config.encoder, config.encoder.depth)
    if config.prosody.pause_depth:
        yield from _linear("pause.enter", dim, config.prosody.dim)
        yield from _sentence("pause", config.prosody, config.prosody.pause_depth)
        yield from _linear("pause.leave", config.prosody.dim, 1)
    else:
        yield from _linear("pause", dim, 1)
    yield from _flow_map("prosody", config.prosody.dim, config.voice_dim, (dim + 4, 3, 3))
    yield from _sentence("prosody", config.prosody, config.prosody.depth)
    yield from _linear("melody", 2, dim)
    yield from _linear("shape.0", dim + POSITION_FEATURES, dim)
    yield from _linear("shape.2", dim, dim)
    yield from _linear("mean", dim, bands)
    decoder = config.decoder
    sizes = decoder.patch * (2 * bands + dim), decoder.patch * bands, bands
    yield from _flow_map("decoder", decoder.dim, config.voice_dim, sizes)
    yield from _blocks("decoder", decoder, decoder.depth)
    yield from _norm("decoder.norm", decoder.dim)


def _flow_map(name: str, dim: int, voice_dim: int, sizes: tuple[int, int, int]) -> Shapes:
    """The weights around the blocks; `sizes` are channels of input, output and state."""
    inputs, outputs, state = sizes
    yield from _linear(f"{name}.enter", inputs, dim)
    yield from _linear(f"{name}.leave", dim, outputs)
    yield from _linear(f"{name}.carry.gain", 3 * dim, state)
    for time in ("start", "interval"):
        yield from _linear(f"{name}.modulation.{time}.0", TIME_EMBEDDING_DIM, dim)
        yield from _linear(f"{name}.modulation.{time}.2", dim, dim)
    yield from _linear(f"{name}.modulation.voice", voice_dim, dim)
    yield from _linear(f"{name}.modulation.out", dim, 3 * dim)


def _sentence(name: str, config: EncoderConfig | ProsodyConfig, depth: int) -> Shapes:
    dim = config.dim
    yield from _blocks(name, config, depth)
    for attention in (f"{name}.attention.{index}" for index in range(depth if config.heads else 0)):
        yield from _norm(f"{attention}.norm", dim)
        yield from _linear(f"{attention}.query_key_value", dim, 3 * dim)
        yield from _linear(f"{attention}.out", dim, dim)
    yield from _norm(f"{name}.norm", dim)


def _blocks(name: str, config: EncoderConfig | ProsodyConfig | DecoderConfig, depth: int) -> Shapes:
    dim = config.dim
    for block in (f"{name}.blocks.{index}" for index in range(depth)):
        yield f"{block}.steer", (3, dim)
        yield from _convolution(f"{block}.depthwise", (dim, 1, config.kernel))
        yield from _norm(f"{block}.norm", dim)
        yield from _linear(f"{block}.widen", dim, EXPANSION * dim)
        yield from _linear(f"{block}.narrow", EXPANSION * dim, dim)


def _vocoder(config: VocoderConfig) -> Shapes:
    dim, inner, bands = config.dim, config.intermediate_dim, config.mel.bands
    bins = config.mel.n_fft // 2 + 1
    yield from _convolution("backbone.embed", (dim, config.patch * bands, VOCOS_KERNEL))
    yield from _norm("backbone.norm", dim)
    for block in (f"backbone.convnext.{index}" for index in range(config.depth)):
        yield f"{block}.gamma", (dim,)
        yield from _convolution(f"{block}.dwconv", (dim, 1, VOCOS_KERNEL))
        yield from _norm(f"{block}.norm", dim)
        yield from _linear(f"{block}.pwconv1", dim, inner)
        yield from _linear(f"{block}.pwconv2", inner, dim)
    if config.patch > 1:
        yield from _linear("backbone.unpatch", dim, config.patch * dim)
    yield from _norm("backbone.final_layer_norm", dim)
    if not config.pitch_dim:
        yield from _linear("head.out", dim, 2 * bins)
        yield "head.istft.window", (config.mel.n_fft,)
        return
    yield from _linear("head.out", dim, 3 * bins)
    sizes = [bands, *[config.pitch_dim] * (F0_LAYERS - 1), 2]
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        yield from _convolution(f"source.pitch.net.{2 * index}", (outputs, inputs, F0_KERNEL))


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    yield from _convolution(name, (outputs, inputs))


def _convolution(name: str, shape: Shape) -> Shapes:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def _norm(name: str, dim: int) -> Shapes:
    yield from _convolution(name, (dim,))

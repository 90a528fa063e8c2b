"""The arithmetic of this project's networks, counted from their configurations.

Two operations for each multiplication by a weight and its addition. What is left out is a few per
cent: norms, activations, the source and the inverse transform.
"""

from itertools import pairwise

from tts.config import VOCOS_KERNEL, ModelConfig, VocoderConfig
from tts.network_constants import EXPANSION, F0_KERNEL, F0_LAYERS, POSITION_FEATURES

PROSODY_STATE = 3  # length, pitch and energy of a symbol
SYMBOLS_PER_SECOND = 14.0  # of our speech at pace 1, about


def per_second(config: ModelConfig, vocoder: VocoderConfig, steps: int) -> float:
    """Operations for a second of sound, without the attention between symbols."""
    frames = config.mel.sample_rate / config.mel.hop
    of_frame = decoder(config, steps) + backbone(vocoder) + f0_predictor(vocoder)
    return frames * of_frame + SYMBOLS_PER_SECOND * sentence(config, steps)


def decoder(config: ModelConfig, steps: int) -> float:
    """For a frame: its conditioning, and the decoder at each step."""
    dim, bands, sizes = config.encoder.dim, config.mel.bands, config.decoder
    conditioning = 2 * ((dim + POSITION_FEATURES) * dim + dim * dim + dim * bands)
    ends = 2 * sizes.patch * sizes.dim * (bands + dim + bands + bands)
    blocks = sizes.depth * _block(sizes.dim, EXPANSION * sizes.dim, sizes.kernel)
    return conditioning + steps * (ends + blocks) / sizes.patch


def backbone(config: VocoderConfig) -> float:
    """For a frame: the vocoder's backbone and head."""
    bands, bins = config.mel.bands, config.mel.n_fft // 2 + 1
    embed = 2 * VOCOS_KERNEL * config.patch * bands * config.dim
    blocks = config.depth * _block(config.dim, config.intermediate_dim, VOCOS_KERNEL)
    unpatch = 2 * config.patch * config.dim**2 if config.patch > 1 else 0
    if config.pitch_dim:
        head = 2 * 3 * bins * config.dim + 2 * bands * bins  # and the level of each bin
    else:
        head = 2 * 2 * bins * config.dim
    return (embed + blocks + unpatch) / config.patch + head


def f0_predictor(config: VocoderConfig) -> float:
    """For a frame."""
    sizes = [config.mel.bands, *[config.pitch_dim] * (F0_LAYERS - 1), 2]
    return sum(2 * F0_KERNEL * before * after for before, after in pairwise(sizes))


def sentence(config: ModelConfig, steps: int) -> float:
    """For a symbol: the encoder, the pauses, and the prosody at each step."""
    dim, prosody = config.encoder.dim, config.prosody
    encoder = config.encoder.depth * _attended(dim, config.encoder.kernel, config.encoder.heads)
    block = _attended(prosody.dim, prosody.kernel, prosody.heads)
    ends = 2 * prosody.dim * (dim + 1 + 2 * PROSODY_STATE)
    if prosody.pause_depth:
        pauses = 2 * dim * prosody.dim + prosody.pause_depth * block + 2 * prosody.dim
    else:
        pauses = 2 * dim
    jump = ends + prosody.depth * block
    return encoder + pauses + steps * jump + 2 * 2 * dim  # and the embedding of its prosody


def _attended(dim: int, kernel: int, heads: int) -> float:
    projections = 2 * 4 * dim**2 if heads else 0  # queries, keys, values and their sum
    return _block(dim, EXPANSION * dim, kernel) + projections


def _block(dim: int, inner: int, kernel: int) -> float:
    return 2 * dim * kernel + 2 * 2 * dim * inner

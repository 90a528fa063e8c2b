"""Small voice files for the tiny models of the tests."""

import numpy as np

from tts.config import VocoderConfig
from tts.model_family import model_family, weights_hash
from tts.voice_files import VoiceCard, VoiceFile
from tts.weight_shapes import weight_shapes

VOCODER = VocoderConfig(dim=16, intermediate_dim=32, depth=2)  # of `tiny_vocoder`
CHANGED = {
    "acoustic": ("mean.bias", "decoder.modulation.voice.weight", "encoder.norm.weight"),
    "vocoder": ("head.out.bias",),
}


def card(name="anna", **entries):
    hashes = {"acoustic_hash": "a" * 64, "vocoder_hash": "b" * 64}
    return VoiceCard(**{"name": name, "family": "tiny", **hashes, **entries})


def card_for(acoustic, vocoder, name="anna", **entries):
    """The card of a voice that belongs to the models of two checkpoints."""
    hashes = {"acoustic_hash": weights_hash(acoustic), "vocoder_hash": weights_hash(vocoder)}
    return card(name, family=model_family(acoustic), **hashes, **entries)


def voice_file(config, seed=0, scale=0.05, **fields):
    """A voice with random differences of some weights of both models, in half precision."""
    chance = np.random.default_rng(seed)
    parts = {
        part: {
            name: half(chance.normal(0, scale, weight_shapes(sizes)[name]))
            for name in CHANGED[part]
        }
        for part, sizes in (("acoustic", config), ("vocoder", VOCODER))
    }
    given = {
        "card": card(),
        "vector": chance.normal(0, 1, config.voice_dim).astype(np.float32),
        "pitch": np.float32([5 + chance.random(), 0.2 + 0.1 * chance.random()]),
        "peak_level": -20.5,
    }
    return VoiceFile(**{**given, **parts, **fields})


def half(values):
    return np.asarray(values, np.float16).astype(np.float32)

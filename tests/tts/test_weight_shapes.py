from dataclasses import replace

import pytest

from tts.acoustic.model import AcousticModel
from tts.config import VocoderConfig
from tts.vocoder.model import Vocoder
from tts.weight_shapes import weight_shapes


def shapes_of(model):
    return {name: tuple(weight.shape) for name, weight in model.state_dict().items()}


@pytest.mark.parametrize("heads", [0, 2])
@pytest.mark.parametrize("pause_depth", [0, 2])
@pytest.mark.parametrize("patch", [1, 3])
def test_an_acoustic_model_has_these_weights(tiny_config, heads, pause_depth, patch):
    config = replace(
        tiny_config,
        encoder=replace(tiny_config.encoder, heads=heads),
        prosody=replace(tiny_config.prosody, heads=heads, pause_depth=pause_depth),
        decoder=replace(tiny_config.decoder, patch=patch, kernel=5),
    )
    assert weight_shapes(config) == shapes_of(AcousticModel(config))


@pytest.mark.parametrize("pitch_dim", [0, 8])
@pytest.mark.parametrize("patch", [1, 2])
def test_a_vocoder_has_these_weights(pitch_dim, patch):
    config = VocoderConfig(dim=16, intermediate_dim=24, depth=2, patch=patch, pitch_dim=pitch_dim)
    assert weight_shapes(config) == shapes_of(Vocoder(config))

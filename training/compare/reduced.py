"""The reduced model of the comparison: the shipped encoder with a small mel decoder."""

from dataclasses import replace

import torch

from tts.acoustic.model import AcousticModel
from tts.config import DecoderConfig

# A quarter of the arithmetic of the shipped decoder (320 wide, 8 blocks): 1.4 million weights.
SMALL = DecoderConfig(dim=192, depth=4)
DECODER = "decoder."


def reduce_model(model: AcousticModel, decoder: DecoderConfig = SMALL) -> AcousticModel:
    """The same model with a new mel decoder of random weights.

    Args:
        model: gives text encoder, prosody map, conditioning and statistics.
        decoder: sizes of the new mel decoder.

    Returns:
        A model in evaluation mode; its decoder is the same each time.
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        reduced = AcousticModel(replace(model.config, decoder=decoder))
    kept = {k: v for k, v in model.state_dict().items() if not k.startswith(DECODER)}
    reduced.load_state_dict(kept, strict=False)
    return reduced.eval()

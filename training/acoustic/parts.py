"""Parts of an acoustic model that a run may train alone, by the keys of weights in checkpoints."""

from collections.abc import Collection

from torch import nn

from tts.acoustic.model import AcousticModel

# What a new voice trains: vectors of voices, norms, everything that modulates the blocks, the
# expected mel, the gains of the state, and what pitch and energy add. 836,000 of 8 million weights.
VOICE_PARTS = ("voices", "voice", "norm", "modulation", "steer", "mean", "carry", "melody")


def train_parts(model: AcousticModel, parts: Collection[str]) -> None:
    """Freeze all weights but those with one of the parts in their key, such as `norm`.

    Raises:
        ValueError: a part is in no key.
    """
    weights = {
        key: weight
        for key, weight in model.state_dict(keep_vars=True).items()
        if isinstance(weight, nn.Parameter)
    }
    known = {part for key in weights for part in key.split(".")}
    if unknown := sorted(set(parts) - known):
        raise ValueError(f"unknown part {unknown[0]!r}; parts: {', '.join(sorted(known))}")
    for key, weight in weights.items():
        weight.requires_grad_(not set(parts).isdisjoint(key.split(".")))

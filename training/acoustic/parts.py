"""Parts of an acoustic model that a run may train alone, by the keys of weights in checkpoints."""

from collections.abc import Collection

from torch import nn

from tts.acoustic.model import AcousticModel

# What a new voice trains: vectors of voices, all biases and norms, everything that modulates the
# blocks, depthwise kernels, the layers around the blocks, the expected mel, the gains of the state,
# and what position, pitch and energy add. 1.3 of 8.2 million weights, 2.5 MB in half precision.
VOICE_PARTS = (
    "voices",
    "voice",
    "bias",
    "norm",
    "modulation",
    "steer",
    "depthwise",
    "enter",
    "leave",
    "shape",
    "mean",
    "carry",
    "melody",
)


def train_parts(model: AcousticModel, parts: Collection[str]) -> None:
    """Freeze all weights but those with one of the parts in their key.

    Args:
        model: whose weights are frozen or not.
        parts: such as `norm`, or several names of a key in a row, such as `prosody.attention`.

    Raises:
        ValueError: a part is in no key.
    """
    weights = {
        key: weight
        for key, weight in model.state_dict(keep_vars=True).items()
        if isinstance(weight, nn.Parameter)
    }
    for part in parts:
        if not any(_has(key, part) for key in weights):
            known = sorted({name for key in weights for name in key.split(".")})
            raise ValueError(f"unknown part {part!r}; parts: {', '.join(known)}")
    for key, weight in weights.items():
        weight.requires_grad_(any(_has(key, part) for part in parts))


def _has(key: str, part: str) -> bool:
    return f".{part}." in f".{key}."

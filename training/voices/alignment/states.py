"""The states that a voice passes through when it says a text, by the acoustic model's mean head."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tts.acoustic.durations import (
    EDGE_FRAMES,
    LOG_LENGTH_SCALE,
    MAX_EDGE_DISTANCE,
    PAUSE_SYMBOLS,
)
from tts.acoustic.model import AcousticModel
from tts.acoustic.prosody import LENGTH
from tts.text.pronounce.symbols import END, START, STRESS, PhonemeTokenizer

STATES = 3  # of a symbol: its first, middle and last third
SHARES = tuple((2 * state + 1) / (2 * STATES) for state in range(STATES))
MIN_LENGTH, MAX_LENGTH = 1.0, 60.0  # frames that are expected of a phone; chosen by hand
PAUSE_LENGTH = 10.0  # frames of a pause, for the position features; chosen by hand


@dataclass(frozen=True, kw_only=True, slots=True)
class SymbolStates:
    """What the acoustic model expects of each symbol of an utterance.

    Args:
        symbols: from `START` to `END`.
        means: expected normalised mel of each state.
        lengths: expected frames.
        pause: probability that the symbol lasts, if it is a space or punctuation.
    """

    symbols: str
    means: Float[np.ndarray, "text states mels"]
    lengths: Float[np.ndarray, " text"]
    pause: Float[np.ndarray, " text"]


def is_silence(symbols: str) -> Bool[np.ndarray, " text"]:
    """Which symbols are silence if they last: pauses, and both ends of an utterance."""
    return np.array([symbol in PAUSE_SYMBOLS + START + END for symbol in symbols])


@torch.no_grad()
def symbol_states(
    model: AcousticModel, symbols: str, voice: Float[np.ndarray, " voice"]
) -> SymbolStates:
    """The states of an utterance in a voice; `voice` is a row of `model.voices.weight` or a mean.

    Prosody is the model's, in one step from noise 0, which is close to its mean.
    """
    tokens = torch.tensor([PhonemeTokenizer(inventory=model.config.symbols).encode(symbols)])
    mask, vector = tokens > 0, torch.from_numpy(voice)[None].float()
    hidden = model.encoder(tokens, vector, mask)
    pause = model.pauses(hidden, mask)
    silent = torch.tensor([[symbol in PAUSE_SYMBOLS for symbol in symbols]])
    stress = torch.tensor([[symbol in STRESS for symbol in symbols]])
    lasting = torch.where(silent, pause > 0.5, ~stress)
    noise = torch.zeros(1, len(symbols), 3)
    prosody = model.prosody_map(hidden, lasting, vector, mask).sample(noise, 1)
    log_length = prosody[..., LENGTH] * model.prosody_deviation[LENGTH]
    lengths = (log_length + model.prosody_mean[LENGTH]).exp().clamp(MIN_LENGTH, MAX_LENGTH)
    lengths = torch.where(lasting, lengths, PAUSE_LENGTH)
    tokens_with_prosody = model.embed_prosody(hidden, prosody)
    bands = model.config.mel.bands
    means = [
        model.condition_frames(tokens_with_prosody, _position(lengths, share))[0, :, :bands]
        for share in SHARES
    ]
    return SymbolStates(
        symbols=symbols,
        means=torch.stack(means, dim=1).numpy(),
        lengths=lengths[0].double().numpy(),
        pause=pause[0].double().numpy(),
    )


def _position(
    lengths: Float[Tensor, "batch text"], share: float
) -> Float[Tensor, "batch text features"]:
    """The position features (`tts.acoustic.alignment`) of a frame at a share of each symbol."""
    since = (share * lengths - 0.5).clamp(min=0)
    near = torch.stack([since, (lengths - 1 - since).clamp(min=0)], dim=2) / EDGE_FRAMES
    far = [torch.full_like(lengths, share), lengths.log() / LOG_LENGTH_SCALE]
    return torch.cat([torch.stack(far, dim=2), near.clamp(0, MAX_EDGE_DISTANCE)], dim=2)

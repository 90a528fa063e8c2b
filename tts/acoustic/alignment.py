"""From symbols to frames in torch, for training: `tts.acoustic.durations` speaks with numpy.

A frame is one column of the mel-spectrogram, `hop / sample_rate` seconds (10.7 ms). Durations are
whole frames, 0 for a symbol that has no sound. Frame numbers count from the start of an utterance,
so any stretch of it can be computed alone.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tts.acoustic.durations import EDGE_FRAMES, LOG_LENGTH_SCALE, MAX_EDGE_DISTANCE


def token_at(
    durations: Int[Tensor, "batch text"], frames: Int[Tensor, "batch frames"]
) -> Int[Tensor, "batch frames"]:
    """The index of the token that each frame belongs to; past the end, the number of tokens."""
    return torch.searchsorted(durations.cumsum(dim=1), frames.contiguous(), right=True)


def regulate_length(
    hidden: Float[Tensor, "batch text dim"],
    durations: Int[Tensor, "batch text"],
    frames: Int[Tensor, "batch frames"],
) -> Float[Tensor, "batch frames dim"]:
    """Repeat each token's vector for as many frames as it lasts; frames past the end are zero.

    The length regulator of FastSpeech (arXiv 1905.09263, section 3.2).
    """
    token = token_at(durations, frames)
    last = hidden.shape[1] - 1
    held = torch.take_along_dim(hidden, token.clamp(max=last)[..., None], dim=1)
    return held * (token <= last)[..., None]


def position_features(
    durations: Int[Tensor, "batch text"], frames: Int[Tensor, "batch frames"]
) -> Float[Tensor, "batch frames features"]:
    """Where in its token each frame lies.

    Returns:
        Four features a frame: the share of the token that has passed (0 to 1, at the middle of the
        frame), the logarithm of the token's frames over `LOG_LENGTH_SCALE`, and the frames since
        its start and until its end, over `EDGE_FRAMES` and at most `MAX_EDGE_DISTANCE`.
    """
    token = token_at(durations, frames).clamp(max=durations.shape[1] - 1)
    length = durations.gather(1, token)
    since = frames - (durations.cumsum(dim=1) - durations).gather(1, token)
    until = length - 1 - since
    share = (since + 0.5) / length.clamp(min=1)
    log_length = length.clamp(min=1).log() / LOG_LENGTH_SCALE
    near = (torch.stack([since, until], dim=2) / EDGE_FRAMES).clamp(0, MAX_EDGE_DISTANCE)
    return torch.cat([torch.stack([share, log_length], dim=2), near], dim=2)


def sequence_mask(
    lengths: Int[Tensor, " batch"], positions: Int[Tensor, "batch time"]
) -> Bool[Tensor, "batch time"]:
    """True at each position from 0 to before the item's end."""
    return (positions >= 0) & (positions < lengths[:, None])

"""From the rate of phones to the rate of frames."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

POSITION_FEATURES = 4


def token_at(
    durations: Int[Tensor, "batch text"], frames: Int[Tensor, "batch frames"]
) -> Int[Tensor, "batch frames"]:
    """Which token each frame belongs to; past the end, one more than the last."""
    return torch.searchsorted(durations.cumsum(dim=1), frames.contiguous(), right=True)


def regulate_length(
    hidden: Float[Tensor, "batch text dim"],
    durations: Int[Tensor, "batch text"],
    frames: Int[Tensor, "batch frames"],
) -> Float[Tensor, "batch frames dim"]:
    """Hold each token's vector for as many frames as it lasts; past the end stand zeros."""
    token = token_at(durations, frames)
    last = hidden.shape[1] - 1
    held = torch.take_along_dim(hidden, token.clamp(max=last)[..., None], dim=1)
    return held * (token <= last)[..., None]


def position_features(
    durations: Int[Tensor, "batch text"], frames: Int[Tensor, "batch frames"]
) -> Float[Tensor, "batch frames features"]:
    """Where in its token each frame is: the share passed, log length, frames since and until."""
    token = token_at(durations, frames).clamp(max=durations.shape[1] - 1)
    length = durations.gather(1, token)
    since = frames - (durations.cumsum(dim=1) - durations).gather(1, token)
    until = length - 1 - since
    share = (since + 0.5) / length.clamp(min=1)
    near = (torch.stack([since, until], dim=2) / 10).clamp(0, 2)
    return torch.cat([torch.stack([share, length.clamp(min=1).log() / 3], dim=2), near], dim=2)


def sequence_mask(
    lengths: Int[Tensor, " batch"], positions: Int[Tensor, "batch time"]
) -> Bool[Tensor, "batch time"]:
    """True at each position before the item's end."""
    return (positions >= 0) & (positions < lengths[:, None])

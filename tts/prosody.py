"""The network inside the prosody map: rhythm, melody and energy of each phone.

Its state is three numbers a symbol, each normalised: the logarithm of its length in frames, its
pitch (log-F0 over the voice's own mean and deviation), its energy (mean level in dB).
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.config import ProsodyConfig
from tts.layers import Attention, ConvNeXt, Modulation

State = Float[Tensor, "batch text 3"]
LENGTH, PITCH, ENERGY = range(3)


class ProsodyNetwork(nn.Module):
    """The average velocity of a jump, for every symbol of a sentence at once."""

    def __init__(self, config: ProsodyConfig, hidden_dim: int, voice_dim: int) -> None:
        super().__init__()
        self.enter = nn.Linear(hidden_dim + 4, config.dim)
        self.modulation = Modulation(config.dim, voice_dim)
        self.attention = nn.ModuleList(
            Attention(config.dim, config.heads) for _ in range(config.depth)
        )
        self.blocks = nn.ModuleList(
            ConvNeXt(config.dim, config.kernel) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.dim)
        self.leave = nn.Linear(config.dim, 3)

    def forward(
        self,
        hidden: Float[Tensor, "batch text dim"],
        lasting: Bool[Tensor, "batch text"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch text"],
        x: State,
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> State:
        modulation = self.modulation(voice, s, t)
        inner = self.enter(torch.cat([hidden, lasting[..., None].to(hidden), x.to(hidden)], dim=2))
        for block, attention in zip(self.blocks, self.attention, strict=True):
            inner = attention(block(inner, mask, modulation), mask)
        return self.leave(self.norm(inner)).to(x.dtype)

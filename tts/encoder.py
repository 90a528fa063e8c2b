"""Tokens to hidden vectors."""

from itertools import zip_longest

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.config import EncoderConfig
from tts.layers import Attention, ConvNeXt


class Encoder(nn.Module):
    """Each symbol with its neighbours and the speaker; with attention, with the whole sentence."""

    def __init__(self, config: EncoderConfig, symbols: int, voice_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols + 1, config.dim)
        self.voice = nn.Linear(voice_dim, config.dim)
        self.attention = nn.ModuleList(
            Attention(config.dim, config.heads) for _ in range(config.depth) if config.heads
        )
        self.blocks = nn.ModuleList(
            ConvNeXt(config.dim, config.kernel, dropout=config.dropout) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.dim)

    def forward(
        self,
        tokens: Int[Tensor, "batch text"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch text"],
    ) -> Float[Tensor, "batch text dim"]:
        x = self.embedding(tokens) + self.voice(voice)[:, None]
        for block, attention in zip_longest(self.blocks, self.attention):
            x = block(x, mask)
            x = attention(x, mask) if attention else x
        return self.norm(x)

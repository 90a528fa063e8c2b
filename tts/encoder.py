"""Tokens to hidden vectors: the one place that sees the whole sentence as text."""

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.config import EncoderConfig
from tts.layers import Attention, ConvNeXt


class Encoder(nn.Module):
    """Each symbol, told of its neighbours, of the sentence and of who speaks."""

    def __init__(self, config: EncoderConfig, symbols: int, voice_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols + 1, config.dim)
        self.voice = nn.Linear(voice_dim, config.dim)
        self.attention = nn.ModuleList(
            Attention(config.dim, config.heads) for _ in range(config.depth)
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
        for block, attention in zip(self.blocks, self.attention, strict=True):
            x = attention(block(x, mask), mask)
        return self.norm(x)

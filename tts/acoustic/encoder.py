"""Tokens to hidden vectors."""

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.acoustic.layers import SentenceNetwork
from tts.config import EncoderConfig


class TextEncoder(SentenceNetwork):
    """Each symbol with its neighbours and the speaker; with attention, with the whole sentence."""

    def __init__(self, config: EncoderConfig, symbols: int, voice_dim: int) -> None:
        super().__init__(config, config.depth, dropout=config.dropout)
        self.embedding = nn.Embedding(symbols + 1, config.dim)
        self.voice = nn.Linear(voice_dim, config.dim)

    def forward(
        self,
        tokens: Int[Tensor, "batch text"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch text"],
    ) -> Float[Tensor, "batch text dim"]:
        x = self.embedding(tokens) + self.voice(voice)[:, None]
        return self.read(x, mask)

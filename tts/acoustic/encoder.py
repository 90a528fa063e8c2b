"""The text encoder: from phoneme symbols to hidden vectors."""

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.acoustic.layers import SentenceNetwork
from tts.config import EncoderConfig


class TextEncoder(SentenceNetwork):
    """Hidden vectors of the symbols of a sentence, read by a voice.

    Without attention (`heads=0`), a symbol sees `depth * (kernel // 2)` symbols to either side.
    At equal training time the mel had lower losses without attention than with it
    (docs/log/2026-11-28-more-speech.md).

    Args:
        config: sizes of the network.
        symbols: size of the alphabet; token 0 is padding, so the table has one row more.
        voice_dim: size of a voice's vector.
    """

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
        """One vector for each token; the mask is true for real tokens."""
        x = self.embedding(tokens) + self.voice(voice)[:, None]
        return self.read(x, mask)

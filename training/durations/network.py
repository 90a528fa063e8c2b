"""The network of durations, one for all three models."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.layers import Conditioning, Modulation, SentenceNetwork, SkipGain
from tts.config import ProsodyConfig


class DurationNetwork(SentenceNetwork):
    """What a jump of a duration map needs of each symbol, for a whole sentence at once.

    It has the layers of `tts.acoustic.prosody.ProsodyNetwork`. Symbols that do not last have no
    state.

    Args:
        config: sizes of the network.
        conditioning_dim: features of each symbol: the encoder's, then 1 if it lasts, else 0.
        voice_dim: size of a voice's vector.
        channels: numbers of the state of a symbol, and of the output.
    """

    def __init__(
        self, config: ProsodyConfig, conditioning_dim: int, voice_dim: int, channels: int
    ) -> None:
        super().__init__(config, config.depth)
        self.dropout = nn.Dropout(config.dropout)
        self.input = nn.Linear(conditioning_dim + channels, config.dim)
        self.modulation = Modulation(config.dim, voice_dim)
        self.output = nn.Linear(config.dim, channels)
        self.skip_gain = SkipGain(config.dim, channels)

    def forward(
        self,
        conditioning: Conditioning,
        x: Float[Tensor, "batch text channels"],
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch text channels"]:
        """The output for a jump from `s` to `t`, in the state's dtype; `x` is the state at `s`."""
        x = x * conditioning.features[..., -1:].to(x)
        modulation = self.modulation(conditioning.voice, s, t)
        features = self.dropout(conditioning.features)
        inner = self.input(torch.cat([features, x.to(features)], dim=2))
        found = self.output(self.read(inner, conditioning.mask, modulation)).to(x.dtype)
        return found + self.skip_gain(x, modulation)

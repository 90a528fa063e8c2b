"""The networks of prosody: rhythm, melody and energy of each phone, and where pauses are.

The state of the prosody map is three numbers a symbol, each normalised: the logarithm of its
length in frames, its pitch (log-F0 over the voice's own mean and deviation), and its energy (mean
level in dB).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.layers import Conditioning, Mask, Modulation, SentenceNetwork, SkipGain
from tts.config import ProsodyConfig
from tts.tensor_names import keep_keys

ProsodyState = Float[Tensor, "batch text 3"]
LENGTH, PITCH, ENERGY = range(3)


class PauseNetwork(SentenceNetwork):
    """The logit that a symbol lasts, were it a space or a punctuation mark."""

    def __init__(self, config: ProsodyConfig, hidden_dim: int) -> None:
        super().__init__(config, config.pause_depth)
        keep_keys(self)
        self.dropout = nn.Dropout(config.dropout)
        self.input = nn.Linear(hidden_dim, config.dim)
        self.output = nn.Linear(config.dim, 1)

    def forward(
        self, hidden: Float[Tensor, "batch text dim"], mask: Mask
    ) -> Float[Tensor, "batch text 1"]:
        logits: Tensor = self.output(self.read(self.input(self.dropout(hidden)), mask))
        return logits


class ProsodyNetwork(SentenceNetwork):
    """The average velocity of a jump, for every symbol of a sentence at once."""

    def __init__(self, config: ProsodyConfig, conditioning_dim: int, voice_dim: int) -> None:
        super().__init__(config, config.depth)
        keep_keys(self)
        self.dropout = nn.Dropout(config.dropout)
        self.input = nn.Linear(conditioning_dim + 3, config.dim)
        self.modulation = Modulation(config.dim, voice_dim)
        self.output = nn.Linear(config.dim, 3)
        self.skip_gain = SkipGain(config.dim, 3)

    def forward(
        self,
        conditioning: Conditioning,
        x: ProsodyState,
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> ProsodyState:
        modulation = self.modulation(conditioning.voice, s, t)
        known, mask = self.dropout(conditioning.features), conditioning.mask
        inner = self.input(torch.cat([known, x.to(known)], dim=2))
        velocity = self.output(self.read(inner, mask, modulation)).to(x.dtype)
        return velocity + self.skip_gain(x, modulation)

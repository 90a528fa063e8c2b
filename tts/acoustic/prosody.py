"""The networks of prosody: length, pitch and energy of each symbol, and where pauses are.

They predict what the variance adaptor of FastSpeech 2 does (arXiv 2006.04558), but as samples of a
flow map. Its state has three numbers for each symbol, normalised to mean 0 and deviation 1 over the
training set: the natural logarithm of the length in frames; the pitch, which is log-F0 less the
mean of the voice, over the deviation of the voice; and the energy, the mean level of the symbol in
dB under the voice's peak.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.durations import ENERGY as ENERGY
from tts.acoustic.durations import LENGTH as LENGTH
from tts.acoustic.durations import PITCH as PITCH
from tts.acoustic.layers import Conditioning, Mask, Modulation, SentenceNetwork, SkipGain
from tts.config import ProsodyConfig
from tts.tensor_names import keep_keys

ProsodyState = Float[Tensor, "batch text 3"]


class PauseNetwork(SentenceNetwork):
    """The logit of the probability that a symbol lasts, if it is a space or punctuation.

    Args:
        config: `pause_depth` blocks of the sizes of the prosody network.
        hidden_dim: channels of the encoder.
    """

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
    """The average velocity of a jump of the prosody map, for all symbols of a sentence at once.

    Args:
        config: sizes of the network.
        conditioning_dim: features of each symbol: the encoder's, and whether it lasts.
        voice_dim: size of a voice's vector.
    """

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
        """The average velocity from `s` to `t`, in the state's dtype; `x` is the state at `s`."""
        modulation = self.modulation(conditioning.voice, s, t)
        features, mask = self.dropout(conditioning.features), conditioning.mask
        inner = self.input(torch.cat([features, x.to(features)], dim=2))
        velocity = self.output(self.read(inner, mask, modulation)).to(x.dtype)
        return velocity + self.skip_gain(x, modulation)

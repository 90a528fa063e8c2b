"""The network inside the mel map: (conditioning, x, s, t) to the average velocity of a jump.

Convolutions only, so any stretch of frames can be made from its neighbourhood alone.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.layers import Conditioning, ModulatedConvNeXtBlock, Modulation, SkipGain, patches
from tts.config import DecoderConfig
from tts.tensor_names import keep_keys


class Decoder(nn.Module):
    """Patches of frames through blocks of convolution, and back to frames.

    `context` is how many frames to either side can reach a frame in one evaluation.
    """

    def __init__(self, config: DecoderConfig, mels: int, conditioning_dim: int, voice_dim: int):
        super().__init__()
        keep_keys(self)
        self.patch = config.patch
        self.context = config.patch * (config.kernel // 2) * config.depth + config.patch - 1
        self.input = nn.Linear(config.patch * (mels + conditioning_dim), config.dim)
        self.modulation = Modulation(config.dim, voice_dim)
        self.blocks = nn.ModuleList(
            ModulatedConvNeXtBlock(config.dim, config.kernel) for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.dim)
        self.output = nn.Linear(config.dim, config.patch * mels)
        nn.init.zeros_(self.output.weight)
        self.skip_gain = SkipGain(config.dim, mels)

    def forward(
        self,
        conditioning: Conditioning,
        x: Float[Tensor, "batch frames mels"],
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch frames mels"]:
        known, mask = conditioning.features, conditioning.mask[..., None]
        inner = self.input(patches(torch.cat([x.to(known), known], dim=2) * mask, self.patch))
        patch_mask = patches(mask, self.patch).any(dim=2)
        modulation = self.modulation(conditioning.voice, s, t)
        for block in self.blocks:
            inner = block(inner, patch_mask, modulation)
        velocity = self.output(self.norm(inner)).to(x.dtype)
        velocity = velocity.reshape(len(x), -1, x.shape[2])[:, : x.shape[1]]
        return velocity + self.skip_gain(x, modulation)

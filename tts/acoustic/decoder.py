"""The network of the mel map: from conditioning, state and two times to an average velocity.

ConvNeXt blocks (arXiv 2201.03545) on patches of frames, without attention: any stretch of frames
can be computed from its neighbourhood alone, so speech streams exactly. Its sizes (320 wide, 8
blocks, patches of 2) were chosen for their cost on a CPU, 0.5 GFLOP for a second of sound.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.layers import (
    Conditioning,
    LayerNorm,
    ModulatedConvNeXtBlock,
    Modulation,
    SkipGain,
    patches,
)
from tts.config import DecoderConfig
from tts.tensor_names import keep_keys


class Decoder(nn.Module):
    """A ConvNeXt stack over patches of frames, modulated by times and voice.

    `context` is how many frames to either side can change a frame in one evaluation.

    Args:
        config: sizes of the network.
        mels: bands of the mel-spectrogram.
        conditioning_dim: features of each frame, from `AcousticModel.condition`.
        voice_dim: size of a voice's vector.
    """

    def __init__(self, config: DecoderConfig, mels: int, conditioning_dim: int, voice_dim: int):
        super().__init__()
        keep_keys(self)
        self.patch = config.patch
        self.context = config.delay + config.patch - 1
        self.input = nn.Linear(config.patch * (mels + conditioning_dim), config.dim)
        self.modulation = Modulation(config.dim, voice_dim)
        self.blocks = nn.ModuleList(
            ModulatedConvNeXtBlock(config.dim, config.kernel) for _ in range(config.depth)
        )
        self.norm = LayerNorm(config.dim)
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
        """The average velocity of a jump.

        Args:
            conditioning: of each frame and of the voice.
            x: the state at `s`, a normalised mel (mean 0, deviation 1).
            s: where the jump begins, from 0 (noise) to 1 (data).
            t: where it ends, from `s` to 1.

        Returns:
            The change of the state over the jump, divided by `t - s`; in the state's dtype.
        """
        inner, modulation = self.trunk(conditioning, x, s, t)
        return read_velocity(inner, x, self.output) + self.skip_gain(x, modulation)

    def trunk(
        self,
        conditioning: Conditioning,
        x: Float[Tensor, "batch frames mels"],
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> tuple[Float[Tensor, "batch time dim"], Float[Tensor, "batch 3 dim"]]:
        """What the last layer reads: an inner vector for each patch, and the modulation."""
        features, mask = conditioning.features, conditioning.mask[..., None]
        joined = torch.cat([x.to(features), features], dim=2) * mask
        inner = self.input(patches(joined, self.patch))
        patch_mask = patches(mask, self.patch).any(dim=2)
        modulation = self.modulation(conditioning.voice, s, t)
        for block in self.blocks:
            inner = block(inner, patch_mask, modulation)
        return self.norm(inner), modulation


def read_velocity(
    inner: Float[Tensor, "batch time dim"],
    x: Float[Tensor, "batch frames mels"],
    output: nn.Linear,
) -> Float[Tensor, "batch frames mels"]:
    """The frames of all patches by the last layer, in the shape and dtype of the state `x`."""
    velocity: Tensor = output(inner).to(x.dtype)
    return velocity.reshape(len(x), -1, x.shape[2])[:, : x.shape[1]]

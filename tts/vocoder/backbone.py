"""The backbone of Vocos: ConvNeXt blocks over a mel-spectrogram, frame by frame or on patches.

Vocos is arXiv 2306.00814, ConvNeXt arXiv 2201.03545. Parameters have the names of the package
vocos, so its checkpoints load. On patches of two frames the blocks take half the arithmetic, and a
linear layer maps each patch back to frames; that was measured to sound worse at equal training time
(docs/log/2026-11-28-more-speech.md), so the shipped vocoder has none.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.acoustic.layers import depthwise, patches
from tts.config import VOCOS_KERNEL, VocoderConfig
from tts.network_constants import VOCODER_EPSILON

# As in the package vocos, as are the scale 1 / depth of blocks and all layers' sizes.
INITIAL_WEIGHT_DEVIATION = 0.02


class ConvNeXtBlock(nn.Module):
    """A ConvNeXt block: y = x + gamma * pwconv2(gelu(pwconv1(norm(dwconv(x)))))."""

    def __init__(self, dim: int, intermediate_dim: int, scale: float) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(dim, dim, VOCOS_KERNEL, padding=VOCOS_KERNEL // 2, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=VOCODER_EPSILON)
        self.pwconv1 = nn.Linear(dim, intermediate_dim)
        self.pwconv2 = nn.Linear(intermediate_dim, dim)
        self.gamma = nn.Parameter(torch.full((dim,), scale))

    def forward(
        self, x: Float[Tensor, "batch time dim"], mask: Bool[Tensor, "batch time 1"]
    ) -> Float[Tensor, "batch time dim"]:
        assert self.dwconv.bias is not None, "every convolution here has one"
        x = x * mask
        inner = self.norm(depthwise(x, self.dwconv.weight, self.dwconv.bias))
        return x + self.gamma * self.pwconv2(F.gelu(self.pwconv1(inner)))


class Backbone(nn.Module):
    """A hidden vector of each frame of a log-mel, by convolutions only.

    `context` is how many frames to either side can change a frame's vector.
    """

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        dim, depth, patch = config.dim, config.depth, config.patch
        self.patch = patch
        self.context = config.delay + patch - 1
        self.embed = nn.Conv1d(
            patch * config.mel.bands, dim, VOCOS_KERNEL, padding=VOCOS_KERNEL // 2
        )
        self.norm = nn.LayerNorm(dim, eps=VOCODER_EPSILON)
        self.convnext = nn.ModuleList(
            ConvNeXtBlock(dim, config.intermediate_dim, 1 / depth) for _ in range(depth)
        )
        self.unpatch = nn.Linear(dim, patch * dim) if patch > 1 else nn.Identity()
        self.final_layer_norm = nn.LayerNorm(dim, eps=VOCODER_EPSILON)
        self.apply(_initialise)

    def forward(
        self, mel: Float[Tensor, "batch frames mels"], mask: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch frames dim"]:
        """Hidden vectors of the frames; frames outside the mask are zero for each convolution."""
        real = mask[..., None]
        x = self.norm(self.embed(patches(mel * real, self.patch).mT).mT)
        patch_real = patches(real, self.patch).any(dim=2, keepdim=True)
        for block in self.convnext:
            x = block(x, patch_real)
        frames = self.unpatch(x).reshape(len(x), -1, x.shape[2])[:, : mel.shape[1]]
        hidden: Tensor = self.final_layer_norm(frames)
        return hidden


def _initialise(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv1d, nn.Linear)):
        nn.init.trunc_normal_(module.weight, std=INITIAL_WEIGHT_DEVIATION)
        assert module.bias is not None, "every layer here has one"
        nn.init.zeros_(module.bias)

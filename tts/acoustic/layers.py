"""Blocks that the acoustic networks share. Every tensor is `batch time channels`.

Where no paper or measurement is named beside a constant, it was chosen by hand and not tuned.
"""

import math
from dataclasses import dataclass
from itertools import zip_longest

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn
from torch.autograd import forward_ad

from tts.config import EncoderConfig, ProsodyConfig
from tts.network_constants import (
    EXPANSION,
    LENGTH_SCALE,
    MAX_ROTARY_PERIOD,
    MIN_LOG10_RATE,
    START_SCALE,
    TIME_EMBEDDING_DIM,
)
from tts.tensor_names import keep_keys

INITIAL_KERNEL_DEVIATION = 0.2  # of depthwise weights
INITIAL_GATE = 0.5  # of what a block adds, before training

Activations = Float[Tensor, "batch time dim"]
Mask = Bool[Tensor, "batch time"]


@dataclass(frozen=True)
class Conditioning:
    """The inputs of a flow map's network beside the state and its two times.

    Args:
        features: of each position.
        voice: the vector of each item's voice.
        mask: true where a position is real.
    """

    features: Float[Tensor, "batch time conditioning"]
    voice: Float[Tensor, "batch voice"]
    mask: Mask


class LayerNorm(nn.LayerNorm):
    """Layer norm (arXiv 1607.06450) over channels, also where directional derivatives are learned.

    The gradient of torch's own directional derivative is wrong: it takes mean and deviation for
    constants (torch 2.14). Under one, the formula is therefore written out.
    """

    def __init__(self, dim: int) -> None:
        super().__init__(dim)

    def forward(self, x: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
        if torch.compiler.is_compiling() or forward_ad._current_level < 0:
            return super().forward(x)
        centred = precise(x) - precise(x).mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return centred * (variance + self.eps).rsqrt() * self.weight + self.bias


class Depthwise(nn.Module):
    """A depthwise convolution along time, padded with zeros at both ends."""

    def __init__(self, dim: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(dim, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(dim))
        nn.init.trunc_normal_(self.weight, std=INITIAL_KERNEL_DEVIATION)

    def forward(self, x: Activations) -> Activations:
        return depthwise(x, self.weight, self.bias)


def depthwise(
    x: Activations, weight: Float[Tensor, "dim 1 kernel"], bias: Float[Tensor, " dim"]
) -> Activations:
    """Convolve each channel with its own kernel of odd size; the length stays."""
    # as an image one pixel high: the channels-last kernel is four times as fast as the 1-D one
    image, kernel, pad = x.mT.unsqueeze(2), weight.unsqueeze(2), (0, weight.shape[2] // 2)
    return F.conv2d(image, kernel, bias, padding=pad, groups=len(kernel)).squeeze(2).mT


def patches(x: Shaped[Tensor, "batch frames dim"], size: int) -> Shaped[Tensor, "batch time patch"]:
    """Concatenate the channels of `size` neighbouring frames; the last patch is padded with zeros.

    Returns:
        Positions of `size * dim` channels, one for every `size` frames, rounded up.
    """
    x = F.pad(x, (0, 0, 0, -x.shape[1] % size))
    return x.reshape(len(x), -1, size * x.shape[2])


class ModulatedConvNeXtBlock(nn.Module):
    """A ConvNeXt block (arXiv 2201.03545) with adaptive layer norm as in DiT (arXiv 2212.09748).

    y = x + gate * project(gelu(expand(norm(depthwise(x)) * (1 + scale) + shift)))

    Shift, scale and gate are a modulation that all blocks share plus a bias of the block's own, as
    in adaLN-single of PixArt-alpha (arXiv 2310.00426); without a modulation, the bias alone.
    """

    def __init__(self, dim: int, kernel: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        keep_keys(self)
        self.depthwise = Depthwise(dim, kernel)
        self.norm = LayerNorm(dim)
        self.expand = nn.Linear(dim, EXPANSION * dim)
        self.project = nn.Linear(EXPANSION * dim, dim)
        self.dropout = nn.Dropout(dropout)
        self.modulation_bias = nn.Parameter(torch.zeros(3, dim))
        nn.init.constant_(self.modulation_bias[2], INITIAL_GATE)

    def forward(
        self, x: Activations, mask: Mask, modulation: Float[Tensor, "batch 3 dim"] | None = None
    ) -> Activations:
        bias = self.modulation_bias
        total = bias if modulation is None else bias + modulation
        shift, scale, gate = total[..., None, :].unbind(dim=-3)
        inner = self.norm(self.depthwise(x * mask[..., None]))
        inner = self.project(F.gelu(self.expand(inner * (1 + scale) + shift), approximate="tanh"))
        return x + gate * self.dropout(inner)


class Attention(nn.Module):
    """Multi-head self-attention over the real positions, with rotary positions, added to its input.

    Softmax of q k / sqrt(dim / heads) as in arXiv 1706.03762, with the norm before it. It is
    written out, since torch's fused kernels have no directional derivative, which some objectives
    of training need.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = LayerNorm(dim)
        self.query_key_value = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Activations, mask: Mask) -> Activations:
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in self.query_key_value(self.norm(x)).chunk(3, dim=2)
        )
        score = rotary(q) @ rotary(k).mT / math.sqrt(q.shape[3])
        weights = precise(score).masked_fill(~mask[:, None, None, :], -torch.inf).softmax(dim=3)
        return x + self.out((weights.to(v) @ v).transpose(1, 2).flatten(2))


class SentenceNetwork(nn.Module):
    """ConvNeXt blocks, each followed by attention over the sentence if the config has heads.

    Subclasses map their inputs to `config.dim` channels, and map the result of `read` on.
    """

    def __init__(
        self, config: EncoderConfig | ProsodyConfig, depth: int, *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        dim, heads = config.dim, config.heads
        self.attention = nn.ModuleList(Attention(dim, heads) for _ in range(depth) if heads)
        self.blocks = nn.ModuleList(
            ModulatedConvNeXtBlock(dim, config.kernel, dropout=dropout) for _ in range(depth)
        )
        self.norm = LayerNorm(dim)

    def read(
        self, x: Activations, mask: Mask, modulation: Float[Tensor, "batch 3 dim"] | None = None
    ) -> Activations:
        """Apply the blocks in order, and a layer norm."""
        for block, attention in zip_longest(self.blocks, self.attention):
            x = block(x, mask, modulation)
            x = attention(x, mask) if attention else x
        normal: Tensor = self.norm(x)
        return normal


def rotary(x: Float[Tensor, "batch heads time dim"]) -> Float[Tensor, "batch heads time dim"]:
    """Rotate each pair of channels by an angle proportional to its position (arXiv 2104.09864)."""
    time, half = x.shape[2], x.shape[3] // 2
    speed = torch.exp(torch.arange(half, device=x.device) * (-math.log(MAX_ROTARY_PERIOD) / half))
    angle = torch.arange(time, device=x.device)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


class Modulation(nn.Module):
    """Shift, scale and gate for all blocks, from a jump's start, its length and the voice.

    modulation = out(silu(start(e(100 s)) + interval(e(5 (t - s))) - interval(e(0)) + voice(v)))

    The length adds nothing at s = t, whatever the weights. The last layer of `interval` starts at
    zero and stays there in flow matching, so that a flow map begins as its teacher. `out` starts at
    zero as in DiT (arXiv 2212.09748).
    """

    def __init__(self, dim: int, voice_dim: int) -> None:
        super().__init__()
        self.start = _mlp(dim)
        self.interval = _mlp(dim)
        self.voice = nn.Linear(voice_dim, dim)
        self.out = nn.Linear(dim, 3 * dim)
        for layer in (self.interval[-1], self.out):
            nn.init.zeros_(layer.get_parameter("weight"))
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(
        self,
        voice: Float[Tensor, "batch voice"],
        s: Float[Tensor, " batch"],
        t: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch 3 dim"]:
        # half precision would round times
        with torch.autocast(s.device.type, enabled=False):
            start, length, none = (
                sinusoidal_embedding(time)
                for time in (START_SCALE * s, LENGTH_SCALE * (t - s), 0 * s)
            )
        inner = self.start(start) + self.interval(length) - self.interval(none) + self.voice(voice)
        return self.out(F.silu(inner)).unflatten(1, (3, -1))


class SkipGain(nn.Module):
    """A gain for each channel of the state, which is added to the network's velocity.

    For Gaussian data with mean m and deviation d the velocity is k (x - t m) + m with
    k = (t d^2 - (1 - t)) / ((1 - t)^2 + t^2 d^2): linear in the state. With this gain the blocks
    need not carry the state to the output. It starts at zero.
    """

    def __init__(self, dim: int, channels: int) -> None:
        super().__init__()
        self.gain = nn.Linear(3 * dim, channels)
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.gain.bias)

    def forward(
        self, x: Activations, modulation: Float[Tensor, "batch 3 modulation"]
    ) -> Activations:
        # half precision would round the largest part of the velocity
        with torch.autocast(x.device.type, enabled=False):
            return x * self.gain(precise(modulation).flatten(1))[:, None].to(x.dtype)


def sinusoidal_embedding(
    time: Float[Tensor, " batch"],
) -> Float[Tensor, "batch waves"]:
    """Sines and cosines of a time, at rates from 1 down to 1/100 radians, equally spaced in log.

    As the positions of arXiv 1706.03762, section 3.5, which have rates down to 1/10000.
    """
    rates = torch.logspace(
        0, MIN_LOG10_RATE, TIME_EMBEDDING_DIM // 2, device=time.device, dtype=time.dtype
    )
    angles = time[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def precise(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The same numbers in single precision, or in double where they are."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _mlp(dim: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(TIME_EMBEDDING_DIM, dim), nn.SiLU(), nn.Linear(dim, dim))

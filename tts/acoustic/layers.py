"""The few blocks that the networks share. Every tensor is `batch time channels`."""

import math
from dataclasses import dataclass
from itertools import zip_longest

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn

from tts.config import EncoderConfig, ProsodyConfig
from tts.tensor_names import keep_keys

Activations = Float[Tensor, "batch time dim"]
Mask = Bool[Tensor, "batch time"]


@dataclass(frozen=True)
class Conditioning:
    """What the network of a flow map is conditioned on, beside the state and its two times."""

    features: Float[Tensor, "batch time conditioning"]
    voice: Float[Tensor, "batch voice"]
    mask: Mask


class Depthwise(nn.Module):
    """Each channel convolved along time on its own; what lies beyond either end is zero."""

    def __init__(self, dim: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(dim, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(dim))
        nn.init.trunc_normal_(self.weight, std=0.2)

    def forward(self, x: Activations) -> Activations:
        return depthwise(x, self.weight, self.bias)


def depthwise(
    x: Activations, weight: Float[Tensor, "dim 1 kernel"], bias: Float[Tensor, " dim"]
) -> Activations:
    """Each channel convolved with its own kernel, as long as it was."""
    # as an image one pixel high: the channels-last kernel is four times the 1-D one
    image, kernel, pad = x.mT.unsqueeze(2), weight.unsqueeze(2), (0, weight.shape[2] // 2)
    return F.conv2d(image, kernel, bias, padding=pad, groups=len(kernel)).squeeze(2).mT


def patches(x: Shaped[Tensor, "batch frames dim"], size: int) -> Shaped[Tensor, "batch time patch"]:
    """So many neighbouring frames side by side in one position; a last odd one beside zeros."""
    x = F.pad(x, (0, 0, 0, -x.shape[1] % size))
    return x.reshape(len(x), -1, size * x.shape[2])


class ModulatedConvNeXtBlock(nn.Module):
    """A depthwise convolution and a wide pointwise network, added to what came in.

    A modulation (shift, scale, gate) steers it from outside; without one it is an ordinary block.
    """

    def __init__(self, dim: int, kernel: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        keep_keys(self)
        self.depthwise = Depthwise(dim, kernel)
        self.norm = nn.LayerNorm(dim)
        self.expand = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(3 * dim, dim)
        self.dropout = nn.Dropout(dropout)
        self.modulation_bias = nn.Parameter(torch.zeros(3, dim))
        nn.init.constant_(self.modulation_bias[2], 0.5)

    def forward(
        self, x: Activations, mask: Mask, modulation: Float[Tensor, "batch 3 dim"] | None = None
    ) -> Activations:
        bias = self.modulation_bias
        steering = bias if modulation is None else bias + modulation
        shift, scale, gate = steering[..., None, :].unbind(dim=-3)
        inner = self.norm(self.depthwise(x * mask[..., None]))
        inner = self.project(F.gelu(self.expand(inner * (1 + scale) + shift), approximate="tanh"))
        return x + gate * self.dropout(inner)


class Attention(nn.Module):
    """Each position looks at every real one, by rotary position."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(dim)
        self.query_key_value = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Activations, mask: Mask) -> Activations:
        q, k, v = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in self.query_key_value(self.norm(x)).chunk(3, dim=2)
        )
        score = rotary(q) @ rotary(k).mT / math.sqrt(q.shape[3])
        share = score.float().masked_fill(~mask[:, None, None, :], -torch.inf).softmax(dim=3)
        return x + self.out((share.to(v) @ v).transpose(1, 2).flatten(2))


class SentenceNetwork(nn.Module):
    """Blocks of a convolution, each followed by attention over the sentence if there are heads.

    Those who inherit bring symbols to the width of the blocks, and take what comes of them.
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
        self.norm = nn.LayerNorm(dim)

    def read(
        self, x: Activations, mask: Mask, modulation: Float[Tensor, "batch 3 dim"] | None = None
    ) -> Activations:
        """The blocks in their order, and a normalisation."""
        for block, attention in zip_longest(self.blocks, self.attention):
            x = block(x, mask, modulation)
            x = attention(x, mask) if attention else x
        normal: Tensor = self.norm(x)
        return normal


def rotary(x: Float[Tensor, "batch heads time dim"]) -> Float[Tensor, "batch heads time dim"]:
    """Turn each pair of channels by an angle proportional to its position."""
    time, half = x.shape[2], x.shape[3] // 2
    speed = torch.exp(torch.arange(half, device=x.device) * (-math.log(10_000) / half))
    angle = torch.arange(time, device=x.device)[:, None] * speed
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


class Modulation(nn.Module):
    """Where a jump starts, how long it is and whose voice it makes, as shift, scale and gate.

    The interval has a path of its own, mlp(e(t - s)) - mlp(e(0)), whose last layer starts at
    zero: silent at s = t for ever, and everywhere before a flow map is taught.
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
        with torch.autocast(s.device.type, enabled=False):
            start, length, none = (
                sinusoidal_embedding(time) for time in (100 * s, 5 * (t - s), 0 * s)
            )
        inner = self.start(start) + self.interval(length) - self.interval(none) + self.voice(voice)
        return self.out(F.silu(inner)).unflatten(1, (3, -1))


class SkipGain(nn.Module):
    """The state's own share of a velocity, each channel by its gain for this jump.

    Of narrow data the velocity is almost k(s, t) x plus what the conditioning says: the network
    need not carry the state through all its blocks. It starts at nothing.
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
            return x * self.gain(modulation.float().flatten(1))[:, None].to(x.dtype)


TIME_EMBEDDING_DIM = 64


def sinusoidal_embedding(
    time: Float[Tensor, " batch"],
) -> Float[Tensor, "batch waves"]:
    """Sines and cosines of a time, at rates from 1 down to 1/100."""
    rates = torch.logspace(0, -2, TIME_EMBEDDING_DIM // 2, device=time.device, dtype=time.dtype)
    angles = time[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def _mlp(dim: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(TIME_EMBEDDING_DIM, dim), nn.SiLU(), nn.Linear(dim, dim))

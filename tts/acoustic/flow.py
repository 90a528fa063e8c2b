"""The flow map: a learned jump from any time on the path to any later one.

Time runs from noise (0) to data (1). A network u predicts the average velocity of a jump,
so the map is X(x, s, t) = x + (t - s) u(x, s, t), and u(x, t, t) is the velocity at t.
The state handed to u is always the one at s, where the jump begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

Mel = Float[Tensor, "batch frames mels"]
Time = Float[Tensor, " batch"]


def per_item(time: Time) -> Float[Tensor, "batch 1 1"]:
    return time[:, None, None]


@dataclass(frozen=True)
class FlowMap:
    """A network with its conditioning already bound, read as a flow map."""

    network: Callable[[Tensor, Tensor, Tensor], Tensor]

    def average_velocity(self, x: Mel, s: Time, t: Time) -> Mel:
        return self.network(x, s, t)

    def velocity(self, x: Mel, t: Time) -> Mel:
        # a tensor of its own, so that a compiled network has one graph for this and for jumps
        return self.average_velocity(x, t, t.clone())

    def jump(self, x: Mel, s: Time, t: Time) -> Mel:
        return x + per_item(t - s) * self.average_velocity(x, s, t)

    def sample(self, noise: Mel, steps: int) -> Mel:
        """Carry noise to data in equal jumps."""
        times = torch.linspace(0, 1, steps + 1, dtype=noise.dtype, device=noise.device)
        x = noise
        for s, t in pairwise(times):
            x = self.jump(x, s.expand(len(x)), t.expand(len(x)))
        return x

    def integrate(self, noise: Mel, steps: int, *, midpoint: bool = False) -> Mel:
        """Follow the velocity alone: how a flow-matching model is sampled.

        Args:
            noise: the state at time 0.
            steps: equal steps to time 1.
            midpoint: by the midpoint method, of second order, with two evaluations a step;
                otherwise by Euler's method, with one.

        Returns:
            The state at time 1.
        """
        times = torch.linspace(0, 1, steps + 1, dtype=noise.dtype, device=noise.device)
        x = noise
        for s, t in pairwise(times):
            slope = self.velocity(x, s.expand(len(x)))
            if midpoint:
                middle = (s + t) / 2
                slope = self.velocity(x + (middle - s) * slope, middle.expand(len(x)))
            x = x + (t - s) * slope
        return x

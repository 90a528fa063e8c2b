"""The flow map: a learned jump from any time on the path from noise to data to any later time.

Time runs from noise (0) to data (1), along x_t = (1 - t) noise + t data. A network u predicts the
average velocity of a jump, so that the map is X(x, s, t) = x + (t - s) u(x, s, t). The state x is
always the one at s, where the jump begins. u(x, t, t) is the velocity of flow matching at t (arXiv
2210.02747).

Flow maps: arXiv 2406.07507. Average velocities: MeanFlow, arXiv 2505.13447. Training:
SplitMeanFlow, arXiv 2507.16884, equations 10 and 11, whose time runs from data to noise.
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
    """A flow map from a network whose conditioning is bound.

    Args:
        network: gives the average velocity, of the shape of the state, from the state at `s` and
            the times `s` and `t` of each item, both from 0 to 1. The shipped networks are trained
            for `s <= t`; jumps back, from data towards noise, have `t < s`.
    """

    network: Callable[[Tensor, Tensor, Tensor], Tensor]

    def average_velocity(self, x: Mel, s: Time, t: Time) -> Mel:
        """The change of the state from `s` to `t`, divided by `t - s`."""
        return self.network(x, s, t)

    def velocity(self, x: Mel, t: Time) -> Mel:
        """The velocity at `t`, which is the average one of a jump of no length."""
        # a tensor of its own, so that a compiled network has one graph for this and for jumps
        return self.average_velocity(x, t, t.clone())

    def jump(self, x: Mel, s: Time, t: Time) -> Mel:
        """The state at `t`, from the state `x` at `s`."""
        return x + per_item(t - s) * self.average_velocity(x, s, t)

    def sample(self, noise: Mel, steps: int) -> Mel:
        """Data from noise in equal jumps, one evaluation of the network each.

        Args:
            noise: the state at time 0; its deviation is the temperature.
            steps: how many jumps, at least 1; the shipped models are trained for 1.

        Returns:
            The state at time 1.
        """
        times = torch.linspace(0, 1, steps + 1, dtype=noise.dtype, device=noise.device)
        x = noise
        for s, t in pairwise(times):
            x = self.jump(x, s.expand(len(x)), t.expand(len(x)))
        return x

    def integrate(self, noise: Mel, steps: int, *, midpoint: bool = False) -> Mel:
        """Data from noise by the velocity alone, as a flow-matching model is sampled.

        Args:
            noise: the state at time 0.
            steps: equal steps to time 1.
            midpoint: use the midpoint method, of second order, with two evaluations a step;
                otherwise Euler's method, with one.

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

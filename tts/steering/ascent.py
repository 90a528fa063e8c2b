"""Steering by the noise: gradient ascent through the one-step map.

For noise z0 from N(0, deviation^2), the ascent looks for the maximum over z of

    reward(X(z, 0, 1)) - |z - z0|^2 / (2 deviation^2)

It is one map and its gradient a step. For Gaussian data N(m, sigma^2) and the reward lambda x it
ends at m + sigma z0 + lambda (sigma deviation)^2. Over draws of z0, that is a sample of the
distribution of the model times exp(reward). With a penalty of |z|^2 instead, all draws would end
in one place, and speech would be as smooth as at temperature 0.
"""

from dataclasses import dataclass

import torch

from tts.acoustic.flow import FlowMap, Mel, per_item
from tts.steering.gradients import value_and_gradient
from tts.steering.rewards import Reward, Rewards

LONGER, SHORTER = 1.5, 0.25  # factors of a step after a success and a failure; chosen by hand


@dataclass(frozen=True, kw_only=True)
class NoiseAscent:
    """Steer by gradient ascent on the noise.

    Args:
        steps: evaluations of the map and its gradient, from 1; more come closer to the maximum.
        reach: how far the noise may move at most, as a share of its length, above 0. It bounds the
            effect of a reward whose factor is large; noise that is moved further is none that the
            model was trained on.

    Raises:
        ValueError: a value is out of its range.
    """

    steps: int = 10
    reach: float = 0.3

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        if not self.reach > 0:
            raise ValueError(f"reach must be above 0, got {self.reach}")

    def climb(
        self, flow: FlowMap, noise: Mel, reward: Reward, *, deviation: float = 1.0, jumps: int = 1
    ) -> Mel:
        """Noise near `noise` whose data has a greater reward.

        No reward falls: a step that would lower an item's objective is tried again at a quarter.

        Args:
            flow: the map, with its conditioning bound.
            noise: the state at time 0; items are steered independently.
            reward: of the state at time 1.
            deviation: standard deviation of the noise, above 0.
            jumps: of the map from time 0 to 1.

        Returns:
            The steered noise, of the same shape.
        """
        limit = self.reach * length(noise)

        def objective(z: Mel) -> Rewards:
            moved = (z - noise).square().sum(dim=(1, 2))
            return reward(flow.sample(z, jumps)) - moved / (2 * deviation**2)

        z = noise
        best, slope = value_and_gradient(objective, z)
        # exact for a linear reward, and not beyond the limit for a steep one
        size = (limit / length(slope)).clamp(max=deviation**2)
        for _ in range(self.steps):
            moved = z + per_item(size) * slope - noise
            tried = noise + moved * per_item((limit / length(moved)).clamp(max=1))
            value, next_slope = value_and_gradient(objective, tried)
            better = value > best
            z = torch.where(per_item(better), tried, z)
            slope = torch.where(per_item(better), next_slope, slope)
            best = torch.where(better, value, best)
            size = size * torch.where(better, LONGER, SHORTER)
        return z


def length(x: Mel) -> Rewards:
    """The Euclidean length of each item, above 0."""
    return x.flatten(1).norm(dim=1).clamp(min=torch.finfo(x.dtype).tiny)

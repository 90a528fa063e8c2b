"""Steering by gradient ascent on the noise, through the one-step map.

For noise z0 from N(0, deviation^2), the ascent looks for the maximum over z of

    strength reward(X(z, 0, 1)) - |z - z0|^2 / (2 deviation^2),    |z - z0| <= reach |z0|

A step is one evaluation of the map and its gradient. For Gaussian data N(m, sigma^2) and the reward
x, the maximum has the data m + sigma z0 + strength (sigma deviation)^2. Over draws of z0, these are
exact samples of the distribution of the model times exp(strength reward). With a penalty of |z|^2
instead, all draws would end in one place, and speech would be as smooth as at temperature 0.
"""

import math
from dataclasses import dataclass, replace

import torch

from tts.acoustic.flow import FlowMap, Mel, per_item
from tts.steering.gradients import value_and_gradient
from tts.steering.line import LineMap
from tts.steering.rewards import LogMel, Reward, Rewards

LONGER, SHORTER = 1.5, 0.25  # factors of a step after a success and a failure; chosen by hand


@dataclass(frozen=True)
class NoiseAscent:
    """Steer by gradient ascent on the noise of a line.

    Args:
        reward: what to have more of.
        steps: evaluations of the map and its gradient, from 1; more come closer to the maximum.
        reach: how far the noise may move, as a share of its length, above 0 and finite. More
            changes the
            speech more; at twice the default, a reward of brightness cost words
            (docs/results.md).
        strength: how much a unit of reward counts, in nats (of likelihood of the noise), above 0.
            By default the reward counts alone, as far as `reach` allows.

    Raises:
        ValueError: a value is out of its range.

    Example:
        >>> from tts.steering import brightness
        >>> NoiseAscent(brightness, reach=0.2).steps
        10
    """

    reward: Reward
    steps: int = 10
    reach: float = 0.15
    strength: float = math.inf

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        for name in ("reach", "strength"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.reach == math.inf:
            raise ValueError(f"reach must be finite, got {self.reach}")

    def __call__(self, line: LineMap) -> LogMel:
        """The log-mel of a line from its steered noise."""
        of_states = replace(self, reward=line.of_states(self.reward))
        temperature, steps = line.delivery.temperature, line.delivery.steps
        noise = of_states.climb(line.flow(), line.noise(), deviation=temperature, jumps=steps)
        return line.mel(noise)

    def climb(self, flow: FlowMap, noise: Mel, *, deviation: float = 1.0, jumps: int = 1) -> Mel:
        """Noise near `noise` whose data has a greater reward.

        No item's objective falls: a step that would lower it is tried again at a quarter.

        Args:
            flow: the map, with its conditioning bound. The reward is one of its states at time 1.
            noise: the state at time 0; items are steered independently.
            deviation: standard deviation of the noise, above 0.
            jumps: of the map from time 0 to 1.

        Returns:
            The steered noise, of the same shape.
        """
        limit = self.reach * length(noise)
        penalty = 1 / (2 * deviation**2 * self.strength)

        def objective(z: Mel) -> tuple[Rewards, Mel]:
            value, slope = value_and_gradient(lambda y: self.reward(flow.sample(y, jumps)), z)
            moved = z - noise
            return value - penalty * moved.square().sum(dim=(1, 2)), slope - 2 * penalty * moved

        z, (best, slope) = noise, objective(noise)
        # the maximum for a linear reward, if it is within reach
        size = (limit / length(slope)).clamp(max=self.strength * deviation**2)
        for _ in range(self.steps):
            moved = z + per_item(size) * slope - noise
            tried = noise + moved * per_item((limit / length(moved)).clamp(max=1))
            value, next_slope = objective(tried)
            better = value > best
            z = torch.where(better[:, None, None], tried, z)
            slope = torch.where(better[:, None, None], next_slope, slope)
            best = torch.where(better, value, best)
            size = size * torch.where(better, LONGER, SHORTER)
        return z


def length(x: Mel) -> Rewards:
    """The Euclidean length of each item, at least 1e-12: a reward may have no slope."""
    return x.flatten(1).norm(dim=1).clamp(min=1e-12)

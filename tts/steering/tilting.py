"""Flow-map trajectory tilting (arXiv 2511.22688): samples of the model times exp(reward).

Particles go from noise to data. At time t their distribution is that of the model, rho_t, times
exp(U_t), where U_t(x) = t reward(X(x, t, 1)) looks ahead through the flow map. Between two times,
each particle moves by the map itself, along which the look-ahead stays the same. So the logarithm
of its weight grows by reward(X(x, t, 1)) dt (Jarzynski's equality). At each time, a step of
Langevin dynamics leaves rho_t exp(U_t) as it is,

    dX = eps (grad log rho_t + grad U_t) dt + sqrt(2 eps) dW,    eps = 1 - t,

with eps grad log rho_t = t v - x on this path. Where the weights are uneven, particles are drawn
anew by them. The paper moves particles by the velocity, v dt; the jumps of the map have no error
of discretisation.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel
from tts.steering.gradients import value_and_gradient
from tts.steering.rewards import Reward, Rewards


@dataclass(frozen=True)
class Particles:
    """Weighted samples.

    Args:
        states: at time 1.
        log_weights: the logarithm of each weight, up to a constant.
    """

    states: Mel
    log_weights: Rewards

    @property
    def weights(self) -> Rewards:
        """The weights, whose sum is 1."""
        return self.log_weights.softmax(dim=0)

    @property
    def effective(self) -> float:
        """The effective number of particles, 1 / sum of squared weights."""
        return 1 / self.weights.square().sum().item()

    def draw(self, generator: torch.Generator) -> Mel:
        """One of the states, by the weights, as a batch of one."""
        index = torch.multinomial(self.weights, 1, generator=generator)
        return self.states[index]


@dataclass(frozen=True, kw_only=True)
class Tilting:
    """Steer by tilted trajectories of particles.

    Args:
        steps: times at which particles are moved, from 2.
        particles: how many, from 1; more come closer to the tilted distribution.
        resample: particles are drawn anew when the effective number falls below this share of
            them, from 0 (never) to 1.
        churn: factor of the Langevin steps, above 0; more noise is renewed on the way.

    Raises:
        ValueError: a value is out of its range.
    """

    steps: int = 8
    particles: int = 4
    resample: float = 0.5
    churn: float = 1.0

    def __post_init__(self) -> None:
        if self.steps < 2:
            raise ValueError(f"steps must be at least 2, got {self.steps}")
        if self.particles < 1:
            raise ValueError(f"particles must be at least 1, got {self.particles}")
        if not 0 <= self.resample <= 1:
            raise ValueError(f"resample must be from 0 to 1, got {self.resample}")
        if not self.churn > 0:
            raise ValueError(f"churn must be above 0, got {self.churn}")

    def tilt(
        self,
        flow: FlowMap,
        noise: Mel,
        reward: Reward,
        generator: torch.Generator,
        *,
        deviation: float = 1.0,
    ) -> Particles:
        """Samples of the model's distribution times exp(reward).

        Args:
            flow: the map, with its conditioning bound for as many items as there is noise.
            noise: the particles at time 0, drawn from N(0, deviation^2).
            reward: of the state at time 1.
            generator: of the noise of the Langevin steps and of the draws.
            deviation: standard deviation of the noise. The score is then that of Gaussian data.

        Returns:
            The particles at time 1, with their weights.
        """
        x, log_weights = noise, noise.new_zeros(len(noise))
        times = torch.linspace(0, 1, self.steps + 1, dtype=noise.dtype, device=noise.device)
        for s, t in pairwise(times):
            begin, end = s.expand(len(x)), t.expand(len(x))
            with torch.no_grad():
                x = flow.jump(x, begin, end)
            ahead, slope = value_and_gradient(lambda y: reward(look_ahead(flow, y, end)), x)
            log_weights = log_weights + (t - s) * ahead
            if Particles(x, log_weights).effective < self.resample * len(x):
                kept = systematic(log_weights.softmax(dim=0), generator)
                x, slope, log_weights = x[kept], slope[kept], torch.zeros_like(log_weights)
            if t < 1:
                with torch.no_grad():
                    drift = t * flow.velocity(x, end) - x + (1 - t) * deviation**2 * t * slope
                drawn = torch.randn(x.shape, generator=generator, dtype=x.dtype).to(x)
                size = self.churn / self.steps
                x = x + size * drift + deviation * (2 * size * (1 - t)).sqrt() * drawn
        return Particles(x, log_weights)


def look_ahead(flow: FlowMap, x: Mel, t: Float[Tensor, " batch"]) -> Mel:
    """The state at time 1 that the map leads to."""
    one = torch.ones_like(t)
    return x if bool((t == one).all()) else flow.jump(x, t, one)


def systematic(weights: Rewards, generator: torch.Generator) -> Int[Tensor, " batch"]:
    """Indices drawn by weights: each comes up as often as its weight says, rounded up or down.

    Systematic resampling, with one random number for all (arXiv cs/0507025).
    """
    count = len(weights)
    offset = torch.rand(1, generator=generator, dtype=weights.dtype).to(weights)
    points = (torch.arange(count, dtype=weights.dtype, device=weights.device) + offset) / count
    return torch.searchsorted(weights.cumsum(dim=0), points).clamp(max=count - 1)

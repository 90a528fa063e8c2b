"""Flow-map trajectory tilting (arXiv 2511.22688): samples of the model times exp(reward).

Particles go from noise to data. At time t their distribution is that of the model, rho_t, times
exp(U_t), where U_t(x) = t reward(X(x, t, 1)) looks ahead through the flow map. Between two times,
each particle moves by the map itself, along which the look-ahead stays the same. So the logarithm
of its weight grows by reward(X(x, t, 1)) dt (Jarzynski's equality). At each time, a step of
Langevin dynamics leaves rho_t exp(U_t) as it is, but for its discretisation:

    dX = eps (grad log rho_t + grad U_t) dt + sqrt(2 eps) dW,    eps = 1 - t,

with grad log rho_t = (t v - x) / (1 - t) on this path. It is an exponential step: exact where the
distribution is N(0, 1). Where the weights are uneven, particles are drawn anew by them. The paper
moves particles by the velocity, v dt; jumps of the map need no small steps.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel
from tts.steering.gradients import value_and_gradient
from tts.steering.line import LineMap
from tts.steering.rewards import LogMel, Reward, Rewards


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
        return self.states[systematic(self.weights, generator, count=1)]


@dataclass(frozen=True)
class Tilting:
    """Steer by tilted trajectories of particles; one of them is spoken.

    A step evaluates the map three times for each particle, and its gradient once.

    Args:
        reward: what to have more of.
        strength: how much a unit of reward counts, in nats, above 0, finite.
        steps: times at which particles are moved, from 2; more come closer to the distribution.
        particles: how many, from 1; more come closer to the distribution, too.
        resample: particles are drawn anew where the effective number is below this share of them,
            from 0 (never) to 1.

    Raises:
        ValueError: a value is out of its range.

    Example:
        >>> from tts.steering import brightness
        >>> Tilting(brightness, strength=500).particles
        4
    """

    reward: Reward
    strength: float = 1.0
    steps: int = 8
    particles: int = 4
    resample: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.strength < math.inf:
            raise ValueError(f"strength must be above 0 and finite, got {self.strength}")
        if self.steps < 2:
            raise ValueError(f"steps must be at least 2, got {self.steps}")
        if self.particles < 1:
            raise ValueError(f"particles must be at least 1, got {self.particles}")
        if not 0 <= self.resample <= 1:
            raise ValueError(f"resample must be from 0 to 1, got {self.resample}")

    def __call__(self, line: LineMap) -> LogMel:
        """The log-mel of a line, drawn from its particles."""
        of_states = replace(self, reward=line.of_states(self.reward))
        noise, generator = line.noise(self.particles), line.generator()
        flow, temperature = line.flow(self.particles), line.delivery.temperature
        found = of_states.tilt(flow, noise, generator, deviation=temperature)
        return line.model.denormalise(found.draw(generator))

    def tilt(
        self, flow: FlowMap, noise: Mel, generator: torch.Generator, *, deviation: float = 1.0
    ) -> Particles:
        """Samples of the model's distribution times exp(strength reward).

        Args:
            flow: the map, with its conditioning bound for as many items as there is noise. The
                reward is one of its states at time 1.
            noise: the particles at time 0, drawn from N(0, deviation^2).
            generator: of the noise of the Langevin steps and of the draws, on the CPU.
            deviation: standard deviation of the noise. Where it is not 1, the score is taken for
                that of Gaussian data: the score at 1 divided by deviation^2.

        Returns:
            The particles at time 1, with their weights.
        """
        x, log_weights = noise, noise.new_zeros(len(noise))
        times = torch.linspace(0, 1, self.steps + 1, dtype=noise.dtype, device=noise.device)
        for s, t in pairwise(times):
            begin, end = s.expand(len(x)), t.expand(len(x))
            with torch.no_grad():
                x = flow.jump(x, begin, end)
            ahead, slope = self._look_ahead(flow, x, end)
            log_weights = log_weights + (t - s) * ahead
            if Particles(x, log_weights).effective < self.resample * len(x):
                chosen = systematic(log_weights.softmax(dim=0), generator, count=len(x))
                x, slope, log_weights = x[chosen], slope[chosen], torch.zeros_like(log_weights)
            if t < 1:
                with torch.no_grad():
                    drift = (t * flow.velocity(x, end) - x) / (1 - t) + deviation**2 * t * slope
                drawn = torch.randn(x.shape, generator=generator, dtype=x.dtype).to(x)
                kept = torch.exp(-(t - s) * (1 - t))
                x = x + (1 - kept) * drift + deviation * (1 - kept**2).sqrt() * drawn
        return Particles(x, log_weights)

    def _look_ahead(self, flow: FlowMap, x: Mel, t: Float[Tensor, " batch"]) -> tuple[Rewards, Mel]:
        """The weighted reward of the state at time 1 that the map leads to, and its gradient."""
        one = torch.ones_like(t)
        arrived = bool((t == one).all())

        def objective(state: Mel) -> Rewards:
            return self.strength * self.reward(state if arrived else flow.jump(state, t, one))

        return value_and_gradient(objective, x)


def systematic(
    weights: Rewards, generator: torch.Generator, *, count: int
) -> Int[Tensor, " count"]:
    """Indices by weights whose sum is 1: each as often as its weight says, rounded up or down.

    Systematic resampling, with one random number for all (arXiv cs/0507025, section 3.3).
    """
    offset = torch.rand(1, generator=generator, dtype=weights.dtype).to(weights)
    points = (torch.arange(count, dtype=weights.dtype, device=weights.device) + offset) / count
    return torch.searchsorted(weights.cumsum(dim=0), points).clamp(max=len(weights) - 1)

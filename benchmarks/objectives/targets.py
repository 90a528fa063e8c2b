"""Gaussian mixtures, whose velocity is known in closed form and whose flow map to any accuracy."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from tts.acoustic.flow import FlowMap, per_item

BISECTIONS = 50
SOLVER_STEPS = 100  # of Runge and Kutta's method of fourth order


@dataclass(frozen=True)
class Mixture:
    """A mixture of equally likely Gaussians with a deviation each, of any dimension.

    Args:
        means: of the components, (components, dimensions).
        deviations: of the components, (components).
    """

    means: Tensor
    deviations: Tensor

    @property
    def dimensions(self) -> int:
        """Of the data."""
        return self.means.shape[1]

    def sample(self, shape: tuple[int, int], generator: Generator) -> Tensor:
        """Points of (*shape, dimensions)."""
        which = torch.randint(len(self.means), shape, generator=generator)
        noise = torch.randn(*shape, self.dimensions, generator=generator).to(self.means)
        return self.means[which] + self.deviations[which][..., None] * noise

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """The marginal velocity of the straight path at points (batch, frames, dimensions)."""
        time = t[:, None, None, None]
        spread = (1 - time) ** 2 + (time * self.deviations[:, None]) ** 2
        off = x[:, :, None] - time * self.means
        logits = -(off**2 / spread).sum(dim=3) / 2 - self.dimensions / 2 * spread[..., 0].log()
        slope = (time * self.deviations[:, None] ** 2 - (1 - time)) / spread
        each = self.means + slope * off
        return (logits.softmax(dim=2)[..., None] * each).sum(dim=2)

    def exact(self, x: Tensor, s: Tensor, t: Tensor) -> Tensor:
        """X(x, s, t): in one dimension the monotone transport, else by the solver."""
        return self.transport(x, s, t) if self.dimensions == 1 else self.solve(x, s, t)

    def transport(self, x: Tensor, s: Tensor, t: Tensor) -> Tensor:
        """The inverse of F_t at F_s(x), where F is the cumulative distribution on the path."""
        place = self._cumulative(x, s)
        low, high = torch.full_like(x, -20.0), torch.full_like(x, 20.0)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = self._cumulative(middle, t) < place
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2

    def _cumulative(self, x: Tensor, t: Tensor) -> Tensor:
        time = t[:, None, None]
        spread = ((1 - time) ** 2 + (time * self.deviations) ** 2).sqrt()
        return torch.special.ndtr((x - time * self.means[:, 0]) / spread).mean(dim=2, keepdim=True)

    def solve(self, x: Tensor, s: Tensor, t: Tensor) -> Tensor:
        """X(x, s, t) by steps of fourth order."""
        step = (t - s) / SOLVER_STEPS
        h = per_item(step)
        for index in range(SOLVER_STEPS):
            start = s + index * step
            first = self.velocity(x, start)
            second = self.velocity(x + h / 2 * first, start + step / 2)
            third = self.velocity(x + h / 2 * second, start + step / 2)
            fourth = self.velocity(x + h * third, start + step)
            x = x + h / 6 * (first + 2 * second + 2 * third + fourth)
        return x

    def average_velocity(self, x: Tensor, s: Tensor, t: Tensor) -> Tensor:
        """u(x, s, t) of the exact map, for jumps longer than 1e-3."""
        return (self.exact(x, s, t) - x) / per_item(t - s)

    def teacher(self) -> FlowMap:
        """A map with the exact velocity, as a flow-matching model without error has it."""
        velocity: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda x, s, t: self.velocity(x, s)  # noqa: E731
        return FlowMap(velocity)


LINE = Mixture(torch.tensor([[-1.2], [0.3], [1.5]]), torch.tensor([0.3, 0.15, 0.4]))
PLANE = Mixture(
    torch.tensor([[-1.2, 0.0], [0.6, 1.1], [0.9, -1.0]]), torch.tensor([0.35, 0.25, 0.4])
)
TARGETS = {"line": LINE, "plane": PLANE}

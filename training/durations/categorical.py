"""Flow maps of categories: noise in R^K is carried to a corner of the simplex of K categories.

Time runs from noise (0) to data (1), along x_t = (1 - t) noise + t e_k, where e_k is the one-hot
vector of the category k. A network gives the probabilities p(x, s, t) of where a jump leads, and
the map is

    X(x, s, t) = x + g (p(x, s, t) - x),  g = (t - s) / (1 - s),

the endpoint form of Categorical Flow Maps (arXiv 2602.12233). At s = t they are the probabilities
of the category given x, as a denoiser has them; from 0 to 1 they are the end of the map itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from tts.acoustic.flow import FlowMap, Time, per_item

State = Float[Tensor, "batch text bins"]
MIN_REMAINING = 1e-6  # of the path, so that nothing is divided by 0 at its end


@dataclass(frozen=True)
class CategoricalFlowMap:
    """A flow map of categories, from a network whose conditioning is bound.

    Args:
        logits: gives the logits of the categories, of the shape of the state, from the state at `s`
            and the times `s` and `t` of each item, `0 <= s <= t <= 1`.
    """

    logits: Callable[[Tensor, Tensor, Tensor], Tensor]

    def log_endpoint(self, x: State, s: Time, t: Time) -> State:
        """The logarithms of the probabilities p(x, s, t)."""
        return F.log_softmax(self.logits(x, s, t), dim=2)

    def endpoint(self, x: State, s: Time, t: Time) -> State:
        """The probabilities p(x, s, t)."""
        return F.softmax(self.logits(x, s, t), dim=2)

    def jump(self, x: State, s: Time, t: Time) -> State:
        """The state at `t`, from the state `x` at `s`."""
        share = (t - s) / (1 - s).clamp(min=MIN_REMAINING)
        return torch.lerp(x, self.endpoint(x, s, t), per_item(share))

    def sample(self, noise: State, steps: int) -> Int[Tensor, "batch text"]:
        """Categories from noise in equal jumps: the largest coordinate at the end.

        Args:
            noise: the state at time 0.
            steps: how many jumps, at least 1.

        Returns:
            The index of the category at each position.
        """
        # the average velocity of a jump, so that there is one place that makes jumps in a row
        flow = FlowMap(
            lambda x, s, t: (
                (self.endpoint(x, s, t) - x) / per_item((1 - s).clamp(min=MIN_REMAINING))
            )
        )
        return flow.sample(noise, steps).argmax(dim=2)


@dataclass(frozen=True)
class CategoricalSample:
    """Noise and categories joined by straight paths, and the times of a jump along them.

    Args:
        noise: standard normal.
        category: index of the category at each position.
        s: start time of the jump, 0 to 1.
        t: end time of the jump, `s` to 1.
        split: where `semigroup` splits the jump, as a share of t - s, 0 to 1.
    """

    noise: State
    category: Int[Tensor, "batch text"]
    s: Time
    t: Time
    split: Time

    def at(self, time: Time) -> State:
        """The point of the path at a time."""
        corner = F.one_hot(self.category, self.noise.shape[2]).to(self.noise)
        return torch.lerp(self.noise, corner, per_item(time))


def denoising(
    student: CategoricalFlowMap, teacher: CategoricalFlowMap, draw: CategoricalSample
) -> Float[Tensor, "batch text"]:
    """Cross-entropy of the category under p(x_t, t, t), in nats: the diagonal term.

    It is least where p is the true probability of the category given x_t; it is not zero there.
    The teacher is not used.
    """
    log_probability = student.log_endpoint(draw.at(draw.t), draw.t, draw.t.clone())
    return -log_probability.gather(2, draw.category[..., None])[..., 0]


def semigroup(
    student: CategoricalFlowMap, teacher: CategoricalFlowMap, draw: CategoricalSample
) -> Float[Tensor, "batch text"]:
    """Two jumps in a row make the whole one, as a divergence on the simplex, in nats.

    With l the split, m = s + l (t - s), x_m = X(x_s, s, m) and w = (1 - l) (1 - s) / (1 - m), the
    target is (1 - w) p(x_s, s, m) + w p(x_m, m, t). It follows from the semigroup of SplitMeanFlow
    (arXiv 2507.16884, equation 10) in the endpoint form: the end of a jump is a mixture of the ends
    of its two parts. So the target is made of probabilities, and the network is compared with it by
    the Kullback-Leibler divergence, whose gradient is that of the cross-entropy. It is zero at the
    true map and needs no derivative of the network. Both parts are the teacher's, without gradient.
    """
    s, t = draw.s, draw.t
    middle = torch.lerp(s, t, draw.split)
    x = draw.at(s)
    with torch.no_grad():
        first = teacher.endpoint(x, s, middle)
        share = (middle - s) / (1 - s).clamp(min=MIN_REMAINING)
        halfway = torch.lerp(x, first, per_item(share))
        second = teacher.endpoint(halfway, middle, t)
        weight = (1 - draw.split) * (1 - s) / (1 - middle).clamp(min=MIN_REMAINING)
        target = torch.lerp(first, second, per_item(weight.clamp(max=1)))
    divergence = F.kl_div(student.log_endpoint(x, s, t), target, reduction="none")
    return divergence.sum(dim=2)

"""Guidance while training: maps that exaggerate what the conditions of a sentence change.

Classifier-free guidance (arXiv 2207.12598) takes the velocity with conditions, v_c, away from that
without, v_u: v_u + w (v_c - v_u). MeanFlow (arXiv 2505.13447, section 4.2) trains a map for guided
velocities, so that one step needs one evaluation. Of its target w' v + k v_c + (1 - w' - k) v_u,
only v is given; v_c and v_u are the map's own, without gradient. The map is then right where v_c is
the guided velocity of scale w = w' / (1 - k). Improved MeanFlow (arXiv 2512.02012) has
v + (1 - 1 / w) (v_c - v_u), the same with w' = 1 and k = 1 - 1 / w, and makes w and the times at
which the guidance holds an input of the network.

Here w is the scale and k is kappa. Time runs from noise (0) to data (1).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Generator, Tensor

from tts.acoustic.flow import FlowMap, Mel, Time, per_item
from tts.validation import check_types

SOURCES = ("frozen", "student")


@dataclass(frozen=True, kw_only=True, slots=True)
class Guidance:
    """How a run makes and uses guided velocities; its scale is the `guidance` of the run.

    Args:
        source: where they come from: `frozen`, the run's teacher with and without conditions; or
            `student`, the path of the data and the velocities of the student itself.
        kappa: share of the student's own conditional velocity, from 0 to below 1; None for that of
            improved MeanFlow, 1 - 1 / scale. Of a frozen teacher it must be 0.
        since: time from which on the guidance holds, at least 0.
        until: time up to which it holds, above `since`, at most 1.
        highest: if set, scale and times are inputs of the mel map: a scale from 1 to this, at
            least 1, log-uniform, is drawn for each item, and for half of them times with `since`
            below and `until` above 0.5, uniform (in the paper, for those whose jumps have a
            length). Checkpoints hold the map of the run's scale and of the times above.

    Raises:
        ValueError: a value is of the wrong type or out of range, or options exclude each other.
    """

    source: str = "frozen"
    kappa: float | None = 0.0
    since: float = 0.0
    until: float = 1.0
    highest: float | None = None

    def __post_init__(self) -> None:
        check_types(self)
        if self.source not in SOURCES:
            raise ValueError(f"source must be one of {', '.join(SOURCES)}; got {self.source!r}")
        if self.kappa is not None and not 0 <= self.kappa < 1:
            raise ValueError(f"kappa must be from 0 to below 1, got {self.kappa}")
        if self.source == "frozen" and self.kappa != 0:
            raise ValueError(
                f"guidance by a frozen teacher has a kappa of 0, got {self.kappa}; set source to "
                "student, or kappa to 0"
            )
        if not 0 <= self.since < self.until <= 1:
            raise ValueError(
                "guidance must have 0 <= since < until <= 1, "
                f"got since={self.since} and until={self.until}"
            )
        if self.highest is not None and not self.highest >= 1:
            raise ValueError(f"highest must be at least 1, got {self.highest}")


@dataclass(frozen=True)
class GuidanceInput:
    """Scale and times of the guidance of each item.

    Args:
        scale: 1 for no guidance, (batch).
        since: time from which on it holds, (batch).
        until: time up to which it holds, (batch).
    """

    scale: Time
    since: Time
    until: Time

    @classmethod
    def fixed(cls, scale: float, guidance: Guidance, like: Tensor) -> "GuidanceInput":
        """The same for each item of a tensor, in its dtype and on its device."""
        values = (scale, guidance.since, guidance.until)
        return cls(*(like.new_full((len(like),), value) for value in values))

    @classmethod
    def drawn(cls, highest: float, like: Tensor, generator: Generator) -> "GuidanceInput":
        """A scale from 1 to `highest`, log-uniform, and times, for each item.

        Half of the items are guided at all times, as a checkpoint is by default; the others between
        uniform times around 0.5.
        """
        chances = torch.rand(4, len(like), generator=generator, device=generator.device).to(like)
        always = chances[3] < 0.5
        since, until = chances[1] / 2, (1 + chances[2]) / 2
        times = torch.where(always, 0, since), torch.where(always, 1, until)
        return cls(highest ** chances[0], *times)

    def __getitem__(self, items: slice) -> "GuidanceInput":
        return GuidanceInput(self.scale[items], self.since[items], self.until[items])

    def only(self, kept: Bool[Tensor, " batch"]) -> "GuidanceInput":
        """The same for some items, and no guidance for the others."""
        return GuidanceInput(torch.where(kept, self.scale, 1), self.since, self.until)

    def at(self, time: Time) -> "GuidanceInput":
        """The guidance of a velocity at a time: that scale or 1, held at all times."""
        holds = (time >= self.since) & (time <= self.until)
        none = torch.zeros_like(self.since)
        return GuidanceInput(torch.where(holds, self.scale, 1), none, none + 1)

    def features(self) -> Float[Tensor, "batch 3"]:
        """What a network reads: the logarithm of the scale, and the two times."""
        return torch.stack([self.scale.log(), self.since, self.until], dim=1)


@dataclass(frozen=True)
class GuidedMap(FlowMap):
    """A map for its velocity alone; the guided velocities make no map without integration."""

    def average_velocity(self, x: Mel, s: Time, t: Time) -> Mel:
        """Refused: no closed form."""
        raise ValueError("a guided teacher has velocities alone; name a teacher with jumps")

    def velocity(self, x: Mel, t: Time) -> Mel:
        """The guided velocity at `t`."""
        return self.network(x, t, t)


def guide(conditional: FlowMap, unconditional: FlowMap, guidance: GuidanceInput) -> GuidedMap:
    """Classifier-free guidance of one map by another: v_u + w (v_c - v_u) (arXiv 2207.12598).

    With a weaker map of the same conditions in place of the unconditional one, it is autoguidance
    (arXiv 2406.02507).

    Args:
        conditional: gives v_c.
        unconditional: gives v_u.
        guidance: scale w and times; outside of these times the velocity is v_c.
    """

    def network(x: Mel, s: Time, t: Time) -> Mel:
        scale = per_item(guidance.at(t).scale)
        base = unconditional.velocity(x, t)
        return base + scale * (conditional.velocity(x, t) - base)

    return GuidedMap(network)


@dataclass(frozen=True)
class SelfGuidance:
    """Guidance of a student by itself, of which only the path of a draw is still open.

    Args:
        conditional: the student's map with conditions, which gives v_c.
        unconditional: its map without, which gives v_u.
        guidance: scale w and times of each item.
        kappa: share k of v_c; None for 1 - 1 / w.
    """

    conditional: FlowMap
    unconditional: FlowMap
    guidance: GuidanceInput
    kappa: float | None = None

    def along(self, path: FlowMap) -> GuidedMap:
        """The guided velocity of MeanFlow, w (1 - k) v + k v_c + (1 - w (1 - k) - k) v_u.

        MeanFlow (arXiv 2505.13447, section 4.2) writes w' for w (1 - k). With k = 1 - 1 / w it is
        that of improved MeanFlow (arXiv 2512.02012), v + (1 - 1 / w) (v_c - v_u). A map that learns
        it as its v_c has the classifier-free velocity of scale w, whatever k is. Where w is 1, it
        is v.

        Args:
            path: gives v, whose conditional mean is the velocity.
        """

        def network(x: Mel, s: Time, t: Time) -> Mel:
            scale = self.guidance.at(t).scale
            fixed = 1 - 1 / scale if self.kappa is None else torch.full_like(scale, self.kappa)
            share = torch.where(scale == 1, 0, fixed)
            given, own = per_item(scale * (1 - share)), per_item(share)
            return (
                given * path.velocity(x, t)
                + own * self.conditional.velocity(x, t)
                + (1 - given - own) * self.unconditional.velocity(x, t)
            )

        return GuidedMap(network)


@dataclass(frozen=True)
class Conditions:
    """What the items of one batch are told.

    Args:
        kept: false for items that lost their conditions, (batch).
        guidance: of each item; scale 1 for items that lost theirs.
    """

    kept: Bool[Tensor, " batch"]
    guidance: GuidanceInput

    def features(
        self, features: Shaped[Tensor, "batch time dim"], items: slice, conditional: bool
    ) -> Shaped[Tensor, "batch time dim"]:
        """Features of some items; all zero without conditions, as of a sentence without sound.

        Args:
            features: of these items.
            items: their slice of the batch.
            conditional: false takes the conditions of all of them.
        """
        if not conditional:
            return torch.zeros_like(features)
        return features * self.kept[items, None, None]

"""What guided velocities are, where they hold, and which maps have them."""

import pytest
import torch
from torch import Generator
from tts.training.acoustic.guidance import (
    Conditions,
    Guidance,
    GuidanceInput,
    SelfGuidance,
    guide,
)

from tests.toys import Gaussian
from tts.acoustic.flow import FlowMap

ALWAYS = Guidance()
SCALE, DEVIATION = 2.5, 0.6
WITH, WITHOUT = 0.9, 0.4  # means of Gaussian data with conditions, and without
X = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(3, 4, 1)
TIME = torch.tensor([0.1, 0.4, 0.8], dtype=torch.float64)


def flow(mean):
    return FlowMap(Gaussian(mean, DEVIATION).exact)


def of(scale=SCALE, guidance=ALWAYS):
    return GuidanceInput.fixed(scale, guidance, TIME)


# Velocities of Gaussians of one deviation are linear in their means, and so is guidance.
GUIDED = flow(WITHOUT + SCALE * (WITH - WITHOUT))


def test_guided_velocities_of_gaussians_are_those_of_the_extrapolated_mean():
    found = guide(flow(WITH), flow(WITHOUT), of())
    torch.testing.assert_close(found.velocity(X, TIME), GUIDED.velocity(X, TIME))
    ends = found.integrate(X, 100, midpoint=True)
    torch.testing.assert_close(ends, GUIDED.sample(X, 1), atol=1e-3, rtol=0)


@pytest.mark.parametrize("kappa", [0.0, 0.5, 0.9, None])
def test_a_student_that_is_guided_stays_so_whatever_its_own_share(kappa):
    found = SelfGuidance(GUIDED, flow(WITHOUT), of(), kappa).along(flow(WITH))
    torch.testing.assert_close(found.velocity(X, TIME), GUIDED.velocity(X, TIME))


@pytest.mark.parametrize("kappa", [0.0, 0.5, 0.9, None])
@pytest.mark.parametrize("scale", [1.5, 4.0])
def test_a_student_that_is_not_is_told_so(kappa, scale):
    found = SelfGuidance(flow(WITH), flow(WITHOUT), of(scale), kappa).along(flow(WITH))
    right = guide(flow(WITH), flow(WITHOUT), of(scale)).velocity(X, TIME)
    assert ((found.velocity(X, TIME) - right).abs().mean() > 1e-2) == (kappa != 0)


def test_shares_are_those_of_the_papers():
    """MeanFlow with omega 1 and kappa .5; improved MeanFlow, v + (1 - 1 / w) (v_c - v_u)."""
    path, own, other = flow(0.7), flow(-0.3), flow(0.2)
    v, c, u = (each.velocity(X, TIME) for each in (path, own, other))
    mean_flow = SelfGuidance(own, other, of(2.0), 0.5).along(path).velocity(X, TIME)
    torch.testing.assert_close(mean_flow, 1.0 * v + 0.5 * c + (1 - 1.0 - 0.5) * u)
    improved = SelfGuidance(own, other, of(4.0), None).along(path).velocity(X, TIME)
    torch.testing.assert_close(improved, v + (1 - 1 / 4) * (c - u))


@pytest.mark.parametrize("kappa", [0.0, 0.5, None])
def test_without_guidance_the_velocity_is_given_alone(kappa):
    """At other times than those of the guidance, and for items that lost their conditions."""
    guidance = Guidance(since=0.3, until=0.6)
    inside, kept = torch.tensor([False, True, False]), torch.tensor([True, False, False])
    for held, where in ((of(SCALE, guidance), inside), (of().only(kept), kept)):
        path = SelfGuidance(flow(-1.0), flow(WITHOUT), held, kappa).along(flow(WITH))
        frozen = guide(flow(WITH), flow(WITHOUT), held)
        for found in (path, frozen):
            same = found.velocity(X, TIME).isclose(flow(WITH).velocity(X, TIME)).all(dim=(1, 2))
            assert same.tolist() == (~where).tolist()


def test_jumps_of_guided_velocities_are_refused():
    found = guide(flow(WITH), flow(WITHOUT), of())
    with pytest.raises(ValueError, match="a guided teacher has velocities alone"):
        found.jump(X, 0 * TIME, TIME)


def test_drawn_guidance_is_log_uniform_with_times_around_the_middle():
    drawn = GuidanceInput.drawn(8.0, X.new_zeros(4000), Generator().manual_seed(0))
    for found, low, high in (
        (drawn.scale.log() / torch.tensor(8.0).log(), 0, 1),
        (drawn.since, 0, 0.5),
        (drawn.until, 0.5, 1),
    ):
        assert low <= found.min() < found.max() <= high
        assert found.mean().item() == pytest.approx((low + high) / 2, abs=0.02)
        assert found.dtype == torch.float64


def test_dropped_conditions_are_zero():
    conditions = Conditions(torch.tensor([True, False, True]), of())
    for items in (slice(0, 3), slice(1, 2)):
        kept = conditions.features(X[items] + 3, items, conditional=True).any(dim=2).any(dim=1)
        assert kept.tolist() == conditions.kept[items].tolist()
        assert not conditions.features(X[items], items, conditional=False).any()


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"source": "weak"}, "source must be one of frozen, student; got 'weak'"),
        ({"source": "student", "kappa": 1.0}, "kappa must be from 0 to below 1, got 1.0"),
        ({"kappa": 0.5}, "has a kappa of 0, got 0.5; set source to student"),
        ({"kappa": None}, "has a kappa of 0, got None"),
        ({"since": 0.7, "until": 0.7}, "0 <= since < until <= 1, got since=0.7"),
        ({"highest": 0.5}, "highest must be at least 1, got 0.5"),
    ],
)
def test_guidance_that_cannot_be_is_refused(options, fault):
    with pytest.raises(ValueError, match=fault):
        Guidance(**options)

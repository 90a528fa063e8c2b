"""What a weighting makes of the errors of items, and how a learned one finds its level."""

import math

import pytest
import torch
from tts.training.acoustic.terms import Term, TrainingStep, flow_map_loss
from tts.training.acoustic.weighting import WEIGHTING_NAMES, Uncertainty

from tts.acoustic.flow import FlowMap

LENGTHS = (6, 3, 2)  # real frames of three items


def losses(weighting, scale, power=1.0, uncertainty=None):
    """Of a map that is `scale` times 1, 2 and 3 off the teacher's, and its gradient."""
    off = torch.tensor([1.0, 2.0, 3.0])[:, None, None] * scale
    factor = torch.ones((), requires_grad=True)
    maps = {
        "student": FlowMap(lambda x, s, t: factor * off + 0 * x),
        "frozen": FlowMap(lambda x, s, t: 0 * x),
    }
    term = Term(
        objective="boundary",
        times="diagonal",
        teacher="frozen",
        weighting=weighting,
        power=power,
    )
    mask = torch.arange(6) < torch.tensor(LENGTHS)[:, None]
    step = TrainingStep(
        [term],
        torch.Generator().manual_seed(0),
        uncertainties={"boundary": uncertainty} if uncertainty else {},
    )
    parts = flow_map_loss(step, lambda name, items: maps[name], torch.zeros(3, 6, 2), mask)
    parts["boundary"].backward()
    return {name: part.item() for name, part in parts.items()}, factor.grad.item()


def weighted_mean(values):
    return sum(v * n for v, n in zip(values, LENGTHS, strict=True)) / sum(LENGTHS)


def test_without_a_weighting_the_loss_is_the_mean_square_alone():
    found, slope = losses("none", 1.0)
    assert found == {"boundary": pytest.approx(weighted_mean((1, 4, 9)))}
    assert slope == pytest.approx(2 * weighted_mean((1, 4, 9)))


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0])
def test_adaptive_weights_have_no_gradient_of_their_own(power):
    """By hand; the gradient is that of the mean square, times the weight."""
    found, slope = losses("adaptive", 2.0, power)
    weighed = [4 * e / (4 * e + 1e-3) ** power for e in (1, 4, 9)]
    assert found["boundary"] == pytest.approx(weighted_mean(weighed))
    assert found["boundary/mean_square"] == pytest.approx(4 * weighted_mean((1, 4, 9)))
    assert slope == pytest.approx(2 * weighted_mean(weighed))


def test_huber_counts_a_far_item_by_its_distance():
    found, slope = losses("huber", 5.0)
    assert found["boundary"] == pytest.approx(5 * weighted_mean((1, 2, 3)), rel=1e-3)
    assert slope == pytest.approx(5 * weighted_mean((1, 2, 3)), rel=1e-3)


def test_a_learned_weight_starts_as_none_and_settles_at_the_log_of_the_error():
    """The loss exp(-w) e + w of an error of 0.25 everywhere is least at w = log 0.25."""
    torch.manual_seed(0)
    uncertainty = Uncertainty()
    s = torch.rand(64)
    t = s + (1 - s) * torch.rand(64)
    assert (uncertainty(s, t) == 0).all()
    weights = list(uncertainty.parameters())
    for _ in range(100):
        expected = uncertainty(s, t)
        slopes = torch.autograd.grad((0.25 * (-expected).exp() + expected).mean(), weights)
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight -= 0.05 * slope
    assert expected.mean().item() == pytest.approx(math.log(0.25), abs=0.05)
    assert uncertainty(s, t).std() < 0.1


def test_a_learned_weight_stays_within_four_and_can_return():
    uncertainty = Uncertainty()
    with torch.no_grad():
        uncertainty.network[-1].bias.fill_(9.0)
    expected = uncertainty(torch.tensor([0.2]), torch.tensor([0.9]))
    assert 3.8 < expected.item() < 4
    expected.backward()
    assert uncertainty.network[-1].bias.grad.item() > 0


def test_learned_weights_are_logged_beside_the_error():
    uncertainty = Uncertainty()
    with torch.no_grad():
        uncertainty.network[-1].bias.fill_(0.5)
    found, slope = losses("learned", 1.0, uncertainty=uncertainty)
    expected = 4 * math.tanh(0.5 / 4)
    square = weighted_mean((1, 4, 9))
    assert found["boundary"] == pytest.approx(math.exp(-expected) * square + expected)
    assert found["boundary/mean_square"] == pytest.approx(square)
    assert found["boundary/uncertainty"] == pytest.approx(expected)
    assert slope == pytest.approx(2 * math.exp(-expected) * square)
    assert uncertainty.network[-1].bias.grad.abs() > 0


def test_an_unknown_weighting_is_refused_by_the_known_ones():
    with pytest.raises(ValueError, match=f"weighting must be one of {', '.join(WEIGHTING_NAMES)}"):
        Term(objective="flow_matching", times="diagonal", weighting="adaptable")

"""Which weights learn by which optimizer, at which rates, and how far in one step."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from tts.training.loop.ema import EMA
from tts.training.loop.optim import optimizers, precision, step_optimizers
from tts.training.loop.state import TrainingState
from tts.training.recipes import RECIPES


@pytest.fixture
def run():
    options = {"rate": 0.5, "matrix_rate": 0.25, "betas": (0.6, 0.7), "weight_decay": 0.3}
    return replace(RECIPES["flow_matching"](), **options)


def test_rates_betas_and_weight_decay_are_those_of_the_run(run, tiny_acoustic):
    first, second = optimizers(tiny_acoustic, run)
    assert isinstance(first, torch.optim.AdamW)
    assert isinstance(second, torch.optim.Muon)
    for optimizer, rate in ((first, 0.5), (second, 0.25)):
        for group in optimizer.param_groups:
            assert (group["lr"], group["full_rate"], group["weight_decay"]) == (rate, rate, 0.3)
    assert first.param_groups[0]["betas"] == (0.6, 0.7)


def test_only_matrices_inside_blocks_learn_by_muon(run, tiny_acoustic):
    """Not embeddings, inputs and outputs; and every weight that is not frozen by one of the two."""
    tiny_acoustic.mean.requires_grad_(False)
    names = {weight: name for name, weight in tiny_acoustic.named_parameters()}
    first, second = (
        {names[weight] for group in found.param_groups for weight in group["params"]}
        for found in optimizers(tiny_acoustic, run)
    )
    frozen = {name for name in names.values() if name.startswith("mean.")}
    assert frozen
    assert first | second == set(names.values()) - frozen
    assert not first & second
    assert {name.partition(".")[0] for name in second} == {
        "encoder",
        "prosody",
        "pause",
        "decoder",
    }
    assert not any("output" in name or "embedding" in name for name in second)
    assert all(".blocks." in name or ".attention." in name for name in second)
    assert all(weight.ndim == 2 for weight, name in names.items() if name in second)
    (alone,) = optimizers(tiny_acoustic, replace(run, matrix_rate=None))
    assert isinstance(alone, torch.optim.AdamW)


@pytest.mark.parametrize(("slope", "moved"), [(3.0, 3.0), (1000.0, 10.0)])
def test_gradients_of_a_side_are_clipped_to_a_norm_of_ten(slope, moved):
    """Each side by its own: here a single weight, at a rate of 1."""
    sides = [nn.Linear(1, 1, bias=False) for _ in range(2)]
    found: list[torch.optim.Optimizer] = [torch.optim.SGD(side.parameters(), 1.0) for side in sides]
    both = nn.ModuleList(sides)
    state = TrainingState(both, found, EMA(both, 0.9))
    before = [side.weight.item() for side in sides]
    losses = [slope * sides[0].weight.sum(), 2 * sides[1].weight.sum()]
    norms = step_optimizers(state, list(zip(sides, losses, strict=True)))
    after = [side.weight.item() for side in sides]
    assert norms.tolist() == pytest.approx([slope, 2])
    assert [b - a for b, a in zip(before, after, strict=True)] == pytest.approx(
        [moved, 2], rel=1e-4
    )
    assert state.step == 1


@pytest.mark.parametrize("name", ["bfloat16", "float32"])
def test_networks_are_computed_in_the_precision_of_the_run(name, run):
    with precision(replace(run, precision=name), torch.device("cpu")):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == getattr(torch, name)

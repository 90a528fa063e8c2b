"""Derivatives of the real networks, in double precision against finite differences, and in the
precisions and the compilation that they are trained in."""

import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator
from tts.training.acoustic.losses import acoustic_losses
from tts.training.acoustic.objectives.gradients import along, by_end, by_start
from tts.training.acoustic.teachers import Models
from tts.training.acoustic.terms import Ramp, Term, TrainingStep
from tts.training.data.dataset import FeatureDataset

from tts.text.pronounce.symbols import PhonemeTokenizer

STEP = 1e-6
THIRD = Ramp(start=1 / 3, end=1 / 3)
SMOOTH = tuple(
    Term(objective=objective, times=times, teacher=teacher, share=THIRD)
    for objective, times, teacher in (
        ("flow_matching", "diagonal", "student"),
        ("boundary", "diagonal", "frozen"),
        ("semigroup", "deployed", "frozen"),
    )
)


@pytest.fixture
def bound(tiny_acoustic):
    """A flow map with its conditioning, and a point of it, by name and dtype; both are padded."""

    def bind(name, dtype):
        model, chance = deepcopy(tiny_acoustic).to(dtype), Generator().manual_seed(0)
        frames, channels = (9, 100) if name == "mel" else (6, 3)
        mask = torch.arange(frames) < torch.tensor([[frames], [frames - 2], [4]])

        def draw(*shape):
            return torch.randn(shape, generator=chance, dtype=torch.float64).to(dtype)

        voice, x, direction = draw(3, 8), draw(3, frames, channels), draw(3, frames, channels)
        if name == "mel":
            flow = model.mel_map(draw(3, frames, 116), voice, mask)
        else:
            flow = model.prosody_map(draw(3, frames, 16), mask, voice, mask)
        s = torch.tensor([0.1, 0.3, 0.6], dtype=dtype)
        return model, flow, x, direction, s, s + 0.25

    return bind


def difference(function, step=STEP):
    """The central difference at 0 of a function of one number."""
    return (function(step) - function(-step)) / (2 * step)


@pytest.mark.parametrize("name", ["mel", "prosody"])
def test_directional_derivatives_are_those_of_finite_differences(name, bound):
    """The rates of the times' waves reach 100 radians, so errors of the step are 1e-8 at best."""
    _, flow, x, direction, s, t = bound(name, torch.float64)
    pairs = [
        (by_end(flow, x, s, t), difference(lambda step: flow.jump(x, s, t + step))),
        (by_start(flow, x, s, t), difference(lambda step: flow.jump(x, s + step, t))),
        (
            along(lambda y, start: flow.average_velocity(y, start, t), x, s, direction),
            difference(lambda step: flow.average_velocity(x + step * direction, s + step, t)),
        ),
    ]
    for (_, found), expected in pairs:
        assert found.dtype == torch.float64
        assert (found - expected).norm() < 1e-6 * expected.norm()


@pytest.mark.parametrize("name", ["mel", "prosody"])
def test_weights_get_the_gradient_of_a_directional_derivative(name, bound):
    model, flow, x, _, s, t = bound(name, torch.float64)
    network = model.decoder if name == "mel" else model.prosody
    found, expected = slopes(network, lambda: by_end(flow, x, s, t)[1].square().mean())
    assert found == pytest.approx(expected, rel=1e-5)


def slopes(network, loss):
    """The slope of a loss as all weights move at random: by its gradient, and by a difference."""
    weights, chance = list(network.parameters()), Generator().manual_seed(1)
    ways = [torch.randn(w.shape, generator=chance, dtype=w.dtype) for w in weights]
    gradients = torch.autograd.grad(loss(), weights, materialize_grads=True)

    def move(step):
        for weight, way in zip(weights, ways, strict=True):
            weight.add_(step * way)

    @torch.no_grad()
    def moved(step):
        move(step)
        value = loss().item()
        move(-step)
        return value

    pairs = zip(gradients, ways, strict=True)
    return sum((slope * way).sum().item() for slope, way in pairs), difference(moved)


def test_all_losses_are_computed_in_double_precision(features, tiny_acoustic, tiny_config):
    """Their gradient by every weight is that of a finite difference."""
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    corpus = FeatureDataset([features / "heart"], symbols, tiny_config.voices)
    batch = corpus.batch(6, 32, Generator().manual_seed(0))
    batch = replace(batch, mel=batch.mel.double(), prosody=batch.prosody.double())
    model = deepcopy(tiny_acoustic).double()
    frozen = deepcopy(model).requires_grad_(False)

    def loss():
        step = TrainingStep(SMOOTH, Generator().manual_seed(0))
        losses = acoustic_losses(step, Models(model, frozen), batch)
        assert {part.dtype for part in losses.values()} == {torch.float64}
        assert len(losses) == 6
        return torch.stack(list(losses.values())).sum()

    found, expected = slopes(torch.nn.ModuleList([model.decoder, model.prosody]), loss)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["mel", "prosody"])
def test_derivatives_in_half_precision_are_near_those_in_double(name, bound):
    """Under autocast, with a gradient for the weights; times stay in single precision."""
    model, flow, x, direction, s, t = bound(name, torch.float32)
    _, exact, *point, end = bound(name, torch.float64)
    _, expected = along(lambda y, start: exact.average_velocity(y, start, end), *_order(point))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, found = along(lambda y, start: flow.average_velocity(y, start, t), x, s, direction)
    assert found.dtype == torch.float32
    assert (found - expected).norm() < 0.05 * expected.norm()
    found.square().mean().backward()
    network = model.decoder if name == "mel" else model.prosody
    slopes = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert torch.cat([slope.flatten() for slope in slopes]).isfinite().all()


def _order(point):
    x, direction, s = point
    return x, s, direction


COMPILED = """
import torch
from tts.config import DecoderConfig, EncoderConfig, ModelConfig, ProsodyConfig
from tts.acoustic.model import AcousticModel
from tts.training.acoustic.objectives.gradients import by_end
from tts.training.loop.compilation import compile_network, count_graphs

torch.manual_seed(0)
model = AcousticModel(ModelConfig(
    symbols="ab", voices=("a",), voice_dim=8, encoder=EncoderConfig(dim=16, depth=1, heads=0),
    prosody=ProsodyConfig(dim=16, depth=1, heads=2), decoder=DecoderConfig(dim=16, depth=1),
)).eval()
for weight in model.parameters():
    torch.nn.init.normal_(weight, std=0.2)
mask, voice, s = torch.ones(2, 6, dtype=torch.bool), torch.randn(2, 8), torch.rand(2)
maps = (
    (model.decoder, model.mel_map(torch.randn(2, 6, 116), voice, mask), torch.randn(2, 6, 100)),
    (model.prosody, model.prosody_map(torch.randn(2, 6, 16), mask, voice, mask),
     torch.randn(2, 6, 3)),
)
for network, flow, x in maps:
    for half in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            network._compiled_call_impl = None
            plain, derived = flow.jump(x, s, s + 0.1), by_end(flow, x, s, s + 0.1)[1]
            compile_network(network)
            before = count_graphs()
            found = by_end(flow, x, s, s + 0.1)[1]
            found.square().mean().backward()
            torch.testing.assert_close(found, derived)
            assert count_graphs() == before
            torch.testing.assert_close(flow.jump(x, s, s + 0.1), plain, atol=0.05, rtol=0.05)
            assert count_graphs() == before + 1, (network, half)
print("compiled")
"""


@pytest.mark.slow
def test_a_compiled_network_can_be_derived_and_stays_compiled():
    """In a process of its own, as checks of shapes would be compiled too."""
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMPILED],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.endswith("compiled\n")

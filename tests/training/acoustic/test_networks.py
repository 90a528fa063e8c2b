"""The wide mel decoder: how it begins, what its inputs and heads change, and what is left of it."""

import pytest
import torch
from torch.func import jvp
from tts.training.acoustic.guidance import Guidance, GuidanceInput
from tts.training.acoustic.networks import WideAcousticModel, WideNetwork

from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import load_checkpoint, save_checkpoint

WIDE = WideNetwork(guided=True, headed=True)
MIDDLE = Guidance(since=0.3, until=0.7)
S, T = (torch.tensor(times, dtype=torch.float64) for times in ([0.1, 0.5], [0.9, 0.6]))


@pytest.fixture
def plain(tiny_acoustic):
    return tiny_acoustic.double()


@pytest.fixture
def wide(plain):
    """A wide model in double precision whose every weight has some life."""
    model = WideAcousticModel.widened(plain, WIDE).double()
    with torch.no_grad():
        for name, weight in model.decoder.named_parameters():
            if "guidance" in name or "velocity" in name:
                weight.add_(0.2 * torch.randn_like(weight))
    return model


def inputs(model):
    """Conditioning, vectors of voices and mask of two items, and a state."""
    config = model.config
    conditioning = torch.randn(2, 7, config.mel.bands + config.encoder.dim, dtype=torch.float64)
    mask = torch.arange(7) < torch.tensor([[7], [5]])
    x = torch.randn(2, 7, config.mel.bands, dtype=torch.float64)
    return (conditioning, model.voices.weight[:2], mask), x


def scaled(scale, guidance=MIDDLE):
    return GuidanceInput.fixed(scale, guidance, S)


@torch.no_grad()
def test_a_wide_model_begins_as_the_plain_one(plain):
    wide = WideAcousticModel.widened(plain, WIDE).double()
    bound, x = inputs(plain)
    same, flow = plain.mel_map(*bound), wide.mel_map(*bound, scaled(3.0))
    torch.testing.assert_close(flow.jump(x, S, T), same.jump(x, S, T))
    torch.testing.assert_close(flow.velocity(x, S), same.velocity(x, S))
    assert not wide.training


@torch.no_grad()
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_the_folded_model_is_the_wide_one_at_one_guidance(wide, scale):
    folded = wide.folded(scale, MIDDLE).double()
    bound, x = inputs(wide)
    found = folded.mel_map(*bound).average_velocity(x, S, T)
    right = wide.mel_map(*bound, scaled(scale)).average_velocity(x, S, T)
    torch.testing.assert_close(found, right)
    other = wide.mel_map(*bound, scaled(scale + 1)).average_velocity(x, S, T)
    assert (found - other).abs().mean() > 1e-3


def test_a_folded_model_ships_as_a_plain_one(wide, plain, tmp_path):
    for name, model in (("plain", plain.float()), ("folded", wide.folded(2.0, MIDDLE))):
        assert type(model) is AcousticModel
        save_checkpoint(model, tmp_path / f"{name}.safetensors", {})
    first, second = (
        load_checkpoint(tmp_path / f"{name}.safetensors", AcousticModel).state_dict()
        for name in ("plain", "folded")
    )
    changed = {name for name, value in first.items() if not torch.equal(value, second[name])}
    assert changed == {"decoder.modulation.voice.bias"}


@torch.no_grad()
def test_the_guidance_of_a_velocity_ends_with_its_times(wide):
    bound, x = inputs(wide)
    flow, none = wide.mel_map(*bound, scaled(3.0)), wide.mel_map(*bound)
    difference = (flow.velocity(x, S) - none.velocity(x, S)).abs().mean(dim=(1, 2))
    assert difference[0] == 0  # 0.1 lies before the guidance, 0.5 in it
    assert difference[1] > 1e-3


def test_the_head_gives_velocities_and_learns_from_them_alone(wide):
    bound, x = inputs(wide)
    flow, decoder = wide.mel_map(*bound), wide.decoder
    flow.velocity(x, S).square().mean().backward()
    assert decoder.output.weight.grad is None
    assert decoder.velocity_output.weight.grad.abs().max() > 0
    assert decoder.blocks[0].expand.weight.grad.abs().max() > 0
    decoder.zero_grad()
    flow.jump(x, S, T).square().mean().backward()
    assert decoder.velocity_output.weight.grad is None
    assert decoder.output.weight.grad.abs().max() > 0


def test_each_addition_stands_alone(plain):
    bound, x = inputs(plain)
    guided = WideAcousticModel.widened(plain, WideNetwork(guided=True)).double()
    headed = WideAcousticModel.widened(plain, WideNetwork(headed=True)).double()
    assert not any("velocity" in name for name in guided.state_dict())
    assert not any("guidance" in name for name in headed.state_dict())
    with torch.no_grad():
        guided.decoder.guidance[-1].bias.fill_(0.5)
        headed.decoder.velocity_output.bias.add_(1.0)
    right = plain.mel_map(*bound).velocity(x, S)
    assert (guided.mel_map(*bound, scaled(3.0)).velocity(x, S) - right).abs().mean() > 1e-3
    found = headed.mel_map(*bound, scaled(3.0)).velocity(x, S)
    torch.testing.assert_close(found, right + 1)


def test_tangents_go_through_the_wide_network(wide):
    """Forward mode agrees with central differences."""
    bound, x = inputs(wide)
    flow, v = wide.mel_map(*bound, scaled(3.0)), torch.randn_like(x)
    one = torch.ones_like(S)
    _, slope = jvp(lambda x, s: flow.average_velocity(x, s, T), (x, S), (v, one))
    step = 1e-6
    ahead, behind = (flow.average_velocity(x + h * v, S + h, T) for h in (step, -step))
    torch.testing.assert_close(slope, (ahead - behind) / (2 * step), rtol=1e-4, atol=1e-6)

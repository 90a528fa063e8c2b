"""What the shipped mel map is as a flow map: T10, T11 and T15 of the reference's list."""

import pytest
import torch

from tts.text.pronounce.symbols import PhonemeTokenizer

DURATIONS = (4, 5, 0, 8, 7, 9, 6, 0, 5, 0, 8, 5, 4, 5, 5, 6)


@pytest.fixture(scope="module")
def flow(torch_synthesizer):
    """The mel map for one phrase, as one voice says it, and its expected mel."""
    model = torch_synthesizer.runtime.acoustic
    tokens = PhonemeTokenizer(inventory=model.config.symbols).encode("^hˈɛlO, wˈɜɹld.$")
    tokens, durations = torch.tensor([tokens]), torch.tensor([DURATIONS])
    frames = torch.arange(int(durations.sum()))[None]
    with torch.no_grad():
        voice = model.voices(torch.tensor([0]))
        hidden = model.encoder(tokens, voice, tokens > 0)
        prosody = torch.zeros(1, len(DURATIONS), 3)
        features = model.condition(hidden, prosody, durations, frames)
    return model.mel_map(features, voice, frames >= 0), features[..., : model.config.mel.bands]


@pytest.fixture(scope="module")
def noise(flow):
    return torch.randn(flow[1].shape, generator=torch.Generator().manual_seed(0))


def distance(a, b, mean):
    """Root mean square, in those of the generated texture."""
    return ((a - b).square().mean() / (b - mean).square().mean()).sqrt().item()


def time(value):
    return torch.full((1,), value)


@torch.no_grad()
def test_two_jumps_are_nearly_the_whole_one(flow, noise):
    map_, mean = flow
    whole = map_.sample(noise, 1)
    for middle in (0.25, 0.5, 0.75):
        part = map_.jump(noise, time(0.0), time(middle))
        again = map_.jump(part, time(middle), time(1.0))
        assert distance(again, whole, mean) < 0.9


@torch.no_grad()
def test_one_step_is_near_the_trajectory_from_the_same_noise(flow, noise):
    map_, mean = flow
    end = map_.integrate(noise, 8, midpoint=True)
    other = map_.integrate(noise.flip(1), 8, midpoint=True)
    one = map_.sample(noise, 1)
    assert distance(one, end, mean) < 0.8 * distance(other, end, mean)


@torch.no_grad()
def test_texture_grows_with_the_root_of_the_temperature(flow, noise):
    """The deviation of the noise, which a linear map would keep."""
    map_, _ = flow
    none = map_.sample(0 * noise, 1)
    full, half = ((map_.sample(k * noise, 1) - none).std().item() for k in (1.0, 0.5**0.5))
    assert half / full == pytest.approx(0.5**0.5, rel=0.1)

"""Networks in ONNX Runtime against the torch modules; any cut into stretches gives the same."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

import tts.checkpoint
from tests.conftest import TINY, awake
from tts.acoustic.alignment import position_features, token_at
from tts.acoustic.model import AcousticModel
from tts.config import DecoderConfig, EncoderConfig, ModelConfig, ProsodyConfig, VocoderConfig
from tts.runtime.base import DecoderStretch, Tokens, VocoderStretch
from tts.runtime.onnx import OnnxRuntime
from tts.vocoder.model import Vocoder

CHECKPOINTS = Path(tts.checkpoint.__file__).parents[1] / "checkpoints"
HARMONIC = VocoderConfig(dim=16, intermediate_dim=32, depth=2, pitch_dim=8)
ODD = ModelConfig(
    symbols="^$ab",
    voices=("one",),
    voice_dim=3,
    encoder=EncoderConfig(dim=10, depth=1, heads=0, kernel=3),
    prosody=ProsodyConfig(dim=12, depth=1, heads=0, kernel=1, pause_depth=0),
    decoder=DecoderConfig(dim=14, depth=1, kernel=3, patch=3),
)
SIZES = {
    "shipped": (None, None),
    "tiny": (TINY, HARMONIC),
    "odd": (ODD, VocoderConfig(dim=12, intermediate_dim=20, depth=1, patch=3, pitch_dim=6)),
    "plain": (
        replace(ODD, decoder=DecoderConfig(dim=14, depth=2, kernel=1, patch=1)),
        VocoderConfig(dim=12, intermediate_dim=20, depth=1, patch=2),
    ),
}
TOLERANCE = 3e-5
CUTS = {
    "whole": [],
    "halves": [0.5],
    "early": [0.02, 0.04, 0.9],
    "many": np.linspace(0, 1, 12)[1:-1].tolist(),
}


class Pair(NamedTuple):
    runtime: OnnxRuntime
    acoustic: AcousticModel
    vocoder: Vocoder


@cache
def pair(name):
    acoustic_config, vocoder_config = SIZES[name]
    torch.manual_seed(0)
    if acoustic_config is None:
        acoustic = tts.checkpoint.load_checkpoint(
            CHECKPOINTS / "acoustic.safetensors", AcousticModel
        )
        vocoder = tts.checkpoint.load_checkpoint(CHECKPOINTS / "vocoder.safetensors", Vocoder)
    else:
        acoustic = awake(AcousticModel(acoustic_config)).eval()
        vocoder = Vocoder(vocoder_config).eval()
        with torch.no_grad():
            for weight in vocoder.parameters():
                weight.add_(0.05 * torch.randn_like(weight))
    runtime = OnnxRuntime(acoustic.config, arrays(acoustic), vocoder.config, arrays(vocoder))
    return Pair(runtime, acoustic, vocoder)


def arrays(model):
    return {name: weight.numpy() for name, weight in model.float().state_dict().items()}


@pytest.fixture(params=SIZES)
def models(request):
    return pair(request.param)


class Text(NamedTuple):
    tokens: torch.Tensor
    voice: torch.Tensor
    mask: torch.Tensor
    has_duration: torch.Tensor
    prosody: torch.Tensor
    durations: torch.Tensor


def text(acoustic, length=13, seed=0):
    chance = torch.Generator().manual_seed(seed)
    config = acoustic.config
    tokens = torch.randint(1, len(config.symbols) + 1, (1, length), generator=chance)
    voice = acoustic.voices.weight[:1].detach()
    has_duration = torch.rand(1, length, generator=chance) > 0.2
    prosody = torch.randn(1, length, 3, generator=chance)
    durations = torch.randint(0, 9, (1, length), generator=chance)
    return Text(tokens, voice, torch.ones_like(tokens).bool(), has_duration, prosody, durations)


def frames_of(models, seed=0, odd=True):
    """A stretch that is a whole utterance, and what torch makes of it."""
    acoustic, item = models.acoustic, text(models.acoustic, 20, seed)
    total = int(item.durations.sum())
    item.durations[0, -1] += (total + odd) % 2
    number = torch.arange(int(item.durations.sum()))[None]
    chance = torch.Generator().manual_seed(seed)
    x = torch.randn(1, number.shape[1], acoustic.config.mel.bands, generator=chance)
    with torch.no_grad():
        hidden = acoustic.encoder(item.tokens, item.voice, item.mask)
        conditioning = acoustic.condition(hidden, item.prosody, item.durations, number)
        real = torch.ones_like(number).bool()
        y = acoustic.mel_map(conditioning, item.voice, real).jump(
            x, torch.tensor([0.25]), torch.tensor([0.75])
        )
    tokens = Tokens(hidden[0].numpy(), item.prosody[0].numpy(), item.voice[0].numpy())
    stretch = DecoderStretch(
        tokens=tokens,
        token=token_at(item.durations, number)[0].numpy(),
        position=position_features(item.durations, number)[0].numpy(),
        x=x[0].numpy(),
        s=0.25,
        t=0.75,
        state=None,
        last=True,
    )
    return stretch, y[0].numpy()


def mel_of(models, frames=101, seed=0):
    chance = np.random.default_rng(seed)
    bands = models.vocoder.config.mel.bands
    return VocoderStretch(chance.uniform(-8, 2, (frames, bands)).astype(np.float32), None, True)


def cut(frames, shares, patch):
    """Ends of stretches, at multiples of a patch."""
    inner = {int(share * frames) // patch * patch for share in shares} - {0, frames}
    return [0, *sorted(inner), frames]


def pieces(stretch, cuts):
    """A function from the state to the stretch, for each cut."""
    frames = [name for name in ("mel", "x", "token", "position") if hasattr(stretch, name)]
    for start, stop in itertools.pairwise(cuts):
        part = {name: getattr(stretch, name)[start:stop] for name in frames}
        yield replace(stretch, **part, last=stop == cuts[-1]), stop


def streamed(call, stretch, cuts, delay):
    """Outputs of all stretches joined; each comes as soon as its delay allows."""
    state, found = None, []
    for piece, stop in pieces(stretch, cuts):
        *outputs, state = call(replace(piece, state=state))
        found.append(outputs)
        given = sum(len(part[0]) for part in found)
        assert given == (stop if piece.last else max(0, stop - delay))
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def decoded(runtime):
    return lambda stretch: runtime.decode([stretch])[0]


def vocoded(runtime):
    def call(stretch):
        ((spectra, state),) = runtime.vocode([stretch])
        gain = [] if spectra.noise_gain is None else [spectra.noise_gain]
        return (spectra.real, spectra.imaginary, *gain, state)

    return call


@torch.no_grad()
def test_encoder_and_pauses(models):
    item = text(models.acoustic)
    hidden, pause = models.runtime.encode(item.tokens[0].numpy(), item.voice[0].numpy())
    expected = models.acoustic.encoder(item.tokens, item.voice, item.mask)
    np.testing.assert_allclose(hidden, expected[0], atol=TOLERANCE)
    chance = models.acoustic.pauses(expected, item.mask)
    np.testing.assert_allclose(pause, chance[0], atol=TOLERANCE)
    assert hidden.dtype == pause.dtype == np.float32


@torch.no_grad()
def test_prosody(models):
    item, acoustic = text(models.acoustic), models.acoustic
    hidden = acoustic.encoder(item.tokens, item.voice, item.mask)
    flow = acoustic.prosody_map(hidden, item.has_duration, item.voice, item.mask)
    expected = flow.jump(item.prosody, torch.tensor([0.25]), torch.tensor([1.0]))
    tokens = Tokens(hidden[0].numpy(), item.prosody[0].numpy(), item.voice[0].numpy())
    found = models.runtime.prosody_jump(tokens, item.has_duration[0].numpy(), 0.25, 1.0)
    np.testing.assert_allclose(found, expected[0], atol=TOLERANCE)


@pytest.mark.parametrize("shares", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("odd", [False, True])
def test_decoder(models, shares, odd):
    stretch, expected = frames_of(models, odd=odd)
    sizes = models.acoustic.config.decoder
    cuts = cut(len(stretch.x), shares, sizes.patch)
    (found,) = streamed(decoded(models.runtime), stretch, cuts, sizes.delay)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize("shares", CUTS.values(), ids=CUTS)
@torch.no_grad()
def test_vocoder(models, shares):
    stretch, config = mel_of(models), models.vocoder.config
    cuts = cut(len(stretch.mel), shares, config.patch)
    found = streamed(vocoded(models.runtime), stretch, cuts, config.delay)
    mel = torch.from_numpy(stretch.mel)[None]
    hidden = models.vocoder.backbone(mel, torch.ones(mel.shape[:2], dtype=torch.bool))
    for part, expected in zip(found, spectra(models.vocoder, hidden, mel), strict=True):
        np.testing.assert_allclose(part, expected[0], rtol=1e-3, atol=TOLERANCE)


def spectra(vocoder, hidden, mel):
    """Real and imaginary part of the response to pulses, and the gain of noise."""
    one = torch.ones(1, mel.shape[1], vocoder.config.mel.n_fft // 2 + 1, dtype=torch.complex64)
    if vocoder.source is None:
        spectrum = vocoder.head(hidden)
        return spectrum.real, spectrum.imag
    response = vocoder.head(hidden, mel, (one, 0 * one))
    return response.real, response.imag, vocoder.head(hidden, mel, (0 * one, one)).real


@pytest.mark.parametrize("shares", CUTS.values(), ids=CUTS)
@torch.no_grad()
def test_f0(models, shares):
    if models.vocoder.source is None:
        pytest.skip("no harmonic source")
    stretch = mel_of(models)
    octave, voiced = streamed(models.runtime.f0, stretch, cut(len(stretch.mel), shares, 1), 8)
    x = (torch.from_numpy(stretch.mel.T)[None].double() + 4) / 3
    net = models.vocoder.source.pitch.net
    expected = torch.func.functional_call(
        net, {name: weight.double() for name, weight in net.state_dict().items()}, x
    )
    np.testing.assert_allclose(octave, expected[0, 0], atol=1e-6)
    np.testing.assert_allclose(voiced, expected[0, 1], atol=1e-6)
    assert octave.dtype == np.float64

"""Networks in ONNX Runtime against the torch modules; any cut into stretches gives the same."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import torch

from tests.conftest import TINY, awake
from tts.acoustic.alignment import position_features, token_at
from tts.acoustic.model import AcousticModel
from tts.checkpoint import shipped_checkpoint
from tts.config import DecoderConfig, EncoderConfig, ModelConfig, ProsodyConfig, VocoderConfig
from tts.runtime.arrays import InputRange
from tts.runtime.base import DecoderStretch, Tokens, VocoderStretch
from tts.runtime.graph_files import block_layers, networks_of, read_graph
from tts.runtime.onnx import OnnxRuntime
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.model import Vocoder

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
        acoustic = load_checkpoint(shipped_checkpoint("acoustic"), AcousticModel)
        vocoder = load_checkpoint(shipped_checkpoint("vocoder"), Vocoder)
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


@pytest.mark.parametrize("models", ["shipped", "tiny", "odd"], indirect=True)  # with a source
@pytest.mark.parametrize("shares", CUTS.values(), ids=CUTS)
@torch.no_grad()
def test_f0(models, shares):
    stretch = mel_of(models)
    octave, voiced = streamed(models.runtime.f0, stretch, cut(len(stretch.mel), shares, 1), 8)
    x = (torch.from_numpy(stretch.mel.T)[None].double() + 4) / 3
    net = models.vocoder.source.pitch.net
    expected = torch.func.functional_call(
        net, {name: weight.double() for name, weight in net.state_dict().items()}, x
    )
    np.testing.assert_allclose(octave, expected[0, 0], atol=1e-6)
    np.testing.assert_allclose(voiced, expected[0, 1], atol=1e-5)  # only its sign matters
    assert octave.dtype == np.float64


@pytest.mark.parametrize("last", [False, True])
def test_stretches_in_a_batch_keep_every_bit(last):
    models = pair("shipped")
    stretches = [
        replace(
            piece,
            tokens=replace(piece.tokens, voice=models.acoustic.voices.weight[i].detach().numpy()),
        )
        for i in range(3)
        for piece in [frames_of(models, seed=i)[0]]
    ]
    size = min(len(stretch.x) for stretch in stretches) // 2 * 2
    stretches = [next(pieces(stretch, [0, size, size + 1]))[0] for stretch in stretches]
    stretches = [replace(stretch, last=last) for stretch in stretches]
    mels = [replace(mel_of(models, seed=i), last=last) for i in range(3)]
    short = mel_of(models, frames=50)
    for (found, state), stretch in zip(models.runtime.decode(stretches), stretches, strict=True):
        ((alone, own),) = models.runtime.decode([stretch])
        assert np.array_equal(found, alone)
        assert np.array_equal(state.columns["left"], own.columns["left"])
    together = models.runtime.vocode([*mels, short])
    for (found, _), stretch in zip(together, [*mels, short], strict=True):
        ((alone, _),) = models.runtime.vocode([stretch])
        np.testing.assert_allclose(found.real, alone.real, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found.noise_gain, alone.noise_gain, rtol=1e-5, atol=1e-7)


def test_cuts_keep_every_bit_of_mel_and_f0():
    models = pair("shipped")
    stretch, _ = frames_of(models)
    mel = mel_of(models)
    for call, item in ((decoded(models.runtime), stretch), (models.runtime.f0, mel)):
        frames = len(item.x if hasattr(item, "x") else item.mel)
        delay = 48 if item is stretch else 8
        whole = streamed(call, item, [0, frames], delay)
        parts = streamed(call, item, cut(frames, CUTS["many"], 2), delay)
        assert all(map(np.array_equal, whole, parts))


def test_states_stay(models):
    """A stretch can be computed again from the same state, whatever came between."""
    mel, (frames, _) = mel_of(models), frames_of(models)
    for call, item in ((decoded(models.runtime), frames), (vocoded(models.runtime), mel)):
        size = len(item.x if hasattr(item, "x") else item.mel)
        patch = 6  # a multiple of all
        (first, _), (second, _) = pieces(item, [0, size * 2 // 3 // patch * patch, size])
        *_, state = call(first)
        *once, _ = call(replace(second, state=state))
        call(replace(second, state=state, last=False))
        *again, _ = call(replace(second, state=state))
        assert all(map(np.array_equal, once, again))
        assert len(once[0]) > 0


def test_nothing_after_the_last_frame(models):
    """The end may come when all frames have been given."""
    mel, (frames, _) = mel_of(models, frames=96), frames_of(models, odd=False)
    size = len(frames.x) // 6 * 6
    for call, item, count in (
        (decoded(models.runtime), frames, size),
        (vocoded(models.runtime), mel, 96),
    ):
        first, end = (piece for piece, _ in pieces(item, [0, count, count]))
        first, end = replace(first, last=False), replace(end, last=True)
        *some, state = call(first)
        *rest, _ = call(replace(end, state=state))
        whole, *_ = call(replace(first, last=True))
        np.testing.assert_allclose(np.concatenate([some[0], rest[0]]), whole, atol=TOLERANCE)


def test_int8_layers_are_near():
    """Scales that hold all values; each layer is rounded to about a hundredth of its range."""
    models = pair("tiny")
    ranges = InputRange(scale=0.06, zero_point=128)
    layers = [
        *block_layers("decoder", models.acoustic.config),
        *block_layers("vocoder", models.vocoder.config),
    ]
    int8 = OnnxRuntime(
        models.acoustic.config,
        arrays(models.acoustic),
        models.vocoder.config,
        arrays(models.vocoder),
        scales=dict.fromkeys(layers, ranges),
    )
    assert (int8.precision, models.runtime.precision) == ("int8", "float32")
    mel, (frames, _) = mel_of(models), frames_of(models)
    for run, item in ((decoded, frames), (vocoded, mel)):
        exact, rounded = run(models.runtime)(item)[0], run(int8)(item)[0]
        error = np.square(rounded - exact).mean() / np.square(exact).mean()
        assert 0 < error < 0.01


def test_foreign_sizes_need_a_package(monkeypatch):
    models = pair("tiny")
    monkeypatch.setattr("tts.runtime.graph_files.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"install one with pip install 'one-step-tts\[onnx\]' or"):
        OnnxRuntime(
            models.acoustic.config,
            arrays(models.acoustic),
            models.vocoder.config,
            arrays(models.vocoder),
        )


def test_shipped_sizes_need_none(monkeypatch):
    models = pair("shipped")
    monkeypatch.setattr("tts.runtime.graph_files.find_spec", lambda name: None)
    more = replace(models.acoustic.config, symbols="^$ab", voices=("one",))
    for config in (models.acoustic.config, more, models.vocoder.config):
        for network in networks_of(config):
            assert read_graph(network, config)
            assert read_graph(network, config, block_layers(network, config))


def test_threads_share_a_runtime():
    models = pair("tiny")
    stretches = [frames_of(models, seed)[0] for seed in range(8)]
    alone = [models.runtime.decode([stretch])[0][0] for stretch in stretches]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda stretch: models.runtime.decode([stretch])[0][0], stretches))
    assert all(map(np.array_equal, found, alone))

"""The numpy waveform against torch's, and streamed against whole."""

import copy
import threading
import tracemalloc
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from tts.config import MelConfig, VocoderConfig
from tts.noise import noise
from tts.runtime.base import Spectra, VocoderStretch
from tts.synthesis import shipped_checkpoint
from tts.torch_checkpoint import load_vocoder
from tts.vocoder import noise_spectra
from tts.vocoder.fourier import block_frames, blocks
from tts.vocoder.mel import log_mel
from tts.vocoder.model import MelSpan, Vocoder
from tts.vocoder.noise_spectra import NoiseSpectra
from tts.vocoder.waveform import F0_DELAY, NumpySound

SHORT = VocoderConfig(dim=16, intermediate_dim=32, depth=1, pitch_dim=8)


class TorchNetworks(NumpySound):
    """The networks of a torch vocoder. A state has the frames so far; all are computed again."""

    def __init__(self, vocoder):
        self.vocoder, self.vocoder_config = vocoder, vocoder.config
        self.net = copy.deepcopy(vocoder.source.pitch.net).double() if vocoder.source else None

    def vocode(self, stretches):
        return [self._vocode(stretch) for stretch in stretches]

    @torch.no_grad()
    def _vocode(self, stretch):
        before, mel = self._mel(stretch)
        hidden = self.vocoder.backbone(mel, torch.ones_like(mel[..., 0], dtype=torch.bool))
        if self.net is None:
            parts = [self.vocoder.head(hidden)] * 2
        else:  # a source of ones has the gains as its spectrum
            size = (*mel.shape[:2], self.vocoder.head.bins)
            ones, zeros = torch.ones(size) + 0j, torch.zeros(size) + 0j
            parts = [self.vocoder.head(hidden, mel, s) for s in ((ones, zeros), (zeros, ones))]
        new = new_frames(before, mel.shape[1], self.vocoder_config.delay, stretch.last)
        spectrum, gain = (part[0].numpy()[new] for part in parts)
        noise_gain = None if self.net is None else gain.real
        return Spectra(spectrum.real, spectrum.imag, noise_gain), mel[0].numpy()

    @torch.no_grad()
    def f0(self, stretch):
        before, mel = self._mel(stretch)
        octave, logit = self.net((mel[0].T.double() + 4) / 3).numpy()
        new = new_frames(before, mel.shape[1], F0_DELAY, stretch.last)
        return octave[new], logit[new], mel[0].numpy()

    def _mel(self, stretch):
        before = stretch.mel[:0] if stretch.state is None else stretch.state
        return len(before), torch.from_numpy(np.concatenate([before, stretch.mel]))[None]


class RandomNetworks(NumpySound):
    """Networks that give random numbers, the same for a frame however it is cut; counts frames."""

    def __init__(self, config, frames):
        self.vocoder_config, self.calls = config, []
        random = np.random.default_rng(1)
        size = (frames, config.mel.n_fft // 2 + 1)
        parts = random.standard_normal((3, *size), np.float32)
        self.spectra = Spectra(parts[0], parts[1], parts[2] if config.pitch_dim else None)
        steps = random.standard_normal((2, frames)) / [[5], [1]]
        self.octave = steps[0].cumsum()
        self.logit = steps[1] - 1

    def vocode(self, stretches):
        made = []
        for stretch in stretches:
            before = stretch.state or 0
            after = before + len(stretch.mel)
            new = new_frames(before, after, self.vocoder_config.delay, stretch.last)
            parts = (self.spectra.real, self.spectra.imaginary, self.spectra.noise_gain)
            made.append((Spectra(*(None if p is None else p[new] for p in parts)), after))
        return made

    def f0(self, stretch):
        before = stretch.state or 0
        after = before + len(stretch.mel)
        new = new_frames(before, after, F0_DELAY, stretch.last)
        self.calls.append(len(stretch.mel))
        return self.octave[new], self.logit[new], after


def new_frames(before, after, delay, last):
    return slice(max(before - delay, 0), after if last else max(after - delay, 0))


def sound(networks, mel, cuts=()):
    """The samples of a mel that is cut at these frames, and the state before each stretch."""
    bounds, state, parts, states = [0, *cuts, len(mel)], None, [], []
    for start, stop in pairwise(bounds):
        states.append(state)
        stretch = VocoderStretch(mel[start:stop], state, stop == len(mel))
        ((part, state),) = networks.sound([stretch])
        given = stop if stretch.last else max(stop - networks.sound_delay, 0)
        assert sum(map(len, parts)) + len(part) == given * networks.vocoder_config.mel.hop
        parts.append(part)
    return np.concatenate(parts), states


def random_mel(frames, bands=100):
    return np.random.default_rng(2).uniform(-6, 0, (frames, bands)).astype(np.float32)


def random_vocoder(config):
    """Its frames are voiced and not, F0 moves, and pulses are as loud as noise."""
    torch.manual_seed(0)
    vocoder = Vocoder(config)
    with torch.no_grad():
        for weight in vocoder.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
        if vocoder.source:
            vocoder.source.pitch.net[-1].weight.mul_(4)
            vocoder.source.pitch.net[-1].bias.zero_()
            vocoder.head.out.bias.zero_()
    return vocoder.eval()


CONFIGS = {
    "harmonic": SHORT,
    "deep": replace(SHORT, depth=8),
    "plain": replace(SHORT, pitch_dim=0),
    "patches": replace(SHORT, patch=2, depth=4),
    "plain patches": replace(SHORT, patch=2, pitch_dim=0),
    "long windows": replace(SHORT, mel=MelConfig(n_fft=512, hop=64)),
    "short windows": replace(SHORT, mel=MelConfig(n_fft=1024, hop=512)),
}


@pytest.fixture(params=CONFIGS.values(), ids=CONFIGS)
def config(request):
    return request.param


@pytest.fixture(scope="module")
def shipped():
    return load_vocoder(shipped_checkpoint("vocoder"))


@pytest.fixture(scope="module")
def buzz():
    """The log-mel of three gliding buzzes and hisses between them, longer than two blocks."""
    rate, random = 24_000, np.random.default_rng(0)
    time = np.arange(rate) / rate
    f0 = 150 + 60 * np.sin(2 * np.pi * 1.5 * time)
    phase = 2 * np.pi * np.cumsum(f0) / rate
    voice = sum(np.cos(k * phase) / k for k in range(1, 30)) * (np.sin(6 * np.pi * time) > 0)
    audio = (0.1 * voice + 0.01 * random.standard_normal(rate)).astype(np.float32)
    return log_mel(torch.from_numpy(audio)[None], MelConfig())[0].numpy()


@torch.no_grad()
@pytest.mark.parametrize("cuts", [(), (32, 64)], ids=["whole", "streamed"])
def test_the_shipped_vocoder_gives_the_samples_of_torch(shipped, buzz, cuts):
    mel = torch.from_numpy(buzz)[None]
    voiced = shipped.source.pitch.read(mel)[1]
    assert voiced.any()
    assert not voiced.all()
    ours, _ = sound(TorchNetworks(shipped), buzz, cuts)
    theirs = shipped(mel)[0].numpy()
    assert theirs.std() > 0.02
    np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("frames", [1, 2, 3, 70])
def test_any_vocoder_gives_the_samples_of_torch(config, frames):
    vocoder, mel = random_vocoder(config), random_mel(frames)
    theirs = vocoder(torch.from_numpy(mel)[None])[0].numpy()
    ours, _ = sound(TorchNetworks(vocoder), mel)
    # windows that overlap by half leave divisors near 0 at the end
    compared = slice(0, -64 if config.mel.n_fft == 2 * config.mel.hop else None)
    atol = 1e-4 * float(theirs[compared].std())
    np.testing.assert_allclose(ours[compared], theirs[compared], atol=atol, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("bias", [-1e3, 1e3], ids=["unvoiced", "voiced"])
def test_frames_that_are_all_alike_give_the_samples_of_torch(bias):
    vocoder, mel = random_vocoder(SHORT), random_mel(70)
    vocoder.source.pitch.net[-1].bias[1] = bias
    theirs = vocoder(torch.from_numpy(mel)[None])[0].numpy()
    for cuts in ((), (20, 50)):
        ours, _ = sound(TorchNetworks(vocoder), mel, cuts)
        np.testing.assert_allclose(ours, theirs, atol=1e-4 * float(theirs.std()), rtol=0)


@torch.no_grad()
def test_spans_of_torch_are_parts_of_the_samples(shipped, buzz):
    span = MelSpan(torch.from_numpy(buzz), 40, 60, len(buzz))
    ours, _ = sound(TorchNetworks(shipped), buzz)
    theirs = shipped.spans([span])[0].numpy()
    np.testing.assert_allclose(ours[40 * 256 : 60 * 256], theirs, atol=1e-4, rtol=0)


@pytest.mark.parametrize("frames", [1, 3, 100])
@pytest.mark.parametrize("size", [2, 16, 64])
def test_stretches_join_to_the_whole(config, frames, size):
    networks, mel = RandomNetworks(config, frames), random_mel(frames)
    whole, _ = sound(networks, mel)
    streamed, _ = sound(networks, mel, range(size, frames, size))
    np.testing.assert_allclose(streamed, whole, atol=1e-6 * max(1, whole.std()), rtol=0)


def test_a_last_stretch_may_be_empty(config):
    networks, mel = RandomNetworks(config, 50), random_mel(50)
    whole, _ = sound(networks, mel)
    ((first, state),) = networks.sound([VocoderStretch(mel, None, False)])
    ((rest, _),) = networks.sound([VocoderStretch(mel[:0], state, True)])
    joined = np.concatenate([first, rest])
    np.testing.assert_allclose(joined, whole, atol=1e-6 * max(1, whole.std()), rtol=0)


def test_f0_of_each_frame_is_computed_once():
    networks, mel = RandomNetworks(SHORT, 100), random_mel(100)
    sound(networks, mel, (10, 30, 70))
    assert networks.calls == [10, 20, 40, 30]
    plain = RandomNetworks(replace(SHORT, pitch_dim=0), 100)
    sound(plain, mel)
    assert plain.calls == []


def test_the_delay_is_the_context_of_torch(config):
    assert RandomNetworks(config, 1).sound_delay == Vocoder(config).context


def test_stretches_of_several_utterances_are_as_alone():
    networks = RandomNetworks(SHORT, 100)
    mels = random_mel(100), random_mel(40)
    made = networks.sound([VocoderStretch(mel, None, False) for mel in mels])
    for (part, state), mel in zip(made, mels, strict=True):
        ((alone, other),) = networks.sound([VocoderStretch(mel, None, False)])
        assert np.array_equal(part, alone)
        assert all(map(np.array_equal, arrays(state), arrays(other)))


def test_a_stretch_can_be_rendered_again(config):
    networks, mel = RandomNetworks(config, 100), random_mel(100)
    _, states = sound(networks, mel, (20, 50))
    for start, stop, state in ((20, 50, states[1]), (50, 100, states[2])):
        stretch = VocoderStretch(mel[start:stop], state, stop == 100)
        before = [array.copy() for array in arrays(state)]
        for array in arrays(state):
            array.setflags(write=False)
        ((first, _),), ((second, _),) = networks.sound([stretch]), networks.sound([stretch])
        assert np.array_equal(first, second)
        assert all(map(np.array_equal, before, arrays(state)))


def arrays(state):
    """All arrays in a state."""
    if isinstance(state, np.ndarray):
        return [state]
    inner = [getattr(state, field.name) for field in fields(state)] if is_dataclass(state) else []
    return [array for part in inner for array in arrays(part)]


@pytest.mark.parametrize("damaged", [np.nan, np.inf])
def test_samples_that_are_not_finite_are_refused(config, damaged):
    networks = RandomNetworks(config, 50)
    networks.spectra.real[20] = damaged
    with pytest.raises(ValueError, match="the models make samples that are not finite; download"):
        sound(networks, random_mel(50))


def test_f0_that_is_not_a_number_is_refused():
    networks = RandomNetworks(SHORT, 50)
    networks.octave[20] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        sound(networks, random_mel(50))


def test_threads_share_the_spectra_of_noise():
    shared, alone = NoiseSpectra(MelConfig()), NoiseSpectra(MelConfig())
    places = list(blocks(0, 300, block_frames(1024)))
    barrier, found = threading.Barrier(4), {}

    def read(index):
        barrier.wait(10)
        found[index] = [shared.frames(*place, None) for place in places]

    threads = [threading.Thread(target=read, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [alone.frames(*place, None) for place in places]
    for index in range(4):
        assert all(map(np.array_equal, found[index], expected))


def test_spectra_of_noise_are_kept_up_to_a_limit(monkeypatch):
    places = list(blocks(0, 300, block_frames(1024)))
    expected = [NoiseSpectra(MelConfig()).frames(*place, None) for place in places]
    monkeypatch.setattr(noise_spectra, "MAX_CACHE_BYTES", 2**19)
    small = NoiseSpectra(MelConfig())
    tracemalloc.start()
    for place, wanted in zip(places, expected, strict=True):
        assert np.array_equal(small.frames(*place, None), wanted)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 2**18 < held < 2**19 + 2**17
    assert small.frames(*places[0], None).base is small.frames(*places[0], None).base


def test_noise_is_silent_beyond_the_end():
    spectra = NoiseSpectra(MelConfig())
    assert np.array_equal(spectra.frames(31, 50, 51), spectra.frames(31, 50, None))
    cut = spectra.frames(31, 50, 50)
    assert np.array_equal(cut[:-1], spectra.frames(31, 49, None))
    drawn = np.concatenate([noise((0,), 47, 50, 256).reshape(-1), np.zeros(256, np.float32)])
    window = torch.hann_window(1024).numpy()
    expected = np.fft.rfft(drawn * window) / np.sqrt(np.square(window).sum())
    np.testing.assert_allclose(cut[-1], expected, atol=1e-5)

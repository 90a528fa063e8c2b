"""Runtimes with differences of weights: those of summed weights, sharing what does not differ."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tests.conftest import TINY, awake
from tts.acoustic.durations import position_features, token_of_frames
from tts.acoustic.model import AcousticModel
from tts.config import VocoderConfig
from tts.runtime.base import DecoderStretch, Tokens, VocoderStretch, WeightDifferences
from tts.runtime.int8_check import snr
from tts.runtime.load import RuntimeOptions, load_runtime
from tts.runtime.onnx import OnnxRuntime
from tts.runtime.torch import TorchRuntime
from tts.torch_checkpoint import save_checkpoint
from tts.vocoder.model import Vocoder

HARMONIC = VocoderConfig(dim=16, intermediate_dim=32, depth=2, pitch_dim=8)
NEAR_DB = 55
VOICE = np.random.default_rng(1).normal(size=TINY.voice_dim).astype(np.float32)
# Weights that a learned voice may change, and the networks that they are part of.
PARTS = {
    "encoder.voice.weight": {"encoder"},
    "encoder.blocks.0.norm.weight": {"encoder"},
    "encoder.attention.1.norm.bias": {"encoder"},
    "encoder.blocks.1.steer": {"encoder"},
    "pause.blocks.0.norm.bias": {"encoder"},
    "prosody.modulation.out.weight": {"prosody"},
    "prosody.blocks.0.norm.weight": {"prosody"},
    "prosody.carry.gain.weight": {"prosody"},
    "decoder.modulation.voice.weight": {"modulation"},
    "decoder.blocks.1.steer": {"modulation"},
    "decoder.blocks.0.norm.weight": {"modulation"},
    "decoder.carry.gain.bias": {"modulation"},
    "decoder.norm.weight": {"decoder"},
    "melody.weight": {"decoder"},
    "mean.weight": {"decoder"},
    "mean.bias": {"decoder"},
    "encoder.embedding.weight": {"encoder"},
    "voices.weight": set(),
    "backbone.norm.weight": {"vocoder"},
    "backbone.convnext.0.gamma": {"vocoder"},
    "backbone.convnext.1.norm.bias": {"vocoder"},
    "head.out.weight": {"vocoder"},
    "source.pitch.net.2.weight": {"f0"},
}


@pytest.fixture(scope="module")
def modules():
    torch.manual_seed(0)
    acoustic, vocoder = awake(AcousticModel(TINY)).eval(), Vocoder(HARMONIC).eval()
    with torch.no_grad():
        for weight in vocoder.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return acoustic, vocoder


@pytest.fixture(scope="module")
def onnx(modules):
    acoustic, vocoder = map(arrays, modules)
    return OnnxRuntime(TINY, acoustic, HARMONIC, vocoder)


@pytest.fixture(params=["onnx", "torch"])
def runtime(request, modules, onnx):
    return onnx if request.param == "onnx" else TorchRuntime(*modules)


def arrays(module):
    return {key: weight.numpy() for key, weight in module.state_dict().items()}


def differences(modules, keys=PARTS):
    """Half precision, as in voice files."""
    rng = np.random.default_rng(0)
    made = [
        {
            key: rng.normal(scale=0.1, size=tuple(weight.shape)).astype(np.float16)
            for key, weight in module.state_dict().items()
            if key in keys
        }
        for module in modules
    ]
    return WeightDifferences(*made)


def outputs(runtime):
    """What the networks make of an utterance."""
    hidden, pause = runtime.encode(np.arange(1, 9), VOICE)
    tokens = Tokens(hidden, np.ones((8, 3), np.float32), VOICE)
    jump = runtime.prosody_jump(tokens, np.ones(8, bool), 0.0, 1.0)
    durations = np.full(8, 5)
    token = token_of_frames(durations)
    x = np.random.default_rng(0).normal(size=(40, TINY.mel.bands)).astype(np.float32)
    position = position_features(durations, token)
    frames = DecoderStretch(tokens, token, position, x, 0.0, 1.0, None, last=True)
    [(mel, _)], stretch = runtime.decode([frames]), VocoderStretch(x - 4, None, last=True)
    [(spectra, _)] = runtime.vocode([stretch])
    octave, voiced, _ = runtime.f0(stretch)
    parts = hidden, pause, jump, mel, spectra.real, spectra.imaginary, spectra.noise_gain
    return [*parts, octave, voiced, runtime.statistics.voices]


def assert_same_bits(first, second):
    for one, other in zip(outputs(first), outputs(second), strict=True):
        np.testing.assert_array_equal(one, other)


def summed(modules, changed):
    """The arrays of both models plus differences."""
    pairs = zip(modules, (changed.acoustic, changed.vocoder), strict=True)
    return [
        {
            key: np.asarray(each + np.float32(more.get(key, 0)))
            for key, each in arrays(module).items()
        }
        for module, more in pairs
    ]


def test_no_differences_give_the_same_bits_and_networks(runtime, modules):
    zero = WeightDifferences(vocoder={"head.out.bias": np.zeros(len(modules[1].head.out.bias))})
    for changed in (WeightDifferences(), zero):
        found = runtime.adapted(changed, VOICE)
        assert networks(found) == networks(runtime)
        assert_same_bits(found, runtime)


def networks(runtime):
    """What evaluates each network."""
    if isinstance(runtime, TorchRuntime):
        return {"acoustic": id(runtime.acoustic), "vocoder": id(runtime.vocoder)}
    return {name: id(network.session) for name, network in runtime._networks.items()}


def test_an_adapted_runtime_is_that_of_the_summed_weights(modules, onnx):
    changed = differences(modules)
    acoustic, vocoder = summed(modules, changed)
    assert_same_bits(onnx.adapted(changed, VOICE), OnnxRuntime(TINY, acoustic, HARMONIC, vocoder))
    copies = AcousticModel(TINY).eval(), Vocoder(HARMONIC).eval()
    for module, weights in zip(copies, (acoustic, vocoder), strict=True):
        module.load_state_dict({key: torch.from_numpy(each) for key, each in weights.items()})
    assert_same_bits(TorchRuntime(*modules).adapted(changed, VOICE), TorchRuntime(*copies))


def test_the_base_stays_as_it_is(runtime, modules):
    before = outputs(runtime)
    runtime.adapted(differences(modules), VOICE)
    for one, other in zip(before, outputs(runtime), strict=True):
        np.testing.assert_array_equal(one, other)


def test_differences_add_up(runtime, modules):
    """An adapted runtime may be adapted again."""
    changed = differences(modules)
    first, second = WeightDifferences(changed.acoustic), WeightDifferences({}, changed.vocoder)
    twice = runtime.adapted(first, VOICE).adapted(second, VOICE)
    assert_same_bits(twice, runtime.adapted(changed, VOICE))


@pytest.mark.parametrize("key", PARTS)
def test_each_weight_changes_its_networks_as_in_torch(modules, onnx, key):
    changed = differences(modules, [key])
    found, wanted = (each.adapted(changed, VOICE) for each in (onnx, TorchRuntime(*modules)))
    before, after = networks(onnx), networks(found)
    assert {name for name in before if before[name] != after[name]} == PARTS[key]
    ours, theirs, base = map(outputs, (found, wanted, onnx))
    assert any((one != other).any() for one, other in zip(ours, base, strict=True))
    for one, other in zip(theirs, ours, strict=True):
        assert snr(one, other) > NEAR_DB


def test_torch_shares_the_tensors_that_do_not_differ(modules):
    changed = differences(modules, ["decoder.norm.weight", "head.out.bias"])
    made = TorchRuntime(*modules).adapted(changed, VOICE)
    for before, after in zip(modules, (made.acoustic, made.vocoder), strict=True):
        old, new = before.state_dict(), after.state_dict()
        other = {key for key in old if old[key].data_ptr() != new[key].data_ptr()}
        assert other == {*changed.acoustic, *changed.vocoder} & old.keys()


def test_threads_adapt_at_once(runtime, modules):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: runtime.adapted(differences(modules), VOICE), range(4)))
    for each in found[1:]:
        assert_same_bits(each, found[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (WeightDifferences({"x.weight": np.zeros(2)}),
         "unknown weight 'x.weight' of an acoustic model"),
        (WeightDifferences({}, {"mean.bias": np.zeros(2)}),
         "unknown weight 'mean.bias' of a vocoder"),
        (WeightDifferences({"mean.bias": np.zeros(2)}),
         r"the difference of mean.bias must have the shape \(100,\), got \(2,\)"),
        (WeightDifferences({"mean.bias": np.full(100, np.nan)}),
         "the difference of mean.bias must be finite"),
    ],
)  # fmt: skip
def test_other_differences_are_refused(runtime, changed, message):
    with pytest.raises(ValueError, match=message):
        runtime.adapted(changed, VOICE)
    with pytest.raises(ValueError, match=r"vector of a voice must have the shape \(8,\), got \(7,"):
        runtime.adapted(WeightDifferences(), VOICE[:7])


@pytest.fixture
def checkpoints(modules, tmp_path):
    for name, module in zip(("acoustic", "vocoder"), modules, strict=True):
        save_checkpoint(module, tmp_path / name, {})
    return tmp_path / "acoustic", tmp_path / "vocoder"


def test_weights_of_files_are_read_again(modules, checkpoints, monkeypatch):
    loaded = {name: load_runtime(*checkpoints, options(name)) for name in ("onnx", "torch")}
    monkeypatch.chdir("/")
    changed = differences(modules)
    ours, theirs = (loaded[name].adapted(changed, VOICE) for name in ("onnx", "torch"))
    for one, other in zip(outputs(theirs), outputs(ours), strict=True):
        assert snr(one, other) > NEAR_DB


def options(name):
    return RuntimeOptions(runtime=name, precision="float32")


def test_changed_and_missing_files_are_refused(modules, checkpoints):
    runtime, changed = load_runtime(*checkpoints, options("onnx")), differences(modules)
    save_checkpoint(modules[0], checkpoints[0], {"step": "1"})
    with pytest.raises(ValueError, match=r"cannot read .*acoustic: the file has changed since"):
        runtime.adapted(changed, VOICE)
    checkpoints[0].unlink()
    with pytest.raises(FileNotFoundError, match=r"no such file: .*acoustic"):
        runtime.adapted(changed, VOICE)

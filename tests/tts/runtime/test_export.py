"""Exported networks against the runtime, and the folder that they are written to."""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.conftest import TINY, awake
from tests.tts.runtime.test_onnx import arrays, pair
from tts.acoustic.durations import position_features, token_of_frames
from tts.acoustic.model import AcousticModel
from tts.cli.main import main
from tts.config import VocoderConfig
from tts.network_constants import POSITION_FEATURES
from tts.runtime import export
from tts.runtime.arrays import InputRange
from tts.runtime.base import DecoderStretch, Tokens, VocoderStretch
from tts.runtime.onnx import OnnxRuntime
from tts.runtime.whole_graphs import whole_models
from tts.synthesis import load, shipped_checkpoint
from tts.torch_checkpoint import save_checkpoint
from tts.vocoder.model import Vocoder

ROOT = Path(__file__).parents[3]
FILES = {"encoder.onnx", "prosody.onnx", "decoder.onnx", "vocoder.onnx", "f0.onnx"}
TEXTS = {"config.json", "README.md"}
SCALES = {
    "encoder.blocks.0.widen": InputRange(0.05, 128),
    "decoder.blocks.1.narrow": InputRange(0.02, 10),
    "backbone.convnext.0.pwconv1": InputRange(0.05, 120),
}
QUANTISED = "tiny in int8"


class Exported:
    """Models in sessions, and the runtime with the same weights."""

    def __init__(self, name):
        models, scales = pair("tiny" if name == QUANTISED else name), {}
        self.runtime, *modules = models
        given = [each for model in modules for each in (model.config, arrays(model))]
        if name == QUANTISED:
            scales = SCALES
            self.runtime = OnnxRuntime(*given, scales=scales)
        self.models = whole_models(*given[:2], scales) | whole_models(*given[2:], scales)
        self.sessions = {
            name: onnxruntime.InferenceSession(model.SerializeToString())
            for name, model in self.models.items()
        }

    def run(self, network, **inputs):
        session = self.sessions[network]
        given = {name: np.asarray(value) for name, value in inputs.items()}
        names = [each.name for each in session.get_outputs()]
        return dict(zip(names, session.run(names, given), strict=True))


@pytest.fixture(scope="module", params=["shipped", "tiny", "odd", "plain", QUANTISED])
def exported(request):
    return Exported(request.param)


@pytest.fixture
def chance():
    return np.random.default_rng(0)


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=3e-5)


def normal(chance, *shape):
    return chance.standard_normal(shape, np.float32)


def test_models_are_valid(exported):
    for model in exported.models.values():
        onnx.checker.check_model(model, full_check=True)
        assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_encoder(exported, chance):
    config = exported.runtime.config
    tokens = chance.integers(1, len(config.symbols) + 1, 13)
    voice = exported.runtime.statistics.voices[0]
    found = exported.run("encoder", tokens=tokens, voice=voice)
    hidden, pause = exported.runtime.encode(tokens, voice)
    same(found["hidden"], hidden)
    same(found["pause"], pause)


def test_prosody(exported, chance):
    config = exported.runtime.config
    tokens = Tokens(
        normal(chance, 13, config.encoder.dim),
        normal(chance, 13, 3),
        normal(chance, config.voice_dim),
    )
    lasting = chance.random(13) > 0.3
    found = exported.run(
        "prosody",
        hidden=tokens.hidden,
        has_duration=lasting,
        x=tokens.prosody,
        voice=tokens.voice,
        s=np.float32(0.25),
        t=np.float32(0.75),
    )
    same(found["y"], exported.runtime.prosody_jump(tokens, lasting, 0.25, 0.75))


@pytest.mark.parametrize("frames", [1, 40, 41, 42])
def test_decoder(exported, frames, chance):
    """Also of frames that do not fill the last patch."""
    config = exported.runtime.config
    symbols = min(frames, 7)
    durations = np.full(symbols, frames // symbols)
    durations[0] += frames - durations.sum()
    token = token_of_frames(durations)
    position = position_features(durations, token)
    tokens = Tokens(
        normal(chance, symbols, config.encoder.dim),
        normal(chance, symbols, 3),
        normal(chance, config.voice_dim),
    )
    x = normal(chance, frames, config.mel.bands)
    found = exported.run(
        "decoder",
        hidden=tokens.hidden,
        prosody=tokens.prosody,
        token=token,
        position=position,
        x=x,
        voice=tokens.voice,
        s=np.float32(0.25),
        t=np.float32(0.75),
    )
    stretch = DecoderStretch(tokens, token, position, x, 0.25, 0.75, None, True)
    [(y, _)] = exported.runtime.decode([stretch])
    same(found["y"], y)


def test_a_stretch_with_the_frames_beside_it_gives_what_the_whole_does(exported, chance):
    """As the exported README says."""
    config, sizes = exported.runtime.config, exported.runtime.vocoder_config
    fixed = {
        "hidden": normal(chance, 5, config.encoder.dim),
        "prosody": normal(chance, 5, 3),
        "voice": normal(chance, config.voice_dim),
        "s": np.float32(0),
        "t": np.float32(1),
    }
    frames = 150
    streams = {
        "token": chance.integers(0, 5, frames),
        "position": normal(chance, frames, POSITION_FEATURES),
        "x": normal(chance, frames, config.mel.bands),
    }
    start, stop = 72, 84  # whole patches of all models
    for network, part, kept in (("decoder", config.decoder, fixed), ("vocoder", sizes, {})):
        given = streams if kept else {"mel": streams["x"]}
        assert 0 < start - part.delay < stop + part.delay < frames
        assert start % part.patch == stop % part.patch == 0
        cut = slice(start - part.delay, stop + part.delay)
        stretch = {name: array[cut] for name, array in given.items()}
        whole = exported.run(network, **given, **kept)
        for name, array in exported.run(network, **stretch, **kept).items():
            same(array[part.delay : part.delay + stop - start], whole[name][start:stop])


@pytest.mark.parametrize("frames", [1, 40, 41])
def test_vocoder_and_f0(exported, frames, chance):
    mel = normal(chance, frames, exported.runtime.config.mel.bands) - 4
    found = exported.run("vocoder", mel=mel)
    stretch = VocoderStretch(mel, None, True)
    [(spectra, _)] = exported.runtime.vocode([stretch])
    for name, array in found.items():
        same(array, getattr(spectra, name))
    assert ("noise_gain" in found) == (spectra.noise_gain is not None)
    assert ("f0" in exported.models) == bool(exported.runtime.vocoder_config.pitch_dim)
    if "f0" in exported.models:
        octave, voiced, _ = exported.runtime.f0(stretch)
        found = exported.run("f0", mel=mel)
        same(found["octave"], octave)
        same(found["voiced"], voiced)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Paths of tiny models: acoustic, vocoder, and a vocoder without a harmonic source."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    sizes = {"dim": 16, "intermediate_dim": 32, "depth": 1}
    models = {
        "acoustic": awake(AcousticModel(TINY)),
        "vocoder": Vocoder(VocoderConfig(**sizes, pitch_dim=8)),
        "plain": Vocoder(VocoderConfig(**sizes)),
    }
    for name, model in models.items():
        save_checkpoint(model, folder / f"{name}.safetensors", {})
    return [folder / f"{name}.safetensors" for name in models]


@pytest.fixture
def folder(tmp_path, checkpoints):
    export.export_networks(tmp_path / "exported", *checkpoints[:2])
    return tmp_path / "exported"


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_the_config_describes_each_model(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert names(folder) == FILES | TEXTS
    assert config["models"].keys() == FILES
    for name, interface in config["models"].items():
        session = onnxruntime.InferenceSession(folder / name)
        for key, tensors in (("inputs", session.get_inputs()), ("outputs", session.get_outputs())):
            described = [(each["name"], each["shape"]) for each in interface[key]]
            assert described == [(each.name, each.shape) for each in tensors]
            kinds = [each["dtype"].replace("float32", "float") for each in interface[key]]
            found = [each.type.removeprefix("tensor(").removesuffix(")") for each in tensors]
            assert kinds == [kind.replace("double", "float64") for kind in found]
        model = onnx.load(folder / name)
        assert model.opset_import[0].version == config["opset"]
        assert model.ir_version == config["ir_version"]


def test_the_config_has_the_numbers_of_the_model(folder, checkpoints):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    statistics = load(*checkpoints[:2]).runtime.statistics
    vectors = [voice["vector"] for voice in config["voices"].values()]
    assert list(config["voices"]) == config["offered_voices"] == ["heart", "michael"]
    assert (np.array(vectors, np.float32) == statistics.voices).all()
    pitch = [voice["pitch"] for voice in config["voices"].values()]
    assert (np.array(pitch, np.float32) == statistics.pitch).all()
    for kind in ("mean", "deviation"):
        found = np.array(config["prosody"][kind], np.float32)
        assert (found == getattr(statistics, f"prosody_{kind}")).all()
        assert np.float32(config["mel"][kind]) == getattr(statistics, f"mel_{kind}")
    numbers = config["phonemes"]["symbols"]
    assert [numbers[symbol] for symbol in TINY.symbols] == [*range(1, len(numbers) + 1)]
    assert config["decoder"]["delay"] == TINY.decoder.delay


@pytest.mark.parametrize("vocoder", [1, 2])
def test_the_readme_names_what_is_in_the_config(vocoder, checkpoints, tmp_path):
    export.export_networks(tmp_path, checkpoints[0], checkpoints[vocoder])
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b(\w+)\.([a-z]\w*)", " ".join(re.findall(r"`([^`]+)`", text))))
    named = {(part, key) for part, key in named if part in config}
    assert len(named) > 15
    for part, key in named:
        assert key in config[part], (part, key)
    for name, interface in config["models"].items():
        for tensor in (*interface["inputs"], *interface["outputs"]):
            shape = " ".join(map(str, tensor["shape"])) or "scalar"
            row = rf"\| {name} \| \w+ \| {tensor['name']} \| {tensor['dtype']} \| {shape} \|"
            assert re.search(row, text), tensor
    assert ("f0.onnx" in text) == (vocoder == 1)


def test_an_earlier_export_is_replaced(folder, checkpoints):
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    before = (folder / "decoder.onnx").read_bytes()
    export.export_networks(folder, checkpoints[0], checkpoints[2])
    assert names(folder) == (FILES | TEXTS | {"mine.txt"}) - {"f0.onnx"}
    assert (folder / "decoder.onnx").read_bytes() == before, "it is always the same"


@pytest.mark.parametrize(
    "config",
    [
        None, "[]", "{", '{"kind": "other"}',
        f'{{"kind": "{export.KIND}", "models": 7}}', f'{{"kind": "{export.KIND}", "models": [7]}}',
    ],
)  # fmt: skip
def test_files_of_others_are_left_alone(config, checkpoints, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    if config:
        (tmp_path / "config.json").write_text(config, encoding="utf-8")
    before = names(tmp_path)
    with pytest.raises(ValueError, match=r"^cannot export to .*: it has files and no earlier"):
        export.export_networks(tmp_path, *checkpoints[:2])
    assert names(tmp_path) == before
    with pytest.raises(NotADirectoryError, match=r"^cannot write .*mine.txt: it is not a folder"):
        export.export_networks(tmp_path / "mine.txt", *checkpoints[:2])


def test_nothing_is_written_for_what_is_no_checkpoint(checkpoints, tmp_path):
    with pytest.raises(ValueError, match="is not a vocoder; its kind is 'acoustic'"):
        export.export_networks(tmp_path / "new", checkpoints[0], checkpoints[0])
    assert not (tmp_path / "new").exists()


def test_a_full_disk_names_the_file(checkpoints, tmp_path, small_files):
    with small_files(500), pytest.raises(OSError, match=r"^cannot write .*config.json: "):
        export.export_networks(tmp_path, *checkpoints[:2])
    assert names(tmp_path) == set()


def test_models_of_two_exports_never_lie_side_by_side(folder, checkpoints, small_files):
    sizes = [(folder / name).stat().st_size for name in (*TEXTS, *FILES)]
    limit = max(sizes) - 1  # the largest model cannot be written
    for name in FILES:
        (folder / name).write_bytes(b"earlier")
    with small_files(limit), pytest.raises(OSError, match=r"^cannot write "):
        export.export_networks(folder, *checkpoints[:2])
    left = names(folder) - TEXTS
    assert left < FILES
    assert all((folder / name).read_bytes() != b"earlier" for name in left)
    export.export_networks(folder, *checkpoints[:2])
    assert names(folder) == FILES | TEXTS


def test_without_onnx_it_says_what_to_install(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'one-step-tts\[onnx\]'$"):
        export.export_networks(tmp_path, *checkpoints[:2])


def test_the_command_lists_its_files(checkpoints, tmp_path, capsys):
    folder = tmp_path / "exported"
    options = ["--acoustic", str(checkpoints[0]), "--vocoder", str(checkpoints[1])]
    with pytest.raises(SystemExit) as exit:
        main(["export", str(folder), *options])
    assert exit.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[2] for line in lines} == {str(folder / name) for name in FILES | TEXTS}


def test_the_command_exports_the_shipped_voices(synthesizer, tmp_path, capsys):
    with pytest.raises(SystemExit) as exit:
        main(["export", str(tmp_path)])
    assert exit.value.code == 0
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    offered = [voice.name for voice in synthesizer.offered_voices]
    assert config["offered_voices"] == offered  # learned voices have other weights
    assert config["phonemes"]["convention"] == synthesizer.runtime.config.convention
    megabytes = sum((tmp_path / name).stat().st_size for name in FILES) / 1e6
    stored = sum(shipped_checkpoint(name).stat().st_size for name in ("acoustic", "vocoder")) / 1e6
    readme, guide = (
        path.read_text(encoding="utf-8")
        for path in (tmp_path / "README.md", ROOT / "docs" / "guides" / "export.md")
    )
    rows = [line for line in readme.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert set(rows) <= set(guide.splitlines())
    assert f"{megabytes:.0f} MB" in guide
    assert f"opset is {config['opset']}," in guide
    assert megabytes == pytest.approx(2 * stored, rel=0.05), "single instead of half precision"


def test_int8_takes_half_the_space(tmp_path):
    paths = shipped_checkpoint("acoustic"), shipped_checkpoint("vocoder")
    export.export_networks(tmp_path, *paths, "int8")
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert config["precision"] == "int8"
    assert "Precision int8" in readme
    assert "session.x64quantprecision" in readme
    megabytes = sum((tmp_path / name).stat().st_size for name in FILES) / 1e6
    guide = (ROOT / "docs" / "guides" / "export.md").read_text(encoding="utf-8")
    assert f"`--precision int8` makes {megabytes:.0f} MB" in guide
    for name in ("decoder.onnx", "vocoder.onnx"):
        kinds = {node.op_type for node in onnx.load(tmp_path / name).graph.node}
        assert "QuantizeLinear" in kinds


def test_int8_needs_scales_that_fit(checkpoints, tmp_path):
    with pytest.raises(ValueError, match=r"^the int8 scales do not fit the weights"):
        export.export_networks(tmp_path, *checkpoints[:2], "int8")
    with pytest.raises(ValueError, match="precision must be one of float32, int8; got 'int4'"):
        export.export_networks(tmp_path, *checkpoints[:2], "int4")
    assert names(tmp_path) == set()

"""What works where little is installed: speech and the applications without PyTorch, and training
from a source tree without the packages that read sound and text."""

import ast
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tts.training.data.pack.pack import Packing, pack

from tests.laws.test_architecture import MODULES, imports_of, name_of
from tests.torchless import NEED_TORCH, is_within
from tests.toys import TINY_MODEL, write_toy_features

ROOT = Path(__file__).parents[2]
MISSING = (
    "docopt", "emoji", "encodec", "espeakng_loader", "huggingface_hub", "librosa", "num2words",
    "phonemizer", "pyworld", "soundfile", "vocos",
)  # fmt: skip
WITHOUT_TORCH = ("distillmos", "librosa", "onnx", "torch", "torchaudio", "vocos")
BLOCK = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {{missing}}:
            raise ModuleNotFoundError(f"No module named {{{{name!r}}}}", name=name)

sys.meta_path.insert(0, Missing())
sys.path[:] = [path for path in sys.path if path != {str(ROOT)!r}]
"""


@cache
def heads():
    """What each module of the library and the applications imports at its head."""
    return {
        name_of(path): set(imports_of(path, ast.parse(path.read_text(encoding="utf-8")).body))
        for path in MODULES
        if not path.is_relative_to(ROOT / "training")
    }


def needing(*packages):
    """The modules of the library and the applications that cannot be imported without packages.

    By the imports at their heads, of a package or of such a module.
    """
    found, more = set(packages), set(packages)
    while more:
        more = {
            module
            for module, names in heads().items()
            if any(is_within(name, other) for name in names for other in found)
        } - found
        found |= more
    return found


def test_each_server_needs_only_its_own_extra():
    web = ("anyio", "av", "fastapi", "gradio", "prometheus_client", "pydantic", "starlette")
    assert "tts.app.wyoming.server" not in needing(*web, "h11", "uvicorn", "websockets")
    assert "tts.app.demo.page" not in needing("prometheus_client", "websockets", "wyoming")
    assert not {"tts.app.server.app", "tts.app.network.connections"} & needing("gradio", "wyoming")


def test_these_modules_need_torch_and_no_other():
    found = needing("torch", "torchaudio", "tts.training")
    assert found == {name for name in NEED_TORCH if not name.startswith("tests.")}


@pytest.mark.command
def test_speech_and_applications_work_without_torch(tmp_path):
    """Every module but those that need it is imported, and a sentence spoken."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        BLOCK.format(missing=WITHOUT_TORCH), encoding="utf-8"
    )
    (tmp_path / "tts").symlink_to(ROOT / "tts")
    for room in ("app", "checkpoints"):
        (tmp_path / room).symlink_to(ROOT / room)
    modules = {
        name_of(path)
        for path in MODULES
        if not path.is_relative_to(ROOT / "training") and path.stem not in ("__init__", "__main__")
    }
    modules -= needing(*WITHOUT_TORCH, "ray")
    code = f"""
from importlib import import_module
for module in {sorted(modules)}:
    import_module(module)
from tts.cli.main import main
main(["say", "This is speech.", "-o", "hello.wav"])
"""
    python(tmp_path, "-c", code)
    assert (tmp_path / "hello.wav").stat().st_size > 10_000


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A source tree and an interpreter that finds nothing of ours elsewhere."""
    folder = tmp_path_factory.mktemp("bare")
    for room in ("tts", "training"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(
        BLOCK.format(missing=MISSING), encoding="utf-8"
    )
    return folder


def python(bare, *arguments):
    """What an interpreter says that stands in the tree."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    made = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=bare,
        env={**known, "PYTHONPATH": str(bare / "site"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A packed corpus of two toy sets."""
    folder = tmp_path_factory.mktemp("toys")
    write_toy_features(folder / "features")
    limits = Packing(sets=("heart", "val"), held_out=("val",))
    pack(folder / "features", folder, folder / "parts", limits)
    return folder / "parts"


@pytest.fixture(scope="module")
def unpacked(bare, parts):
    """The features in the tree, and what was imported on the way: every module of two rooms.

    So no import of a package that is missing stands at the head of a module.
    """
    names = [
        name_of(path)
        for room in ("tts", "training")
        for path in sorted((ROOT / room).rglob("*.py"))
        if path.stem not in ("__init__", "__main__")
    ]
    code = f"""
from importlib import import_module
from pathlib import Path
modules = [import_module(name) for name in {names}]
import_module("tts.training.data.pack.unpack").unpack(Path({str(parts)!r}), Path("features"))
print(*{{module.__file__ for module in modules}}, sep="\\n")
"""
    return [Path(line) for line in python(bare, "-c", code).splitlines()]


@pytest.mark.command
def test_training_starts_from_a_source_tree_with_little_installed(bare, unpacked):
    """Two steps of a tiny recipe from a pack, by the very command."""
    assert all(module.is_relative_to(bare) for module in unpacked)
    options = [
        part for option in (*TINY_MODEL, "minutes=null", "steps=2") for part in ("--set", option)
    ]
    python(
        bare, "-m", "training", "train", "flow_matching",
        "--sets", "heart", "--held-out", "val", *options,
    )  # fmt: skip
    lines = (bare / "runs/flow_matching/log.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["step"] for row in rows if row["of"] == "train"] == [1, 2]
    assert rows[-1]["of"] == "held out val"
    assert (bare / "runs/flow_matching/average.safetensors").is_file()

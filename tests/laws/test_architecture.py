import ast
import doctest
import subprocess
import sys
import tomllib
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import tts

ROOT = Path(__file__).parents[2]
ROOMS = ("tts", "training", "app")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LONGEST = 400


def name_of(path):
    """The name by which a module is imported: `app` and `training` are parts of `tts`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    inside = parts if parts[0] == "tts" else ("tts", *parts)
    return ".".join(part for part in inside if part != "__init__")


@cache
def parse(path):
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path):
    """Every module a file names in an import, at its head or within."""
    return imports_of(path, parse(path))


def imports_of(path, nodes):
    """The same of a syntax tree; what `from ... import` brings may be a module, too."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(path, node)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def absolute(path, node):
    """What is imported, by its full name: relative imports stay within their room."""
    if not node.level:
        return node.module
    folder = path.parents[node.level - 1]
    assert folder.is_relative_to(ROOT / path.relative_to(ROOT).parts[0]), f"{path}: {node.module}"
    return f"{name_of(folder / '__init__.py')}.{node.module or ''}".rstrip(".")


def run(code, folder):
    """What a fresh interpreter prints that can import the checkout and stands elsewhere."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


STRANGERS = {
    "tts": {"tts.training", "tts.app"},
    "training": {"tts.app"},
    "app": {"tts.training"},
}


def check_apart(path, nodes):
    """No module of a room imports one of a room that it must not know."""
    known = {".".join(module.split(".")[:2]) for module in imports_of(path, nodes)}
    strangers = known & STRANGERS[path.relative_to(ROOT).parts[0]]
    assert not strangers, f"{name_of(path)} imports {strangers}"


def test_rooms_keep_apart():
    for path in MODULES:
        check_apart(path, parse(path))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("tts/synthesis.py", "import tts.app.batch.run"),
        ("tts/synthesis.py", "from tts import training"),
        ("tts/synthesis.py", "from . import app"),
        ("tts/synthesis.py", "from .app.batch import run"),
        ("tts/text/sections.py", "from ..app.batch import run"),
        ("tts/text/sections.py", "def read():\n    from .. import training"),
        ("training/build.py", "from tts.app.batch import run"),
        ("training/build.py", "from tts import app"),
        ("training/loop/train.py", "from ...app.batch import run"),
        ("app/encoding.py", "import tts.training.config as config"),
        ("app/encoding.py", "from .. import training"),
        ("app/batch/run.py", "from ...training import config"),
    ],
)
def test_an_import_that_crosses_rooms_is_seen(place, code):
    assert (ROOT / place).is_file()
    with pytest.raises(AssertionError):
        check_apart(ROOT / place, ast.walk(ast.parse(code)))


@pytest.fixture(scope="session")
def spoken(synthesizer):
    return synthesizer.speak("Hello there.")


@pytest.mark.parametrize(
    "path", [path for path in MODULES if ">>>" in path.read_text(encoding="utf-8")], ids=name_of
)
def test_examples_in_docstrings_are_true(path, synthesizer, spoken, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known = {"synthesizer": synthesizer, "speech": spoken}
    assert doctest.testmod(import_module(name_of(path)), extraglobs=known).failed == 0


def test_models_do_not_know_how_they_are_kept():
    keepers = {"tts.checkpoint", "tts.synthesis"}
    for room in ("acoustic", "captions", "text", "vocoder"):
        for path in (ROOT / "tts" / room).rglob("*.py"):
            assert not keepers & set(imports(path)), name_of(path)


def test_modules_are_short():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name_of(path): count for path, count in lines.items() if count > LONGEST} == {}


def test_nothing_but_the_settings_of_the_command_line_reads_the_environment():
    for path in MODULES:
        if name_of(path) == "tts.cli.settings":
            continue
        read = {node.attr for node in parse(path) if isinstance(node, ast.Attribute)}
        assert not read & {"environ", "environb", "getenv"}, name_of(path)


def test_text_is_read_and_help_comes_without_torch(tmp_path):
    modules = [name_of(path) for path in MODULES if path.is_relative_to(ROOT / "tts" / "text")]
    loaded = run(
        f"import sys, tts.cli.main, {', '.join(modules)}; print('torch' in sys.modules)", tmp_path
    )
    assert loaded.strip() == "False"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """What a fresh interpreter has to say of it: how long it took, what else came, what changed."""
    strangers = (
        "tts.training",
        "tts.app",
        "gradio",
        "tensorboard",
        "librosa",
        "vocos",
        "huggingface_hub",
        "torch",
        "onnxruntime",
    )
    modules = ", ".join(name_of(path) for path in MODULES if path.is_relative_to(ROOT / "tts"))
    code = f"""
import sys, time
from tts import Delivery, Speech, Synthesizer, load
print(time.process_time())
print([name for name in {strangers} if name in sys.modules])

import logging, os, random, threading, torch
import {modules}

def world():
    return (
        dict(os.environ), os.getcwd(), os.listdir(), random.getstate(), threading.active_count(),
        torch.get_rng_state().tolist(), torch.get_num_threads(), torch.get_default_dtype(),
        torch.is_grad_enabled(), list(logging.getLogger().handlers),
    )

# a second time, for what others do when they are imported is not ours
for name in [name for name in sys.modules if name.partition(".")[0] == "tts"]:
    del sys.modules[name]
before = world()
import {modules}
print(before == world())
"""
    return lambda: run(code, tmp_path_factory.mktemp("elsewhere")).splitlines()


@pytest.fixture(scope="module")
def once(imported):
    return imported()


@pytest.mark.command
def test_tts_brings_little_and_soon(imported, once):
    assert once[1] == "[]"
    assert float(once[0]) < 2 or min(float(imported()[0]) for _ in range(2)) < 2


@pytest.mark.command
def test_importing_has_no_effect(once):
    assert once[2] == "True"


def test_these_are_the_public_names():
    assert tts.__all__ == [
        "Delivery", "Engine", "EngineClosed", "EngineStats", "Lexicon", "Phone", "QueueFull",
        "Speech", "SpeechStream", "Synthesizer", "TextOptions", "TimedWord", "VoiceInfo", "load",
    ]  # fmt: skip
    assert {*tts.__all__, "__version__"} <= set(dir(tts))
    for name in tts.__all__:
        assert getattr(tts, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = tts.nonsense


def test_every_command_that_is_declared_is_there():
    declared = [*PROJECT["scripts"].values(), *PROJECT["entry-points"]["tts.commands"].values()]
    for command in declared:
        module, _, name = command.partition(":")
        assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(
    ("room", "extras"),
    [
        ("tts", ("torch", "onnx", "documents", "play")),
        ("training", ("torch", "onnx", "train", "evaluate")),
        ("app", ("torch", "batch", "ray", "demo", "serve", "wyoming")),
    ],
)
def test_what_is_imported_is_declared(room, extras):
    optional = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + [line for extra in extras for line in optional[extra]]
    declared = {distribution(line) for line in wanted}
    owners = packages_distributions()
    for path in (ROOT / room).rglob("*.py"):
        used = {module.partition(".")[0] for module in imports(path)}
        for module in used - set(ROOMS) - sys.stdlib_module_names:
            assert {distribution(owner) for owner in owners[module]} & declared, module


def distribution(requirement):
    """The name at the head of a requirement, as package indexes compare it."""
    name = requirement.replace("<", ">").replace("=", ">").partition(">")[0].partition("[")[0]
    return name.strip().lower().replace("_", "-")

"""What is installed: one package, `tts`, that no folder of the user's gets in the way of."""

import email
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from pathlib import Path

import pytest

import tts

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
MAX_WHEEL, MAX_MODELS = 40 * MEGABYTE, 32 * MEGABYTE  # bytes
SHIPPED = ("acoustic.safetensors", "vocoder.safetensors", "kathleen.voice")
CHECKPOINTS = {f"tts/checkpoints/{name}" for name in SHIPPED}
SCRIPT = """
import sys
from {module} import {name}
if __name__ == "__main__":
    sys.exit({name}())
"""
EDITABLE = "import hatchling.build as build; print(build.build_editable({folder!r}))"
LIGHT = (
    ("tts", "--help"),
    ("tts", "batch", "--help"),
    ("tts", "serve", "--help"),
    ("tts", "demo", "--help"),
    ("tts", "wyoming", "--help"),
    ("python", "-m", "tts.app", "--help"),
)
TRAINING = """
import runpy, sys
from tts.cli.main import main
for arguments in (["training", "--help"], ["training", "train", "--help"]):
    try:
        main(arguments)
    except SystemExit as end:
        assert not end.code
sys.argv = ["tts.training", "--help"]
runpy.run_module("tts.training", run_name="__main__")
"""
HEAVY = (
    ("python", "-c", TRAINING),  # one process, as it loads torch
    ("tts", "say", "Hello.", "-o", "x.wav"),
    ("tts", "batch", "two.txt", "out", "--workers", "2", "--mos", "0"),
)
ORIGINS = """
from importlib.util import find_spec
import tts
print(find_spec("tts.app.batch.run").origin, find_spec("tts.training.config").origin, sep="\\n")
print(*tts.__path__, sep="\\n")
"""


def call(arguments, folder, **environment):
    """What a process prints that stands in a folder and knows little of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**kept, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
    return done.stdout


def tracked_files():
    return call(["git", "ls-files"], ROOT).splitlines()


def build(tree, out, target="wheel"):
    call([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)], tree)
    (made,) = out.iterdir()
    return made


def contents(wheel):
    """Every file of a wheel but the metadata, with its checksum."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            file.filename: file.CRC
            for file in archive.infolist()
            if ".dist-info/" not in file.filename
        }


@pytest.fixture(scope="module")
def source_tree(tmp_path_factory):
    """The tracked files, and what running them leaves beside them."""
    tree = tmp_path_factory.mktemp("source")
    for name in tracked_files():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tree / name)
    for folder in ("app", "training/data", "tts/text"):
        (tree / folder / "__pycache__").mkdir()
        (tree / folder / "__pycache__" / "left.pyc").write_bytes(b"left")
    return tree


@pytest.fixture(scope="module")
def wheel(source_tree, tmp_path_factory):
    return build(source_tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def editable_wheel(source_tree, tmp_path_factory):
    out = tmp_path_factory.mktemp("editable")
    call([sys.executable, "-c", EDITABLE.format(folder=str(out))], source_tree)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request, wheel, editable_wheel, source_tree, tmp_path_factory):
    """An environment in which ours is installed, and the folder that its modules come from."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "wheel":
        return install(wheel, folder), folder
    return install(editable_wheel, folder), source_tree


def install(wheel, folder):
    """The environment's folder of programs; packages of others come from the one of the tests."""
    venv.create(folder, symlinks=os.name != "nt")
    bases = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", bases))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # a folder that is named in a .pth is searched, and the .pth files that it holds are not read
    others = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    (site / "others.pth").write_text("\n".join(sorted(others)), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", bases))
    (entry_points,) = site.glob("*.dist-info/entry_points.txt")
    declared = ConfigParser()
    declared.read(entry_points, encoding="utf-8")
    for program, target in declared["console_scripts"].items():
        module, _, name = target.partition(":")
        (scripts / program).write_text(SCRIPT.format(module=module, name=name), encoding="utf-8")
    return scripts


@pytest.fixture(params=["packages", "folders"])
def decoys(request, tmp_path):
    """A user's own `app` and `training`, with an `__init__.py` and without."""
    return write_decoys(tmp_path, packages=request.param == "packages")


def write_decoys(root, packages):
    """Folders of which every module fails when it is imported, and a list to speak."""
    names = ["__main__", "run", "command", *["__init__"] * packages]
    for room in ("app", "training"):
        for folder in (root / room, root / room / "batch", root / room / "data"):
            folder.mkdir()
            for name in names:
                text = f"raise RuntimeError('{room} of the user')"
                (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (root / "two.txt").write_text("The first line.\nAnother one.\n", encoding="utf-8")
    return root


def call_all(commands, scripts, folder):
    """The same from the programs of an environment, two at once, with the folder on the path."""
    python = str(scripts / "python")
    programs = {"python": [python], "tts": [python, str(scripts / "tts")]}
    lines = [[*programs[program], *arguments] for program, *arguments in commands]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda line: call(line, folder, PYTHONPATH=str(folder)), lines))


@pytest.mark.command
def test_wheel_holds_one_package_with_all_that_is_tracked(wheel):
    expected = CHECKPOINTS.copy()
    for name in tracked_files():
        if name.startswith(("app/", "training/")):
            expected.add(f"tts/{name}")
        elif name.startswith("tts/"):
            expected.add(name)
    assert {"tts/app/demo/static/demo.css", "tts/training/README.md"} <= expected
    assert contents(wheel).keys() == expected
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith("RECORD"))
        lines = archive.read(record).decode().splitlines()
    assert {line.partition("/")[0] for line in lines} == {"tts", record.partition("/")[0]}


@pytest.mark.command
def test_wheel_is_small(wheel):
    assert wheel.stat().st_size < MAX_WHEEL


def test_weights_graphs_and_voices_are_small():
    """What speech reads besides code: the checkpoints, which hold the voices, and the graphs."""
    runtime = (ROOT / "tts" / "runtime").rglob("*")
    graphs = [path for path in runtime if path.is_file() and path.suffix not in (".py", ".pyc")]
    models = [*graphs, *(ROOT / "checkpoints" / name for name in SHIPPED)]
    assert sum(path.stat().st_size for path in models) < MAX_MODELS


@pytest.mark.command
def test_source_archive_makes_the_same_wheel(source_tree, wheel, tmp_path):
    for folder in ("archive", "unpacked", "wheel"):
        (tmp_path / folder).mkdir()
    archive = build(source_tree, tmp_path / "archive", "sdist")
    # Python 3.11.3 and older have no filters, and newer ones warn without
    options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    shutil.unpack_archive(archive, tmp_path / "unpacked", **options)
    (tree,) = (tmp_path / "unpacked").iterdir()
    names = {path.name for path in tree.iterdir()}
    assert {"app", "deploy", "examples", "training", "tts", "hatch_build.py"} <= names
    assert contents(build(tree, tmp_path / "wheel")) == contents(wheel)


@pytest.mark.command
def test_editable_wheel_holds_no_module(editable_wheel, source_tree):
    (only,) = contents(editable_wheel)
    with zipfile.ZipFile(editable_wheel) as archive:
        assert only.endswith(".pth")
        assert archive.read(only).decode().split() == [str(source_tree)]
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        assert email.message_from_bytes(archive.read(metadata))["Name"] == "one-step-tts"


@pytest.mark.command
def test_light_commands_beside_folders_of_the_same_names(installed, decoys):
    scripts, _ = installed
    assert all("Usage" in said for said in call_all(LIGHT, scripts, decoys))


@pytest.mark.command
def test_modules_come_from_where_they_are_installed(installed, decoys):
    scripts, origin = installed
    (said,) = call_all([("python", "-c", ORIGINS)], scripts, decoys)
    run, config, *path = map(Path, said.splitlines())
    assert run.is_relative_to(origin)
    assert config.is_relative_to(origin)
    assert path[1:] == ([] if (path[0] / "app").is_dir() else [origin])


@pytest.mark.command
@pytest.mark.timeout(300)
def test_heavy_commands_beside_folders_of_the_same_names(installed, source_tree, tmp_path):
    scripts, origin = installed
    write_decoys(tmp_path, packages=origin != source_tree)
    helps, *_ = call_all(HEAVY, scripts, tmp_path)
    for usage in ("tts training [", "tts training train [", "python -m training ["):
        assert f"Usage: {usage}" in helps
    assert (tmp_path / "x.wav").stat().st_size > 1000
    assert len(list((tmp_path / "out").rglob("*.wav"))) == 2


def test_source_tree_adds_one_folder_to_the_path_of_the_package():
    assert [Path(folder) for folder in tts.__path__] == [ROOT / "tts", ROOT]

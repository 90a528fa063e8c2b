import json
from pathlib import Path

import pytest
import torch
from tts.training.release.fingerprint import fingerprint

from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import add_metadata, load_checkpoint, save_checkpoint

ROOT = Path(__file__).parents[3]
SHIPPED = {name: ROOT / "checkpoints" / f"{name}.safetensors" for name in ("acoustic", "vocoder")}


def test_what_a_checkpoint_says_of_its_voices_does_not_count(tiny_acoustic, tmp_path):
    path, named = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_checkpoint(tiny_acoustic, path, {})
    add_metadata(path, named, {"voices": "[]"})
    assert path.read_bytes() != named.read_bytes()
    assert fingerprint(path) == fingerprint(named)


def test_weights_and_all_else_count(tiny_acoustic, tmp_path):
    path, other, origin = (tmp_path / f"{name}.safetensors" for name in "abc")
    save_checkpoint(tiny_acoustic, path, {})
    add_metadata(path, origin, {"recipe": "another"})
    changed = load_checkpoint(path, AcousticModel)
    with torch.no_grad():
        next(changed.parameters()).flatten()[0] += 1
    save_checkpoint(changed, other, {})
    assert len({fingerprint(path), fingerprint(other), fingerprint(origin)}) == 3


def test_files_in_another_order_are_named_otherwise(tmp_path):
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.write_text(path.name)
    assert fingerprint(*paths) != fingerprint(*reversed(paths))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*none$"):
        fingerprint(tmp_path / "none")


@pytest.mark.parametrize(
    "name", ["one-step", "voices", "losses", "copies", "compared", "peers", "steps"]
)
def test_what_ships_is_what_was_measured(name):
    """New weights with old tables would show here."""
    results = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    shipped = {part: fingerprint(path) for part, path in SHIPPED.items()}
    known = {part: results["subject"][part] for part in shipped if part in results["subject"]}
    assert known
    assert known == {part: shipped[part] for part in known}

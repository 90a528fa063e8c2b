"""Damaged features, packs and runs, for `benchmarks.robust_files`."""

import hashlib
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.robust_checkpoints import ACOUSTIC, NESTED, Damage
from benchmarks.robust_corpora import manifests, recordings, texts
from benchmarks.robust_doors import Door, Kind, make_models, training
from benchmarks.robust_spoiling import (
    FILES,
    LINES,
    Row,
    append,
    change,
    put,
    rewrite,
    train,
    write_features,
)

FEATURES: dict[str, Row] = {
    "no level": {"level": ...},
    "a field too many": {"seconds": 1.0},
    "id a number": {"id": 7},
    "voice null": {"voice": None},
    "voice of another": {"voice": 5.5},
    "convention unknown": {"convention": "ipa"},
    "symbols of another alphabet": {"symbols": "^xx%$" + "a" * 11},
    "symbols a list": {"symbols": ["^"] * 16},
    "durations of floats": {"durations": [1.5] * 16},
    "durations true": {"durations": [True] * 16},
    "durations negative": {"durations": [-1] + [5] * 15},
    "durations of nothing": {"durations": [0] * 16},
    "durations of 10^30": {"durations": [10**30] * 16},
    "durations of 10^400": {"durations": [10**400] * 16},
    "durations of others": {"durations": [50] * 16},
    "pitch not a number": {"pitch": [float("nan")] * 16},
    "pitch infinite": {"pitch": [float("inf")] * 16},
    "pitch of 1e300": {"pitch": [1e300] * 16},
    "pitch of 10^400": {"pitch": [10**400] * 16},
    "pitch nested": {"pitch": [[5.0]] * 16},
    "pitch too short": {"pitch": [5.0]},
    "level texts": {"level": ["-30"] * 16},
    "level null": {"level": [None] * 16},
}


def set_kinds(seed: int) -> list[Kind]:
    """All that training reads."""
    return [manifests(), recordings(), texts(), features(), packs(seed), runs(seed)]


def features() -> Kind:
    """What `prepare` wrote."""
    clips, mels = "val/clips.jsonl", "val/mels.npy"
    damages = {f"row: {what}": partial(change, clips, row) for what, row in FEATURES.items()}
    damages |= {f"line: {what}": partial(append, clips, line) for what, line in LINES.items()}
    damages |= {what: partial(put, clips, data) for what, data in FILES.items()}
    damages |= {f"mels: {what}": partial(put, mels, data) for what, data in FILES.items()}
    arrays = {
        "too few": np.zeros((7, 100), np.float16),
        "not numbers": np.full((77 * 4, 100), np.nan, np.float16),
        "infinite": np.full((77 * 4, 100), np.inf, np.float16),
        "of one axis": np.zeros(77 * 4, np.float16),
        "of 3 bands": np.zeros((77 * 4, 3), np.float16),
        "whole numbers": np.zeros((77 * 4, 100), np.int16),
        "objects": np.array([[{}] * 100] * 77 * 4, dtype=object),
    }
    damages |= {f"mels: {what}": partial(_save, mels, array) for what, array in arrays.items()}
    damages["mels: cut"] = lambda f: (f / mels).write_bytes((f / mels).read_bytes()[:-999])
    damages["mels: header of 10^12 frames"] = lambda f: (f / mels).write_bytes(
        (f / mels).read_bytes().replace(b"(308, 100)", b"(10**9,99)")
    )
    damages["no mels"] = lambda folder: (folder / mels).unlink()
    damages["no clips"] = lambda folder: (folder / clips).unlink()
    doors: dict[str, Door] = {
        "train": partial(train, "flow_matching"),
        "losses": lambda f: training(
            "losses", f / ACOUSTIC, "--features", f, "--sets", "val", "--clips", "1"
        ),
        "pack": lambda f: training(
            *("pack", f, "--out", f / "pack", "--sets", "val,heart", "--held-out", "val")
        ),
    }
    named = ("clips.jsonl", "mels.npy", "/val", "clip val2")
    return Kind("features", make_features, damages, doors, named, _cannot_tell)


def _cannot_tell(damage: str, door: str) -> bool:
    """A pack is of no model, so its symbols may be of any; nor does it need held-out voices."""
    return door == "pack" and "symbols of another alphabet" in damage


def packs(seed: int) -> Kind:
    """What `pack` wrote: parts of an archive, damaged outside and, with hashes that fit, inside."""
    part = "features.zip.00"
    outside: dict[str, Callable[[bytes], bytes]] = {
        "empty": lambda _: b"",
        "cut": lambda data: data[:-100],
        "altered": lambda data: data[:-100] + bytes(100),
        "no head": lambda data: data.partition(b"\n")[2],
        "head a list": lambda data: b"[]\n" + data.partition(b"\n")[2],
        "head null": lambda data: b"null\n" + data.partition(b"\n")[2],
        "head nested": lambda data: NESTED.encode() + b"\n" + data.partition(b"\n")[2],
        "head of texts": lambda data: data.replace(b'"part": 0', b'"part": "0"', 1),
        "head of many parts": lambda data: data.replace(b'"parts": 1', b'"parts": 1' + b"0" * 9, 1),
        "noise": lambda data: random.Random(seed).randbytes(len(data)),
    }
    damages: dict[str, Damage] = {
        what: partial(rewrite, part, change) for what, change in outside.items()
    }
    damages["no part"] = lambda folder: (folder / part).unlink()
    about: dict[str, Any] = {
        "about a list": [],
        "about null": None,
        "about nested": NESTED,
        "about without sets": {"sets": ...},
        "about without coding": {"coding": ...},
        "about without format": {"format": ...},
        "sets a text": {"sets": "val"},
        "sets numbers": {"sets": [1]},
        "sets that are not there": {"sets": ["many"]},
        "sets that leave the folder": {"sets": ["../val"]},
        "coding a list": {"coding": []},
        "coding of no step": {"coding": {"bands": 100, "floor": -8.0, "step": 0}},
        "coding of 10^9 bands": {"coding": {"bands": 10**9, "floor": -8.0, "step": 0.2}},
        "coding of other bands": {"coding": {"bands": 7, "floor": -8.0, "step": 0.2}},
    }
    damages |= {what: partial(_repack, _told, value) for what, value in about.items()}
    files: dict[str, tuple[str, bytes | None]] = {
        "no clips": ("val/clips.jsonl", None),
        "clips a list": ("val/clips.jsonl", b"[]\n"),
        "clips not UTF-8": ("val/clips.jsonl", b"\xff\n"),
        "clips empty": ("val/clips.jsonl", b""),
        "no mels": ("val/mels", None),
        "mels empty": ("val/mels", b""),
        "mels of noise": ("val/mels", random.Random(seed).randbytes(5000)),
        "a file outside": ("../outside", b"x"),
        "a file at the root": ("/outside", b"x"),
    }
    damages |= {what: partial(_repack, _changed, change) for what, change in files.items()}
    damages["no archive"] = lambda folder: _write_part(folder / part, b"PK\3\4 is all there is")
    doors: dict[str, Door] = {"unpack": lambda f: training("unpack", f, "--out", f / "unpacked")}
    return Kind("packs", make_pack, damages, doors, ("features.zip", "damaged", "of the pack"))


def runs(seed: int) -> Kind:
    """What a run left, from which it goes on."""
    state, log, run = "runs/flow_matching/state.pt", "runs/flow_matching/log.jsonl", "run.json"
    run = f"runs/flow_matching/{run}"
    damages: dict[str, Damage] = {
        "state empty": partial(put, state, b""),
        "state of noise": partial(put, state, random.Random(seed).randbytes(9999)),
        "state cut": lambda f: (f / state).write_bytes((f / state).read_bytes()[:-999]),
        "state of another model": _other_state,
        "state without a step": partial(_restate, {"step": ...}),
        "state of a step that is a text": partial(_restate, {"step": "1"}),
        "state of seconds that are no number": partial(_restate, {"seconds": float("nan")}),
        "state of a model that is a list": partial(_restate, {"model": []}),
        "state without optimizers": partial(_restate, {"optimizers": []}),
        "state of an average that is none": partial(_restate, {"average": None}),
    }
    lines = {what: line for what, line in LINES.items() if line.endswith(b"\n")}
    damages |= {f"log: {what}": partial(append, log, line) for what, line in lines.items()}
    damages |= {
        f"run.json: {what}": partial(put, run, line)
        for what, line in (LINES | FILES | {"an object": b"{}"}).items()
    }
    doors: dict[str, Door] = {"train": partial(train, "flow_matching", steps=3)}
    return Kind("runs", make_run, damages, doors, ("state.pt", "log.jsonl", "run.json", "/flow_m"))


def make_features(folder: Path) -> None:
    """Features of two sets of clips that nobody said, and a tiny acoustic model."""
    make_models(folder)
    for name in ("val", "heart"):
        write_features(folder / name)


def make_pack(folder: Path) -> None:
    """Parts of a pack."""
    write_features(folder / "sets" / "val")
    write_features(folder / "sets" / "heart")
    sets = ("--sets", "val,heart", "--held-out", "val")
    training("pack", folder / "sets", "--out", folder, *sets)


def make_run(folder: Path) -> None:
    """A run of one step."""
    make_features(folder)
    train("flow_matching", folder)


def _save(name: str, array: Any, folder: Path) -> None:
    np.save(folder / name, array)


def _repack(alter: Callable[[dict[str, bytes], Any], None], value: Any, folder: Path) -> None:
    """Change files of the archive, and write it as one part whose hashes fit."""
    part = folder / "features.zip.00"
    with zipfile.ZipFile(BytesIO(part.read_bytes().partition(b"\n")[2])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    alter(files, value)
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    _write_part(part, content.getvalue())


def _write_part(path: Path, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    head = {"part": 0, "parts": 1, "sha256": digest, "whole": digest}
    path.write_bytes(json.dumps(head).encode() + b"\n" + content)


def _told(files: dict[str, bytes], value: Any) -> None:
    """Change what the archive says of itself."""
    if isinstance(value, Mapping):
        known = json.loads(files["pack.json"]) | value
        value = {k: v for k, v in known.items() if v is not ...}
    files["pack.json"] = (value if isinstance(value, str) else json.dumps(value)).encode()


def _changed(files: dict[str, bytes], altered: tuple[str, bytes | None]) -> None:
    name, data = altered
    files.pop(name, None)
    if data is not None:
        files[name] = data


def _restate(changes: Row, folder: Path) -> None:
    import torch

    path = folder / "runs/flow_matching/state.pt"
    state = torch.load(path, weights_only=True) | changes
    torch.save({k: v for k, v in state.items() if v is not ...}, path)


def _other_state(folder: Path) -> None:
    import torch

    path = folder / "runs/flow_matching/state.pt"
    state = torch.load(path, weights_only=True)
    state["model"] = {name: torch.zeros(3) for name in state["model"]}
    torch.save(state, path)

"""Damaged manifests, recordings, features, packs and runs, for `benchmarks.robust_files`."""

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

from benchmarks.robust_checkpoints import ACOUSTIC, NESTED, VOCODER, Damage
from benchmarks.robust_doors import Door, Kind, make_models, training

RATE, SAMPLES = 24_000, 12_000
ENDS = [1920, 3000, 3000, 5000, 8000, 9000, SAMPLES]
PHONES = "hˈɛlO"
Row = dict[str, Any]

# a value of the second row, or `...` where it is to lack one
ROWS: dict[str, Row] = {
    "no id": {"id": ...},
    "no voice": {"voice": ...},
    "no text": {"text": ...},
    "no audio": {"audio": ...},
    "id a number": {"id": 7},
    "id empty": {"id": " "},
    "id a list": {"id": ["a"]},
    "id of another": {"id": "c0"},
    "id that leaves the folder": {"id": "../../c1"},
    "id from the root": {"id": "/c1"},
    "id of a nought": {"id": "c\0"},
    "id of 100,000 letters": {"id": "c" * 100_000},
    "voice that leaves the folder": {"voice": "../heart"},
    "voice null": {"voice": None},
    "text nested": {"text": {"text": {}}},
    "text of half a character": {"text": "\ud800"},
    "audio a number": {"audio": 7.5},
    "audio that is not there": {"audio": "gone.wav"},
    "audio that is a folder": {"audio": "."},
    "audio of a nought": {"audio": "a\0.wav"},
    "ends not numbers": {"ends": [float("nan")] * 7},
    "ends nested": {"ends": [[1920]] * 7},
    "ends texts": {"ends": ["1920"] * 7},
    "ends negative": {"ends": [-1, *ENDS[1:]]},
    "ends that fall": {"ends": ENDS[::-1]},
    "ends of 10^30": {"ends": [*ENDS[:-1], 10**30]},
    "ends too few": {"ends": ENDS[:-1]},
    "ends an object": {"ends": {"a": 1}},
    "ends in seconds": {"ends": [end / RATE for end in ENDS]},
    "ends of another recording": {"ends": [10 * end for end in ENDS]},
    "phones a list": {"phones": list(PHONES)},
    "g2p a list": {"g2p": ["misaki"]},
    "g2p unknown": {"g2p": "ipa"},
    "split a list": {"split": ["val"]},
}
LINES: dict[str, bytes] = {
    "a number": b"5\n",
    "a list": b"[]\n",
    "null": b"null\n",
    "nested": NESTED.encode() + b"\n",
    "half a line": b'{"id": "c2", "voi',
    "half a character": b'{"id": "c2", "text": "\xc3"}\n',
    "binary": bytes(range(256)) + b"\n",
    "of 10 MB": b'{"id": "' + b"x" * 10_000_000 + b'"}\n',
    "a long number": b'{"id": ' + b"9" * 10_000 + b"}\n",
}
FILES: dict[str, bytes] = {
    "empty file": b"",
    "file of noise": random.Random(0).randbytes(10_000),
    "file in UTF-16": '{"id": "c0"}\n'.encode("utf-16"),
}
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


def manifests() -> Kind:
    """Rows of a corpus."""
    damages = {f"row: {what}": partial(_change, "val.jsonl", row) for what, row in ROWS.items()}
    damages |= {f"line: {what}": partial(_append, "val.jsonl", s) for what, s in LINES.items()}
    damages |= {what: partial(_replace, "val.jsonl", data) for what, data in FILES.items()}
    return Kind(
        "manifests",
        make_corpus,
        damages,
        {**_readers(), "reader": _reader, "evaluate": _evaluate},
        ("val.jsonl", "a.wav", "b.wav"),
        _does_not_read,
        unchecked=("reader", "evaluate"),
    )


def _does_not_read(damage: str, door: str) -> bool:
    """Only what needs phones looks at whose they are and where they end; splits are a vocoder's."""
    if "g2p" in damage:
        return door not in ("prepare", "evaluate")
    if "split" in damage:
        return door not in ("vocoder", "copies")
    return damage == "row: ends of another recording" and door != "prepare"


def recordings() -> Kind:
    """Sound of a corpus."""
    damages: dict[str, Damage] = {
        "no recording": lambda folder: (folder / "b.wav").unlink(),
        "empty": partial(_replace, "b.wav", b""),
        "text": partial(_replace, "b.wav", b"This is no sound.\n" * 100),
        "head alone": lambda f: (f / "b.wav").write_bytes((f / "b.wav").read_bytes()[:44]),
        "half a head": lambda f: (f / "b.wav").write_bytes((f / "b.wav").read_bytes()[:20]),
        "of no length": partial(_sound, np.zeros(0)),
        "of 20 samples": partial(_sound, np.full(20, 0.1)),
        "half as long": partial(_sound, np.full(SAMPLES // 2, 0.1)),
        "of two channels": partial(_sound, np.full((SAMPLES, 2), 0.1)),
        "at another rate": partial(_sound, np.full(SAMPLES, 0.1), rate=16_000),
        "not numbers": partial(_sound, np.full(SAMPLES, np.nan)),
        "infinite": partial(_sound, np.full(SAMPLES, np.inf)),
        "one sample infinite": partial(_sound, np.r_[np.inf, np.full(SAMPLES - 1, 0.1)]),
        "of 1e30": partial(_sound, np.full(SAMPLES, 1e30)),
    }
    spared = ("half as long",)  # where nobody asks for ends
    return Kind(
        "recordings",
        make_corpus,
        damages,
        _readers(),
        ("val.jsonl", "b.wav"),
        lambda damage, door: damage in spared and door != "prepare",
    )


def texts() -> Kind:
    """Texts to be read aloud."""
    damages = {f"line: {what}": partial(_append, "texts.jsonl", s) for what, s in LINES.items()}
    damages |= {what: partial(_replace, "texts.jsonl", data) for what, data in FILES.items()}
    rows = {"no text": {"text": ...}, "id a number": {"id": 7}, "kind a list": {"kind": []}}
    damages |= {f"row: {w}": partial(_change, "texts.jsonl", row) for w, row in rows.items()}
    doors = {"reader": _reader, "evaluate": _evaluate}
    return Kind("texts", make_corpus, damages, doors, ("texts.jsonl",), unchecked=tuple(doors))


def features() -> Kind:
    """What `prepare` wrote."""
    clips, mels = "val/clips.jsonl", "val/mels.npy"
    damages = {f"row: {what}": partial(_change, clips, row) for what, row in FEATURES.items()}
    damages |= {f"line: {what}": partial(_append, clips, line) for what, line in LINES.items()}
    damages |= {what: partial(_replace, clips, data) for what, data in FILES.items()}
    damages |= {f"mels: {what}": partial(_replace, mels, data) for what, data in FILES.items()}
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
        "train": partial(_train, "flow_matching"),
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
        what: partial(_rewrite, part, change) for what, change in outside.items()
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
        "state empty": partial(_replace, state, b""),
        "state of noise": partial(_replace, state, random.Random(seed).randbytes(9999)),
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
    damages |= {f"log: {what}": partial(_append, log, line) for what, line in lines.items()}
    damages |= {
        f"run.json: {what}": partial(_replace, run, line)
        for what, line in (LINES | FILES | {"an object": b"{}"}).items()
    }
    doors: dict[str, Door] = {"train": partial(_train, "flow_matching", steps=3)}
    return Kind("runs", make_run, damages, doors, ("state.pt", "log.jsonl", "run.json", "/flow_m"))


def _readers() -> dict[str, Door]:
    """The commands that read a corpus as a whole."""
    copying = ("--sets", "val", "--no-mos", "--no-beside")
    packing = ("--held-out", "val", "--audio-hours", "1", "--recordings", "train,val")
    return {
        "prepare": lambda f: training("prepare", f, f / "features", "--sets", "val"),
        "vocoder": partial(_train, "vocoder"),
        "copies": lambda f: training(
            *("copies", "--corpus", f, "--out", f / "o", "--vocoder", f / VOCODER, *copying)
        ),
        "pack": lambda f: training(
            *("pack", f, "--out", f / "pack", "--sets", "toy", "--corpus", f, *packing)
        ),
    }


TINY = {
    "flow_matching": (
        *("model.voice_dim=8", "model.encoder.dim=16", "model.encoder.depth=1", "crop=32"),
        *("model.prosody.dim=16", "model.prosody.depth=1", "model.prosody.heads=2"),
        *("model.decoder.dim=16", "model.decoder.depth=1", "batch=2", "log_every=1"),
    ),
    "vocoder": (
        *("model.dim=16", "model.intermediate_dim=32", "model.depth=1", "model.pitch_dim=8"),
        *("critics=[]", "predicted=1.0", "batch=2", "crop=16", "log_every=1"),
    ),
}


def _train(recipe: str, folder: Path, steps: int = 1) -> int:
    from training import acoustic_stage, vocoder_stage

    acoustic_stage.ROUNDS = vocoder_stage.ROUNDS = 1  # what is held out is read, and little judged
    options = (*TINY[recipe], "minutes=null", f"steps={steps}")
    changes = [word for option in options for word in ("--set", option)]
    places = ("--features", folder, "--corpus", folder, "--out", folder / "runs")
    return training("train", recipe, *places, "--sets", "val", "--held-out", "val", *changes)


def _reader(folder: Path) -> int:
    told = ("--whisper", folder / "whisper", "--texts", folder / "texts.jsonl", "--no-mos")
    return training("reader", folder / "val.jsonl", *told, "--out", folder / "reader.json")


def _evaluate(folder: Path) -> int:
    models = ("--acoustic", folder / ACOUSTIC, "--vocoder", folder / VOCODER)
    told = ("--whisper", folder / "whisper", "--texts", folder / "texts.jsonl", "--no-mos")
    asked = ("--out", folder / "out", "--corpus", folder, "--voices", "heart", "--limit", "1")
    return training("evaluate", *models, *told, *asked)


def make_corpus(folder: Path) -> None:
    """Two sets of two clips, features of one, texts, tiny models and the folder of a Whisper."""
    import soundfile

    make_models(folder)
    noise = 0.1 * np.random.default_rng(0).standard_normal(SAMPLES)
    rows = []
    for id, audio in (("c0", "a.wav"), ("c1", "b.wav")):
        soundfile.write(folder / audio, noise, RATE, subtype="FLOAT")
        row = {"id": id, "audio": audio, "voice": "heart", "text": "Hello.", "phones": PHONES}
        rows.append({**row, "ends": ENDS, "g2p": "misaki"})
    _write_rows(folder / "val.jsonl", rows)
    _write_rows(folder / "train.jsonl", [row | {"id": f"t{row['id']}"} for row in rows])
    told = [{"id": row["id"], "kind": "sentence", "text": row["text"]} for row in rows]
    _write_rows(folder / "texts.jsonl", told)
    (folder / "whisper").mkdir()
    (folder / "whisper" / "model.bin").write_bytes(b"no model")
    _write_features(folder / "toy")


def make_features(folder: Path) -> None:
    """Features of two sets of clips that nobody said, and a tiny acoustic model."""
    make_models(folder)
    for name in ("val", "heart"):
        _write_features(folder / name)


def make_pack(folder: Path) -> None:
    """Parts of a pack."""
    _write_features(folder / "sets" / "val")
    _write_features(folder / "sets" / "heart")
    sets = ("--sets", "val,heart", "--held-out", "val")
    training("pack", folder / "sets", "--out", folder, *sets)


def make_run(folder: Path) -> None:
    """A run of one step."""
    make_features(folder)
    _train("flow_matching", folder)


def _write_features(folder: Path) -> None:
    from training.features import Features, write_features

    chance, durations = np.random.default_rng(0), (4, 5, 0, 8, 7, 9, 6, 0, 5, 0, 8, 5, 4, 5, 5, 6)
    clips = [
        Features(
            id=f"{folder.name}{index}",
            voice=("heart", "michael")[index % 2],
            text="Hello, world.",
            convention="misaki",
            symbols="^hˈɛlO, wˈɜɹld.$",
            durations=durations,
            pitch=tuple(chance.normal(5, 0.2, 16).round(4).tolist()),
            level=tuple(chance.normal(-30, 5, 16).round(4).tolist()),
        )
        for index in range(4)
    ]
    mels = chance.uniform(-7, 1, (sum(durations) * len(clips), 100)).astype(np.float16)
    write_features(folder, clips, mels)


def _write_rows(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _change(name: str, changes: Row, folder: Path) -> None:
    """Change the last row but one of four, or the last of two."""
    rows = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    place = min(2, len(rows) - 1)
    rows[place] = {k: v for k, v in (rows[place] | changes).items() if v is not ...}
    _write_rows(folder / name, rows)


def _append(name: str, line: bytes, folder: Path) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + line)


def _replace(name: str, data: bytes, folder: Path) -> None:
    (folder / name).write_bytes(data)


def _rewrite(name: str, change: Callable[[bytes], bytes], folder: Path) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))


def _sound(samples: Any, folder: Path, rate: int = RATE) -> None:
    import soundfile

    soundfile.write(folder / "b.wav", samples, rate, subtype="FLOAT")


def _save(name: str, array: Any, folder: Path) -> None:
    np.save(folder / name, array)


def _repack(change: Callable[[dict[str, bytes], Any], None], value: Any, folder: Path) -> None:
    """Change files of the archive, and write it as one part whose hashes fit."""
    part = folder / "features.zip.00"
    with zipfile.ZipFile(BytesIO(part.read_bytes().partition(b"\n")[2])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files, value)
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


def _changed(files: dict[str, bytes], change: tuple[str, bytes | None]) -> None:
    name, data = change
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

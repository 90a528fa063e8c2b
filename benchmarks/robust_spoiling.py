"""What damages files of lines, whatever they hold, for `benchmarks.robust_files`."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.robust_checkpoints import NESTED
from benchmarks.robust_doors import training

Row = dict[str, Any]
PHONES = "hˈɛlO"  # noqa: RUF001 - IPA is no typo
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


def train(recipe: str, folder: Path, steps: int = 1) -> int:
    from tts.training.acoustic import stage as acoustic_stage
    from tts.training.vocoder import stage as vocoder_stage

    acoustic_stage.ROUNDS = vocoder_stage.ROUNDS = 1  # what is held out is read, and little judged
    options = (*TINY[recipe], "minutes=null", f"steps={steps}")
    changes = [word for option in options for word in ("--set", option)]
    places = ("--features", folder, "--corpus", folder, "--out", folder / "runs")
    return training("train", recipe, *places, "--sets", "val", "--held-out", "val", *changes)


def write_features(folder: Path) -> None:
    from tts.training.data.features import ClipFeatures, write_features

    chance, durations = np.random.default_rng(0), (4, 5, 0, 8, 7, 9, 6, 0, 5, 0, 8, 5, 4, 5, 5, 6)
    clips = [
        ClipFeatures(
            id=f"{folder.name}{index}",
            voice=("heart", "michael")[index % 2],
            text="Hello, world.",
            convention="misaki",
            symbols="^hˈɛlO, wˈɜɹld.$",  # noqa: RUF001 - IPA is no typo
            durations=durations,
            pitch=tuple(chance.normal(5, 0.2, 16).round(4).tolist()),
            level=tuple(chance.normal(-30, 5, 16).round(4).tolist()),
        )
        for index in range(4)
    ]
    mels = chance.uniform(-7, 1, (sum(durations) * len(clips), 100)).astype(np.float16)
    write_features(folder, clips, mels)


def write_rows(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def change(name: str, changes: Row, folder: Path) -> None:
    """Change the last row but one of four, or the last of two."""
    rows = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    place = min(2, len(rows) - 1)
    rows[place] = {k: v for k, v in (rows[place] | changes).items() if v is not ...}
    write_rows(folder / name, rows)


def append(name: str, line: bytes, folder: Path) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + line)


def put(name: str, data: bytes, folder: Path) -> None:
    (folder / name).write_bytes(data)


def rewrite(name: str, alter: Callable[[bytes], bytes], folder: Path) -> None:
    (folder / name).write_bytes(alter((folder / name).read_bytes()))

"""Damaged manifests, recordings and texts, for `benchmarks.robust_files`."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.robust_checkpoints import ACOUSTIC, VOCODER, Damage
from benchmarks.robust_doors import Door, Kind, make_models, training
from benchmarks.robust_spoiling import (
    FILES,
    LINES,
    PHONES,
    Row,
    append,
    change,
    put,
    train,
    write_features,
    write_rows,
)

RATE, SAMPLES = 24_000, 12_000
ENDS = [1920, 3000, 3000, 5000, 8000, 9000, SAMPLES]

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


def manifests() -> Kind:
    """Rows of a corpus."""
    damages = {f"row: {what}": partial(change, "val.jsonl", row) for what, row in ROWS.items()}
    damages |= {f"line: {what}": partial(append, "val.jsonl", s) for what, s in LINES.items()}
    damages |= {what: partial(put, "val.jsonl", data) for what, data in FILES.items()}
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
        "empty": partial(put, "b.wav", b""),
        "text": partial(put, "b.wav", b"This is no sound.\n" * 100),
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
    damages = {f"line: {what}": partial(append, "texts.jsonl", s) for what, s in LINES.items()}
    damages |= {what: partial(put, "texts.jsonl", data) for what, data in FILES.items()}
    rows = {"no text": {"text": ...}, "id a number": {"id": 7}, "kind a list": {"kind": []}}
    damages |= {f"row: {w}": partial(change, "texts.jsonl", row) for w, row in rows.items()}
    doors = {"reader": _reader, "evaluate": _evaluate}
    return Kind("texts", make_corpus, damages, doors, ("texts.jsonl",), unchecked=tuple(doors))


def _readers() -> dict[str, Door]:
    """The commands that read a corpus as a whole."""
    copying = ("--sets", "val", "--no-mos", "--no-baselines")
    packing = ("--held-out", "val", "--audio-hours", "1", "--recordings", "train,val")
    return {
        "prepare": lambda f: training("prepare", f, f / "features", "--sets", "val"),
        "vocoder": partial(train, "vocoder"),
        "copies": lambda f: training(
            *("copies", "--corpus", f, "--out", f / "o", "--vocoder", f / VOCODER, *copying)
        ),
        "pack": lambda f: training(
            *("pack", f, "--out", f / "pack", "--sets", "toy", "--corpus", f, *packing)
        ),
    }


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
    write_rows(folder / "val.jsonl", rows)
    write_rows(folder / "train.jsonl", [row | {"id": f"t{row['id']}"} for row in rows])
    told = [{"id": row["id"], "kind": "sentence", "text": row["text"]} for row in rows]
    write_rows(folder / "texts.jsonl", told)
    (folder / "whisper").mkdir()
    (folder / "whisper" / "model.bin").write_bytes(b"no model")
    write_features(folder / "toy")


def _sound(samples: Any, folder: Path, rate: int = RATE) -> None:
    import soundfile

    soundfile.write(folder / "b.wav", samples, rate, subtype="FLOAT")

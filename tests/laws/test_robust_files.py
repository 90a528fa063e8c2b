"""Damaged files at the doors of the commands that read them, a few of each kind.

`python -m benchmarks.robust_files` tries all of them, at every door.
"""

import pytest

from benchmarks import robust_doors
from benchmarks.robust_doors import FAULTS, Kind, library, try_all
from benchmarks.robust_files import checkpoint_kinds, counts, table
from benchmarks.robust_sets import set_kinds

KINDS = {kind.name: kind for kind in (*checkpoint_kinds(0), *set_kinds(0))}
# of each kind, what is damaged and who is to read it
CHOSEN = {
    "acoustic": (
        ("load",),
        (
            *("cut at 0.5000", "empty", "header of 10^18 bytes", "a folder", "a pickle"),
            *("config []", "config null", "config nested", "of the other kind"),
            *("mel.hop 0", "mel.hop -1", "mel.hop 10^12", "mel.sample_rate 0", "mel null"),
            *("encoder.dim 60000", "encoder.depth 10^9", "encoder.heads 3", "encoder.kernel 4"),
            *("symbols twice", "symbols too few", "voices twice", "voices numbers"),
            *("voices of half a character", "weights not a number", "weights infinite"),
            *("weights of 1e30", "weights in int8", "weights complex", "a weight too many"),
            *("one number of a weight is none", "offers nested", "offers {}"),
        ),
    ),
    "vocoder": (
        ("convert",),
        (
            "mel.hop 0",
            "mel.hop 300",
            "patch 10^9",
            "dim 60000",
            "weights of no size",
            "config a number",
        ),
    ),
    "public": (
        ("convert",),
        (
            *("config nested", "config that unfolds", "config of 3 MB", "config of no date"),
            *("dim 10^12", "num_layers 10^9", "hop_length a list", "weights not a number"),
            *("weights that unfold to 4 TB", "weights in int8", "weights sparse"),
        ),
    ),
    "manifests": (
        ("reader",),
        (
            *("row: no voice", "row: id that leaves the folder", "row: id of another"),
            *("row: text of half a character", "row: audio that is not there"),
            *("row: ends of 10^30", "line: nested", "line: null", "line: of 10 MB", "empty file"),
        ),
    ),
    "recordings": (
        ("pack",),
        ("half a head", "of no length", "not numbers"),
    ),
    "texts": (("reader",), ("line: a number", "line: half a character", "row: no text")),
    "features": (
        ("losses",),
        (
            *("row: no level", "row: a field too many", "row: durations of 10^400"),
            *("row: pitch of 1e300", "row: convention unknown", "line: nested", "line: binary"),
            *("mels: not numbers", "mels: of 3 bands", "mels: header of 10^12 frames"),
        ),
    ),
    "packs": (
        ("unpack",),
        (
            *("head nested", "head of many parts", "about null", "about without sets"),
            *("sets a text", "sets that leave the folder", "coding of 10^9 bands", "no mels"),
            *("clips not UTF-8", "clips empty", "mels of noise", "a file outside"),
        ),
    ),
    "runs": (("train",), ("state without a step", "log: nested", "run.json: null")),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "runs")) for name in CHOSEN]
)
def test_a_damaged_file_is_refused_in_a_sentence_that_names_it(name, tmp_path, monkeypatch):
    kind, (doors, damages) = KINDS[name], CHOSEN[name]
    for module in ("acoustic", "vocoder"):
        monkeypatch.setattr(f"tts.training.{module}.stage.ROUNDS", 1)
    some = Kind(
        name,
        kind.make,
        {damage: kind.damages[damage] for damage in damages},
        {door: kind.doors[door] for door in doors},
        kind.named,
        kind.spared,
        kind.unchecked,
    )
    faults = [result for result in try_all(some, tmp_path) if result.outcome in FAULTS]
    assert faults == []


def test_what_is_not_refused_well_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(robust_doors, "SECONDS", 0.2)

    def door(folder):
        said = (folder / "file").read_text()
        return library(lambda: DOORS[said](f"the file {folder / 'file'} is {said}"))

    damages = {
        said: lambda folder, said=said: (folder / "file").write_text(said)
        for said in DOORS
        if said != "whole"
    }
    kind = Kind(
        "toy",
        lambda folder: (folder / "file").write_text("whole"),
        damages,
        {"door": door},
        ["file"],
    )
    results = list(try_all(kind, tmp_path))
    assert {result.damage: result.outcome for result in results} == {
        "refused": "refused",
        "accepted": "accepted",
        "a fault": "traceback",
        "for ever": "hung",
        "too large": "traceback",
        "vague": "vague",
    }
    assert counts(results) == {
        "files": 6,
        "tries": 6,
        "refused": 1,
        "not read": 0,
        "accepted": 1,
        "traceback": 2,
        "hung": 1,
        "vague": 1,
    }
    assert "| toy | 6 | 6 | 1 | 0 | 1 | 2 | 1 | 1 |" in table(results)


def refuse(sentence):
    raise ValueError(f"{sentence}; give another")


def fail(sentence):
    raise RuntimeError(sentence)


def last(sentence):
    while True:
        pass


def be_vague(sentence):
    raise ValueError("it is wrong")


DOORS = {
    "whole": lambda sentence: None,
    "refused": refuse,
    "accepted": lambda sentence: None,
    "a fault": fail,
    "for ever": last,
    "too large": lambda sentence: bytearray(4 * 2**30),
    "vague": be_vague,
}

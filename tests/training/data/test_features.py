"""What `prepare` wrote, damaged; what may be chosen of it; and what `losses` says of it."""

import json

import numpy as np
import pytest
from tts.training.__main__ import app
from tts.training.data.dataset import FeatureDataset, KnownVoices, Selection
from tts.training.data.features import read_features

from tests.toys import write_toy_features
from tts.cli.main import run_command as command
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import save_checkpoint


@pytest.fixture
def folder(tmp_path):
    write_toy_features(tmp_path, sets=("val",))
    return tmp_path / "val"


@pytest.fixture
def read(folder, tiny_config):
    """Reads the folder as a run does."""
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)

    def read(**options):
        return FeatureDataset([folder], symbols, tiny_config.voices, selection=Selection(**options))

    return read


def spoil(folder, **changes):
    """Change the third clip; what is `...` it lacks."""
    path = folder / "clips.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[2] = {k: v for k, v in (rows[2] | changes).items() if v is not ...}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level": ...}, "Features needs the field level"),
        ({"energy": 1}, "Features has no field energy"),
        ({"id": 7}, "id must be text, got 7"),
        (
            {"durations": [4, 5, 6]},
            "durations must be a list with a number for each symbol for clip val2",
        ),
        (
            {"symbols": "^ɑ$"},
            "durations must be a list with a number for each symbol for clip val2",
        ),
        ({"pitch": 5.0}, "pitch must be a list, got 5.0"),
        ({"level": [None] * 16}, "level must be a number, got None"),
        ({"pitch": [float("nan")] * 16}, "pitch must be a number, got nan"),
        ({"pitch": [1e300] * 16}, "pitch must be from -20 to 20 for clip val2"),
        ({"level": [10**400] * 16}, "level must be a number, got 1000.*"),
        (
            {"convention": "ipa"},
            r"convention \(one of misaki, espeak\) must be given for clip val2",
        ),
        ({"durations": [1.5] * 16}, "durations must be a whole number, got 1.5"),
        (
            {"durations": [0] * 16},
            "durations must be from 0 to 1000000 frames, not all 0, for clip val2",
        ),
        (
            {"durations": [-1] + [5] * 15},
            "durations must be from 0 to 1000000 frames, not all 0, for clip val2",
        ),
    ],
)
def test_a_clip_that_prepare_did_not_write_is_refused_by_its_line(changes, message, folder):
    spoil(folder, **changes)
    place = r"^line 3 of .*clips\.jsonl: "
    with pytest.raises(ValueError, match=f"{place}.*{message}; prepare its set again$"):
        list(read_features(folder))


@pytest.mark.parametrize("line", [b'{"id": "a', b"\xff\n", b"5\n", b"[]\n", b"[" * 99_999])
def test_a_line_that_is_no_clip_is_refused(line, folder):
    with (folder / "clips.jsonl").open("ab") as file:
        file.write(line)
    with pytest.raises(ValueError, match=r"^line 5 of .*clips\.jsonl: .*; prepare its set again$"):
        list(read_features(folder))


def test_an_empty_set_is_refused(folder, read):
    (folder / "clips.jsonl").write_text("")
    with pytest.raises(ValueError, match=r"no clips in .*clips\.jsonl; prepare"):
        read()


def test_mels_that_are_damaged_are_refused_by_their_file(folder, read):
    path = folder / "mels.npy"
    whole = path.read_bytes()
    for damaged in (whole[:-200], whole[:100], b"", b"no mels"):
        path.write_bytes(damaged)
        with pytest.raises(
            ValueError, match=r"cannot read .*mels\.npy: cut short or altered; prepare its set"
        ):
            read()
    for other in (np.zeros(7), np.zeros((7, 100), np.int64)):
        np.save(path, other)
        with pytest.raises(ValueError, match=r"mels\.npy is not a file of mels; prepare"):
            read()
    np.save(path, np.zeros((7, 100), np.float16))
    with pytest.raises(ValueError, match=r"mels and clips of .*val differ; prepare them again"):
        read()
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"no such file: .*mels\.npy; prepare"):
        read()


def test_symbols_that_a_model_lacks_are_told_by_the_clip(folder, read):
    spoil(folder, symbols="^hˈɛlO, wˈɜɹld%$")
    with pytest.raises(ValueError, match=r"clip val2: phonemes must be among .*, got '%'"):
        read()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 0.0}, "share must be above 0 and at most 1, got 0"),
        ({"share": 1.5}, "share must be above 0 and at most 1, got 1.5"),
        ({"phrases": 2.0}, "phrases must be from 0 to 1, got 2"),
        ({"phrases": -0.1}, "phrases must be from 0 to 1, got -0.1"),
        ({"conventions": ("espeek",)}, "must be some of misaki, espeak; got .'espeek'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Selection(**options)


def test_a_choice_of_nothing_says_what_was_asked_for(folder, tiny_config):
    chosen = KnownVoices(conventions=("espeak",), share=0.5, voices=("ada", "bob"))
    symbols, asked = (
        PhonemeTokenizer(inventory=tiny_config.symbols),
        "clips of espeak, a share of 0.5 by ada, bob",
    )
    with pytest.raises(ValueError, match=rf"^no {asked} in .*val; name other sets"):
        FeatureDataset([folder], symbols, ("ada",), selection=chosen)


@pytest.fixture
def losses(folder, tiny_acoustic, monkeypatch):
    """The `losses` command."""
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)
    monkeypatch.setattr("tts.training.acoustic.held_out.MIDPOINT_STEPS", 1)
    file = folder.parent / "model.safetensors"
    save_checkpoint(tiny_acoustic, file, {})
    asked = ["losses", str(file), "--features", str(folder.parent), "--sets"]
    return lambda sets, *options: command(app, [*asked, sets, "--clips", "1", *options], "t")


@pytest.mark.parametrize("phrases", ["0", "0.5", "1"])
def test_losses_of_phrases_count_whole_clips(phrases, losses, capsys):
    assert losses("val", "--phrases", phrases) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["name"], row["clips"]) == ("val", 4)


def test_losses_take_names_with_spaces_and_commas_to_spare(losses, capsys):
    assert losses(" val,,") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "val"


@pytest.mark.parametrize(
    ("sets", "options", "sentence"),
    [
        ("val", ["--phrases", "2"], "phrases must be from 0 to 1, got 2.0"),
        ("val", ["--phrases", "-1"], "phrases must be from 0 to 1, got -1.0"),
        ("val", ["--clips", "-3"], "clips must be at least 1, got -3"),
        ("val", ["--clips", "0"], "clips must be at least 1, got 0"),
        (" , ", [], "no sets; name at least one with --sets"),
    ],
)
def test_losses_of_nothing_are_refused(sets, options, sentence, losses, capsys):
    assert losses(sets, *options) == 2
    assert capsys.readouterr().err.startswith(f"error: {sentence}")

"""Manifests that cannot be prepared are refused, by their line or clip, before hours are spent."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tts.training.__main__ import app
from tts.training.data.features import read_features
from tts.training.data.manifest import read_manifest, read_rows, set_names
from tts.training.data.prepare import prepare
from tts.training.data.recordings import read_recordings

from tts.cli.main import run_command as command
from tts.text.pronounce.symbols import INVENTORY

ROOT = Path(__file__).parents[3]
RATE, HOP = 24_000, 256
ENDS = [1920, 3000, 3000, 5000, 8000, 9000, 12_000]
ROW = {"voice": "heart", "text": "Hello.", "phones": "hˈɛlO", "ends": ENDS, "g2p": "misaki"}


@pytest.fixture
def corpus(tmp_path):
    """Writes a set of two clips, of which the second is changed, or lacks what is `...`."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    noise = 0.1 * np.random.default_rng(0).standard_normal(ENDS[-1])
    soundfile.write(folder / "a.wav", noise, RATE)

    def write(name="toy", **changes):
        rows = [{"id": id, "audio": "a.wav", **ROW} for id in ("c0", "c1")]
        rows[1] = {k: v for k, v in (rows[1] | changes).items() if v is not ...}
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        return folder / f"{name}.jsonl"

    return write


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ends": ENDS[:4]}, "ends of 5 phones and two silences must be 7 numbers, got 4; align"),
        ({"ends": [*ENDS, 12_000]}, "ends of 5 phones and two silences must be 7 numbers, got 8"),
        ({"ends": [end / RATE for end in ENDS]}, r"whole samples, got 0\.08; multiply seconds"),
        ({"ends": [*ENDS[:3], True, *ENDS[4:]]}, "whole samples, got True"),
        ({"ends": [1920, 3000, 2999, *ENDS[3:]]}, "must not decrease, got 2999 after 3000; align"),
        ({"ends": [-1, *ENDS[1:]]}, "must not decrease, got -1 after 0"),
        ({"ends": 1920}, "ends must be a list of samples, got 1920"),
        ({"id": 7}, "id must be text, got 7; put it in quotes"),
        ({"voice": 7}, "voice must be text, got 7"),
        ({"audio": 7}, "audio must be text, got 7"),
        ({"text": 7}, "text must be text, got 7"),
        ({"phones": ["h"]}, r"phones must be text, got \['h'\]"),
        ({"id": " "}, "id must not be empty; give it"),
        ({"voice": ""}, "voice must not be empty"),
    ],
)
@pytest.mark.parametrize("read", [read_manifest, read_rows])
def test_a_row_that_cannot_be_is_refused_by_its_line(read, changes, message, corpus):
    """For a vocoder too, which cuts recordings by their ends."""
    with pytest.raises(ValueError, match=rf"line 2 of .*toy\.jsonl, clip .*{message}"):
        list(read(corpus(**changes)))


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("phones", ...),
        ("phones", None),
        ("phones", ""),
        ("ends", ...),
        ("ends", None),
        ("ends", []),
    ],
)
def test_a_clip_that_is_not_aligned_is_refused_by_its_id(name, missing, corpus):
    """A vocoder takes it whole."""
    changes = {"ends": ..., name: missing}
    with pytest.raises(ValueError, match=rf"toy\.jsonl: clip c1 has no {name}; align it first"):
        list(read_manifest(corpus(**changes)))
    assert not read_recordings(corpus(**changes).parent, "toy")[1].ends


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "c0"}, "clip c0 occurs twice; rename one of them"),
        ({"g2p": "espeek"}, "clip c1: g2p must be one of misaki, espeak; got 'espeek'"),
    ],
)
def test_a_clip_that_features_could_not_tell_is_refused(changes, message, corpus):
    with pytest.raises(ValueError, match=rf"toy\.jsonl: {message}"):
        list(read_manifest(corpus(**changes)))


def test_what_is_no_utf_8_is_refused_by_its_line(corpus):
    path = corpus()
    path.write_bytes(path.read_bytes() + b'{"id": "\xff"}\n')
    with pytest.raises(ValueError, match=r"^line 3 of .*toy\.jsonl: expected JSON, got"):
        list(read_rows(path))


@pytest.mark.parametrize("last", [6000, 12_000 - HOP - 1, 12_000 + HOP + 1, 24_000])
def test_a_clip_ends_with_its_recording(last, corpus, tmp_path):
    """Ends of another sample rate do not, nor those of another recording."""
    scaled = [round(end * last / ENDS[-1]) for end in ENDS]
    with pytest.raises(ValueError, match=rf"clip c1 ends at {last} .* has 12000 samples; align"):
        prepare([corpus(ends=scaled)], tmp_path / "features", workers=1)
    assert not (tmp_path / "features").exists()


@pytest.mark.parametrize("last", [12_000 - HOP, 12_000 + HOP])
def test_a_hop_more_or_less_is_no_fault(last, corpus, tmp_path):
    prepare([corpus(ends=[*ENDS[:-1], last])], tmp_path / "features", workers=1)
    first, second = read_features(tmp_path / "features")
    assert first.durations == second.durations
    assert len(second.symbols) == len(second.durations) == 7


def test_an_empty_manifest_is_refused(corpus, tmp_path):
    path = corpus()
    path.write_text("")
    with pytest.raises(ValueError, match=r"no clips in .*toy\.jsonl; leave it"):
        prepare([path], tmp_path / "features", workers=1)


def test_a_recording_that_is_not_there_is_refused_before_any_is_read(corpus, tmp_path):
    path = corpus(audio="b.wav")
    with pytest.raises(
        FileNotFoundError, match=r"toy\.jsonl: clip c1 has no recording at .*b\.wav"
    ):
        prepare([path], tmp_path / "features", workers=1)


def test_sets_are_named_with_spaces_and_commas_to_spare():
    assert set_names([" heart", "", " many", "val", ""]) == ("heart", "many", "val")
    assert set_names(["val", " val"]) == ("val",)
    assert set_names([" ", " "]) == ()


def test_the_command_reads_every_manifest_before_it_writes(corpus, tmp_path, capsys):
    out, folder = tmp_path / "features", corpus("one").parent
    corpus("two", ends=ENDS[:4])
    asked = ["prepare", str(folder), str(out), "--sets"]
    for sets, sentence in (
        ("one,two", "error: line 2 of "),
        ("one,three", "error: no such file: "),
        (" , ", "error: no sets; name at least one with --sets"),
    ):
        assert command(app, [*asked, sets], "t") == 2
        assert capsys.readouterr().err.startswith(sentence)
        assert not out.exists()
    corpus("two")
    assert command(app, [*asked, "one, two,"], "t") == 0
    assert sorted(path.name for path in out.iterdir()) == ["one", "two"]


def test_the_manifest_of_the_training_page_can_be_read(tmp_path):
    page = (ROOT / "docs" / "guides" / "training.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith('{"id"'))
    (tmp_path / "heart.jsonl").write_text(line + "\n", encoding="utf-8")
    (clip,) = read_manifest(tmp_path / "heart.jsonl")
    assert set(clip.phones) <= set(INVENTORY)
    assert len(clip.ends) == len(clip.phones) + 2

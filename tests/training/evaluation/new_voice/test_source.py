"""Minutes of a set, one take of each text first, and recordings of other texts held out."""

import json

import numpy as np
import pytest
import soundfile
from tts.training.evaluation.new_voice.report import write_result
from tts.training.evaluation.new_voice.source import read_source, write_folder


@pytest.fixture
def manifest(tmp_path):
    """Sixty texts of two takes each, 6 s long; and one that is too short."""
    rows = []
    for number in range(120):
        row = {"id": f"c{number}", "voice": "ann", "text": f"Text {number % 60}.", "seconds": 6.0}
        rows.append({**row, "audio": f"{number}.flac"})
    rows.append({**rows[0], "id": "short", "text": "Short.", "seconds": 0.5})
    soundfile.write(tmp_path / "0.flac", np.zeros(1000), 24_000)
    for row in rows:
        path = tmp_path / row["audio"]
        if not path.exists():
            path.write_bytes((tmp_path / "0.flac").read_bytes())
    path = tmp_path / "ann.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_texts_are_held_out_whole_and_more_minutes_contain_fewer(manifest, tmp_path):
    source = read_source(manifest)
    held_out = {row["text"] for row in source.held_out}
    assert len(held_out) == 40
    training = [row["text"] for row in source.training]
    assert not held_out & set(training)
    assert len(training) == 2 * len(set(training)) == 2 * (60 - 39 if "Short." in held_out else 20)
    assert len(set(training[: len(training) // 2])) == len(training) // 2
    for minutes in (1, 2):
        found = write_folder(source, manifest, minutes, tmp_path / str(minutes))
        assert minutes <= found < minutes + 0.11
    few, more = ((tmp_path / str(minutes) / "transcripts.jsonl").read_text() for minutes in (1, 2))
    assert more.startswith(few)
    assert (tmp_path / "1" / json.loads(few.splitlines()[0])["audio"]).is_file()


def test_rows_with_a_split_are_held_out_instead(manifest):
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    rows[5]["split"] = "val"
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = read_source(manifest)
    assert [row["id"] for row in source.held_out] == ["c5"]
    assert "c65" not in {row["id"] for row in source.training}  # the other take of its text


def test_more_minutes_than_there_are_is_refused(manifest, tmp_path):
    with pytest.raises(ValueError, match=r"ann.jsonl must have 30 minutes, got [34]\.\d"):
        write_folder(read_source(manifest), manifest, 30, tmp_path / "more")


def test_a_row_of_results_replaces_that_of_the_same_voice_and_minutes(tmp_path):
    path = tmp_path / "results.json"
    for voice, minutes, value in (("b", 2, 0), ("a", 10, 1), ("a", 2, 2), ("a", 10, 3)):
        write_result(path, {"voice": voice, "minutes": minutes, "value": value})
    assert [row["value"] for row in json.loads(path.read_text())] == [2, 3, 0]

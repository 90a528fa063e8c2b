import json
import os

import pytest

from app.batches.ledger import Ledger, digest, put, sha256

NAME = "manifest.jsonl"


@pytest.fixture
def kept(tmp_path):
    """A folder in which two things are kept, the second with two files."""
    ledger = Ledger(tmp_path, NAME)
    ledger.keep({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    ledger.keep({"id": "b", "key": "2"}, {"audio/b.wav": b"more", "audio/b.srt": b"times"})
    return tmp_path


def test_what_is_kept_is_known_again(kept):
    ledger = Ledger(kept, NAME)
    assert ledger.has("a", "1")
    assert ledger.has("b", "2")
    assert ledger.rows["b"]["files"]["audio/b.srt"] == sha256(b"times")
    assert digest(kept / "audio/a.wav") == sha256(b"sound")


def test_another_key_is_another_thing(kept):
    assert not Ledger(kept, NAME).has("a", "2")
    assert not Ledger(kept, NAME).has("c", "1")


@pytest.mark.parametrize("data", [None, b"", b"soun", b"Sound"], ids=repr)
def test_a_file_that_is_not_as_it_was_is_not_there(kept, data):
    path = kept / "audio/a.wav"
    path.unlink() if data is None else path.write_bytes(data)
    ledger = Ledger(kept, NAME)
    assert not ledger.has("a", "1")
    assert ledger.has("b", "2")


def test_rows_before_a_torn_one_are_kept_wherever_it_is_torn(kept):
    whole = (kept / NAME).read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole)):
        (kept / NAME).write_bytes(whole[:length])
        ledger = Ledger(kept, NAME)
        # a row is whole before its line ends
        assert ledger.has("a", "1") == (length >= first - 1)
        assert ledger.has("b", "2") == (length >= len(whole) - 1)
        ledger.add({"id": "c", "key": "3", "files": {}})
        again = Ledger(kept, NAME)
        assert again.has("c", "3")
        assert again.has("a", "1") == ledger.has("a", "1")


@pytest.mark.parametrize("garbage", [b"\0" * 40, b'{"id": "c"\n', b"\xff\xfe\n", b"\n"])
def test_what_is_no_row_is_passed_over(kept, garbage):
    with (kept / NAME).open("ab") as file:
        file.write(garbage)
    ledger = Ledger(kept, NAME)
    assert sorted(ledger.rows) == ["a", "b"]


@pytest.mark.parametrize("row", ["[1]", '"a"', "{}", '{"id": "c", "text": "Hi."}', '{"files": {}}'])
def test_rows_of_another_program_are_left_alone(row, tmp_path):
    (tmp_path / NAME).write_text(f"{row}\n", "utf-8")
    with pytest.raises(ValueError, match="line 1"):
        Ledger(tmp_path, NAME)
    assert (tmp_path / NAME).read_text("utf-8") == f"{row}\n"


def test_rows_are_known_as_they_will_be_read(tmp_path):
    ledger = Ledger(tmp_path, NAME)
    ledger.keep({"id": "a", "text": "half a pair \ud83d", "slot": (0.5, 1)}, {"a": b""})
    assert ledger.rows == Ledger(tmp_path, NAME).rows


def test_a_failure_is_no_success(tmp_path):
    ledger = Ledger(tmp_path, NAME)
    ledger.keep({"id": "a", "error": "nothing to say"}, {})
    assert not ledger.has("a", "1")


def test_rows_come_in_order_and_files_of_none_are_told(kept):
    ledger = Ledger(kept, NAME)
    ledger.keep({"id": "c", "key": "3"}, {"audio/c.wav": b"third"})
    ledger.order(["c", "x", "a"])
    assert ledger.strays() == ["audio/b.wav", "audio/b.srt"]
    rows = [json.loads(line) for line in (kept / NAME).read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["c", "a"]
    assert (kept / "audio/b.wav").read_bytes() == b"more"


def test_files_that_others_took_the_place_of_are_told_while_they_are_there(kept):
    Ledger(kept, NAME).keep({"id": "b", "key": "3"}, {"audio/b.mp3": b"else"})
    ledger = Ledger(kept, NAME)
    assert ledger.strays() == ["audio/b.wav", "audio/b.srt"]
    (kept / "audio/b.wav").unlink()
    assert ledger.strays() == ["audio/b.srt"]


def test_what_cannot_be_put_leaves_nothing(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises((IsADirectoryError, PermissionError)):
        put(tmp_path / "a", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="others do not let one ask for it")
def test_a_row_is_safe_when_its_names_are(tmp_path, monkeypatch):
    """New folders and a new ledger are names in the folder."""
    safe, ask = [], os.fsync

    def heard(handle):
        safe.append(os.fstat(handle).st_ino)
        ask(handle)

    monkeypatch.setattr(os, "fsync", heard)
    ledger = Ledger(tmp_path, NAME)
    ledger.keep({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    places = ("audio/a.wav", "audio", NAME, "")
    assert safe == [(tmp_path / place).stat().st_ino for place in places]


def test_nothing_is_left_beside_what_is_kept(kept):
    assert not list(kept.rglob("*.partial"))

import json
import os
import re
from typing import TypedDict

import pytest
from tts.app.batch.manifest import Manifest, file_sha256, sha256, write_durably
from tts.app.batch.rows import HASH, CandidateRow, sealed_line

NAME = "manifest.jsonl"


@pytest.fixture
def kept(tmp_path):
    """A folder in which two things are kept, the second with two files."""
    ledger = Manifest(tmp_path, NAME)
    ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    ledger.commit({"id": "b", "key": "2"}, {"audio/b.wav": b"more", "audio/b.srt": b"times"})
    return tmp_path


def test_what_is_kept_is_known_again(kept):
    ledger = Manifest(kept, NAME)
    assert ledger.is_complete("a", "1")
    assert ledger.is_complete("b", "2")
    assert ledger.rows["b"]["files"]["audio/b.srt"] == sha256(b"times")
    assert file_sha256(kept / "audio/a.wav") == sha256(b"sound")


def test_another_key_is_another_thing(kept):
    assert not Manifest(kept, NAME).is_complete("a", "2")
    assert not Manifest(kept, NAME).is_complete("c", "1")


@pytest.mark.parametrize("data", [None, b"", b"soun", b"Sound"], ids=repr)
def test_a_file_that_is_not_as_it_was_is_not_there(kept, data):
    path = kept / "audio/a.wav"
    path.unlink() if data is None else path.write_bytes(data)
    ledger = Manifest(kept, NAME)
    assert not ledger.is_complete("a", "1")
    assert ledger.is_complete("b", "2")


def test_rows_before_a_torn_one_are_kept_wherever_it_is_torn(kept):
    whole = (kept / NAME).read_bytes()
    first = whole.index(b"\n") + 1
    ends = {end + near for end in (0, first, len(whole)) for near in range(-4, 5)}
    for length in sorted(ends & {*range(len(whole))} | {*range(0, len(whole), 5)}):
        (kept / NAME).write_bytes(whole[:length])
        ledger = Manifest(kept, NAME)
        # a row is whole before its line ends
        assert ledger.is_complete("a", "1") == (length >= first - 1)
        assert ledger.is_complete("b", "2") == (length >= len(whole) - 1)
        ledger.commit({"id": "c", "key": "3"}, {"audio/c.wav": b"third"})
        again = Manifest(kept, NAME)
        assert again.is_complete("c", "3")
        assert again.is_complete("a", "1") == ledger.is_complete("a", "1")


@pytest.mark.parametrize("garbage", [b"\0" * 40, b'{"id": "c"\n', b"\xff\xfe\n", b"\n"])
def test_what_is_no_row_is_passed_over(kept, garbage):
    with (kept / NAME).open("ab") as file:
        file.write(garbage)
    ledger = Manifest(kept, NAME)
    assert sorted(ledger.rows) == ["a", "b"]


@pytest.mark.parametrize("row", ["{}", '{"id": "c", "text": "Hi."}', '{"files": {}}'])
def test_rows_of_another_program_are_left_alone(row, tmp_path):
    (tmp_path / NAME).write_text(f"{row}\n5\n", "utf-8")
    with pytest.raises(ValueError, match=rf"{NAME} is not a manifest of tts batch; choose"):
        Manifest(tmp_path, NAME)
    assert (tmp_path / NAME).read_text("utf-8") == f"{row}\n5\n"


@pytest.mark.skipif(os.name != "posix", reason="others have no such things")
@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_a_ledger_is_a_file(kind, tmp_path):
    path = tmp_path / NAME
    make = {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}
    make.get(kind, lambda: path.symlink_to("/dev/null"))()
    with pytest.raises(ValueError, match=rf"cannot write {path}: it is a .*{kind}.*; delete it"):
        Manifest(tmp_path, NAME).commit({"id": "a"}, {"a.wav": b"sound"})


LINES = ["5", "[1]", '"a"', "null", "true", "{}", "{", "[" * 100_000, "9" * 5000, "\0", '{"id": 5}']


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:9].replace("\0", "zero"))
def test_a_line_that_is_no_row_refuses_no_folder(line, kept):
    """It stands for itself, or where a row was."""
    first, second = (kept / NAME).read_text("utf-8").splitlines()
    (kept / NAME).write_text(f"{line}\n{second}\n", "utf-8")
    ledger = Manifest(kept, NAME)
    assert (list(ledger.rows), ledger.damaged) == (["b"], [1])
    ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    ledger.order(["a", "b"])
    assert (kept / NAME).read_text("utf-8").splitlines() == [first, second]


CHANGES = {
    "another number": {"seconds": 2.5},
    "a whole number": {"seconds": 1},
    "no number": {"seconds": "1.5"},
    "another text": {"text": "Ho."},
    "another hash of a file": {"files": {"audio/a.wav": sha256(b"else")}},
    "no files": {"files": {}},
    "files that are none": {"files": 5},
    "another file": {"files": {"audio/b.wav": sha256(b"more")}},
    "a file outside": {"files": {"../else": sha256(b"more")}},
    "one more field": {"own": None},
    "another hash": {HASH: "0" * 64},
    "a hash that is none": {HASH: 5},
    "no hash": {HASH: None},
}


@pytest.fixture
def told(tmp_path):
    """A folder in which a row tells of its seconds and its text, and another does not."""
    ledger = Manifest(tmp_path, NAME)
    ledger.commit({"id": "a", "key": "1", "text": "Hi.", "seconds": 1.5}, {"audio/a.wav": b"sound"})
    ledger.commit({"id": "b", "key": "2"}, {"audio/b.wav": b"more"})
    return tmp_path


def alter(path, change):
    """The first row of a file, with other fields, or without those that are nothing now."""
    first, *rest = path.read_text("utf-8").splitlines()
    row = json.loads(first) | change
    if row[HASH] is None:
        del row[HASH]
    path.write_text("\n".join([json.dumps(row), *rest, ""]), "utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_row_is_not_believed(change, told):
    alter(told / NAME, CHANGES[change])
    ledger = Manifest(told, NAME)
    assert not ledger.is_complete("a", "1")
    assert ledger.is_complete("b", "2")
    assert ledger.damaged == [1]


def test_a_row_whose_fields_stand_in_another_order_is_the_same(told):
    first, *rest = (told / NAME).read_text("utf-8").splitlines()
    turned = json.dumps(dict(reversed(json.loads(first).items())))
    (told / NAME).write_text("\n".join([turned, *rest]), "utf-8")
    assert Manifest(told, NAME).is_complete("a", "1")


def without_hashes(path):
    """As an older version wrote its rows."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    old = [{name: row[name] for name in row if name != HASH} for row in rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in old), "utf-8")
    return old


def test_rows_of_an_older_version_are_believed_once_and_get_hashes(told):
    old = without_hashes(told / NAME)
    ledger = Manifest(told, NAME)
    assert (list(ledger.rows.values()), ledger.damaged) == (old, [])
    ledger.commit({"id": "c", "key": "3"}, {"audio/c.wav": b"third"})
    assert Manifest(told, NAME).is_complete("a", "1")
    alter(told / NAME, {"seconds": 2.5})
    assert not Manifest(told, NAME).is_complete("a", "1")
    alter(told / NAME, {"seconds": 1.5, HASH: None})
    assert not Manifest(told, NAME).is_complete("a", "1")


class Timed(TypedDict):
    seconds: float
    slot: tuple[float, float] | None
    late: dict[str, float]
    rolls: list[CandidateRow]


GOOD = {"seconds": 1, "slot": [0.5, 1], "late": {"a": 1.5}, "rolls": []}
BAD = [
    *({"seconds": value} for value in (None, "1", True, [1], float("nan"), 10**400)),
    *({"slot": value} for value in ([1.0], [1.0, "2"], [1.0, 2.0, 3.0], 5, {})),
    *({"late": value} for value in (None, [], {"a": "b"})),
    *({"rolls": value} for value in (None, {}, [5], [{"seed": 1}])),
    *({"files": value} for value in (None, [], ["audio/a.wav"], {"audio/a.wav": 5})),
    *({"files": {name: "0"}} for name in ("", "/a", "../a", "a/../../a", "C:a", "a\\b", "a\0")),
    *({"audio": value} for value in ("../else", "audio/b.wav", 5)),
    {"id": 5},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_a_row_of_an_older_version_with_fields_of_other_types_is_not_believed(change, tmp_path):
    row = {"id": "a", "key": "1", "files": {"audio/a.wav": "0"}, **GOOD}
    (tmp_path / NAME).write_text(f"{json.dumps(row)}\n{json.dumps(row | change)}\n", "utf-8")
    assert Manifest(tmp_path, NAME, Timed).damaged == [2]


def test_a_name_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    """Even where the hash of the row is right."""
    row = {"id": "a", "key": "1", "files": {"../else": sha256(b"else")}}
    (tmp_path / "else").write_bytes(b"else")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / NAME).write_bytes(sealed_line(row))
    assert not Manifest(tmp_path / "in", NAME).is_complete("a", "1")


def test_a_full_disk_names_the_file(tmp_path, small_files):
    ledger = Manifest(tmp_path, NAME)
    with small_files(100), pytest.raises(OSError, match=full(tmp_path / "audio/a.wav")):
        ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": bytes(1000)})
    assert not list((tmp_path / "audio").iterdir())
    with small_files(100), pytest.raises(OSError, match=full(tmp_path / NAME)):
        ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    with small_files(100), pytest.raises(OSError, match=full(tmp_path / NAME)):
        ledger.order(["a"])
    assert Manifest(tmp_path, NAME).is_complete("a", "1")


def full(path):
    return rf"^cannot write {re.escape(str(path))}: [a-z ]+$"


def test_rows_are_known_as_they_will_be_read(tmp_path):
    ledger = Manifest(tmp_path, NAME)
    ledger.commit({"id": "a", "text": "half a pair \ud83d", "slot": (0.5, 1)}, {"a": b""})
    assert ledger.rows == Manifest(tmp_path, NAME).rows


def test_a_failure_is_no_success(tmp_path):
    ledger = Manifest(tmp_path, NAME)
    ledger.commit({"id": "a", "error": "nothing to say"}, {})
    assert not ledger.is_complete("a", "1")


def test_rows_come_in_order_and_files_of_none_are_told(kept):
    ledger = Manifest(kept, NAME)
    ledger.commit({"id": "c", "key": "3"}, {"audio/c.wav": b"third"})
    ledger.order(["c", "x", "a"])
    assert ledger.strays() == ["audio/b.wav", "audio/b.srt"]
    rows = [json.loads(line) for line in (kept / NAME).read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["c", "a"]
    assert (kept / "audio/b.wav").read_bytes() == b"more"


def test_files_that_others_took_the_place_of_are_told_while_they_are_there(kept):
    Manifest(kept, NAME).commit({"id": "b", "key": "3"}, {"audio/b.mp3": b"else"})
    ledger = Manifest(kept, NAME)
    assert ledger.strays() == ["audio/b.wav", "audio/b.srt"]
    (kept / "audio/b.wav").unlink()
    assert ledger.strays() == ["audio/b.srt"]


def test_what_cannot_be_put_leaves_nothing(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises((IsADirectoryError, PermissionError)):
        write_durably(tmp_path / "a", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="others do not let one ask for it")
def test_a_row_is_safe_when_its_names_are(tmp_path, monkeypatch):
    """New folders and a new ledger are names in the folder."""
    safe, ask = [], os.fsync

    def heard(handle):
        safe.append(os.fstat(handle).st_ino)
        ask(handle)

    monkeypatch.setattr(os, "fsync", heard)
    ledger = Manifest(tmp_path, NAME)
    ledger.commit({"id": "a", "key": "1"}, {"audio/a.wav": b"sound"})
    places = ("audio/a.wav", "audio", NAME, "")
    assert safe == [(tmp_path / place).stat().st_ino for place in places]


def test_nothing_is_left_beside_what_is_kept(kept):
    assert not list(kept.rglob("*.partial"))

"""Lists and books of every kind, whole and wrong, as items."""

import csv
import json
import os
import re
from dataclasses import replace
from io import StringIO
from pathlib import PureWindowsPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tts.app.batch.inputs.read import ENDINGS, InputOptions, read_input
from tts.app.batch.item import derive_seed

from tests.app.batch.test_file_names import reserved_by_python
from tests.growth import grows_like_its_length
from tests.tts.text.files.test_epub import BOOK, OPF, book
from tts.delivery import Delivery
from tts.text.files.chapter_selection import EVERY_PART
from tts.text.files.passages import MAX_PASSAGE_CHARACTERS
from tts.text.options import TextOptions
from tts.text.pauses import (
    CHAPTER_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SCENE_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)

READER = InputOptions(delivery=Delivery(), voices=("heart", "michael"))
AS_BOOK = replace(READER, book=True, selection=EVERY_PART)
in_a_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\N{ZERO WIDTH NO-BREAK SPACE}"))


@pytest.fixture
def listed(tmp_path):
    """What a file of a name with these contents holds."""

    def listed(name, written, reader=READER):
        path = tmp_path / name
        path.write_bytes(written.encode() if isinstance(written, str) else written)
        return read_input(path, reader)

    return listed


def table(rows):
    """Rows, which are dictionaries, as CSV."""
    target = StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(target, names)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def objects(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def said(listing):
    return [(item.line, item.text) for item in listing.items]


def told(listing):
    return [(wrong.line, wrong.message) for wrong in listing.errors]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig"])
def test_a_line_is_an_item_by_its_number(end, coding, listed):
    found = listed("A list.txt", end.join(["Où ?", "", " Two. ", "\t", "1999"]).encode(coding))
    assert said(found) == [(1, "Où ?"), (3, "Two."), (5, "1999")]
    assert [item.id for item in found.items] == ["000001", "000003", "000005"]
    assert (found.title, found.author, found.chapters, found.errors) == ("A list", "", ("",), ())


@in_a_folder
@given(st.lists(texts, max_size=20))
def test_every_line_with_a_word_is_in_one_item(listed, parts):
    whole = "\n".join([*parts, "end"])
    lines = list(enumerate(re.split("\r\n|\r|\n", whole), 1))
    found = listed("a.txt", whole)
    there = [(line, text.strip()) for line, text in lines if text.strip()]
    wrong = {line for line, _ in told(found)}
    assert said(found) == [pair for pair in there if pair[0] not in wrong]
    readable = [line for line, text in there if re.search("[A-Za-z0-9]", text)]
    assert not wrong.intersection(readable)


def test_letters_that_cannot_be_read_are_named(listed):
    found = listed("a.txt", "One.\nДа.\nTwo да.\nThree нет.\nJe ne sais pas ce que tu veux.\n")
    assert [line for line, _ in said(found)] == [1, 3, 4, 5]
    assert [line for line, _ in told(found)] == [2]
    assert "Cyrillic letters (Д, а) cannot be read" in told(found)[0][1]
    assert found.notes == (
        "line 3 and 1 more: Cyrillic letters are left out",
        "line 5: seems to be French; read as English (US)",
    )


def test_what_has_no_word_is_told_of_in_a_list_unless_it_is_read(listed):
    found = listed("a.txt", "One.\n***\n👍\n")
    assert [line for line, _ in told(found)] == [2, 3]
    assert "no words to speak in '***'" in told(found)[0]
    says = replace(READER, delivery=Delivery(reading=TextOptions(emoji="say")))
    assert said(listed("a.txt", "One.\n***\n👍\n", says)) == [(1, "One."), (3, "👍")]


OWN = {
    "voice": "heart(2)+michael(1)",
    "steps": 2,
    "seed": 7,
    "pace": 1.25,
    "pitch": -1.5,
    "energy": 3.0,
    "pauses": 2.0,
    "sentence_pause": 0.0,
    "temperature": 0.5,
    "prosody_temperature": 0.0,
    "volume": -6.0,
}
ROWS = [
    {"text": "It is, so.", "id": "first", "speaker": "Ann", **OWN, "chapter": "One", "pause": 1.5},
    {"text": 'He said "no".', "notes": "x, y"},
    {"text": "An end\nin two lines.", "id": "3", "pauses": 0.5, "chapter": "Two"},
    {"text": "It goes on.", "voice": "michael"},
]


@pytest.mark.parametrize(("name", "write"), [("a.csv", table), ("a.jsonl", objects)])
def test_a_row_says_how_it_is_said(name, write, listed):
    found = listed(name, write(ROWS))
    assert found.errors == ()
    assert found.chapters == ("One", "Two")
    first, second, third, fourth = found.items
    assert (first.id, first.text, first.chapter, first.pause) == ("first", "It is, so.", 1, 1.5)
    assert first.delivery == Delivery(**OWN)
    assert (second.text, second.chapter, second.pause) == (
        'He said "no".',
        1,
        PARAGRAPH_PAUSE_SECONDS,
    )
    assert second.delivery == Delivery(seed=derive_seed(0, second.text))
    assert (third.text, third.chapter, third.pause) == (
        ROWS[2]["text"],
        2,
        0.5 * PARAGRAPH_PAUSE_SECONDS,
    )
    assert (fourth.delivery.voice, fourth.chapter) == ("michael", 2)


def test_a_table_and_objects_that_say_the_same_are_the_same(listed):
    rows = [{"id": str(number), **row} for number, row in enumerate(ROWS)]
    one, other = listed("a.csv", table(rows)).items, listed("a.jsonl", objects(rows)).items
    assert [replace(item, line=0) for item in one] == [replace(item, line=0) for item in other]


def test_the_line_of_a_row_is_where_it_begins(listed):
    found = listed("a.csv", 'text,id\n"a\nb",\n\nc,\n"d\n\n\ne",\n,\nf,\n')
    assert [line for line, _ in said(found)] == [2, 5, 6, 11]
    assert found.items[1].id == "000005"


def test_spaces_around_fields_are_none_of_them(listed):
    first, second = listed("a.csv", "text , pace\n a , 1.5 \nb,  \n").items
    assert (first.text, first.delivery.pace, second.delivery.pace) == ("a", 1.5, 1.0)


WRONG = [
    ({"text": ""}, "no words to speak in ''"),
    ({"text": "..."}, "no words to speak in '...'"),
    ({"voice": "nobody"}, "unknown voice 'nobody'; voices: heart, michael, or a blend"),
    ({"voice": "heart(0)"}, "the weights of 'heart(0)' are all 0"),
    ({"steps": "many"}, "steps must be a whole number, got 'many'"),
    ({"steps": 1.5}, "steps must be a whole number, got '1.5'"),
    ({"steps": 0}, "steps must be from 1 to 256, got 0"),
    ({"seed": -1}, "seed must be from 0 to 2**63 - 1, got -1"),
    ({"pace": 5}, "pace must be from 0.25 to 4, got 5"),
    ({"pace": "fast"}, "pace must be a number, got 'fast'"),
    ({"pace": "nan"}, "pace must be a number, got nan"),
    ({"pauses": 1e6}, "pauses must be from 0.25 to 4, got 1000000.0"),
    ({"pause": 61}, "pause must be from 0 to 60, got 61"),
    ({"pause": "nan"}, "pause must be a number, got nan"),
    ({"pitch": "-13"}, "pitch must be from -12 to 12, got -13"),
    ({"id": "a/b"}, "id must be a file name that is valid on any system, got 'a/b'"),
    ({"id": "FIRST"}, "the id 'FIRST' is already used by line"),
    ({"chapter": "One"}, "the lines of the chapter 'One' are not together; sort the list"),
]


@pytest.mark.parametrize(("name", "write"), [("a.csv", table), ("a.jsonl", objects)])
@pytest.mark.parametrize(("change", "why"), WRONG)
def test_a_wrong_row_is_told_of_and_stops_no_other(name, write, change, why, listed):
    good = [{"text": "a", "id": "first", "chapter": "One"}, {"text": "b", "chapter": "Two"}]
    found = listed(
        name, write([*good, {"text": "c", "notes": "n", **change}, {"text": "d", "chapter": "Two"}])
    )
    assert [text for _, text in said(found)] == ["a", "b", "d"]
    ((line, told_why),) = told(found)
    assert line == (4 if name == "a.csv" else 3)
    assert told_why.startswith(why)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "invalid JSON at column 2: expecting property"),
        ('"text"', "expected a JSON object, got '\"text\"'"),
        ("[" * 100_000, "invalid JSON: it is nested too deep"),
        (f'{{"seed": {"9" * 5000}}}', "invalid JSON: a number has too many digits"),
        ("{}", "there is no field named text"),
        ('{"txt": "a"}', "there is no field named text, only 'txt'; rename txt to text"),
        ('{"id": 1, "Text": "a"}', "there is no field named text, only 'id, Text'; rename Text"),
        ('{"words": "a"}', "there is no field named text, only 'words'"),
        ('{"text": null}', "no words to speak in ''"),
        ('{"text": 1999}', "text must be text, got 1999; put quotes around it"),
        ('{"text": "a", "voice": ["heart"]}', "voice must be text, got ['heart']"),
        ('{"text": "a", "steps": true}', "steps must be a whole number, got 'True'"),
        ('{"text": "a", "id": true}', "id must be text, got True"),
        ('{"text": "a", "id": "\\ud800"}', "id must be a file name that is valid on any system"),
    ],
)
def test_a_line_that_is_no_such_object_is_told_of(line, why, listed):
    found = listed("a.jsonl", f'{{"text": "a", "id": 7, "pace": null}}\n\n{line}\n{{"text": "b"}}')
    assert [(item.id, item.text) for item in found.items] == [("7", "a"), ("000004", "b")]
    ((number, told_why),) = told(found)
    assert number == 3
    assert told_why.startswith(why)


@pytest.mark.parametrize(
    ("rows", "line", "why", "left"),
    [
        (
            "a,b,c",
            2,
            'expected 2 fields, got 3; put double quotes (") around a field with commas in it',
            ["z"],
        ),
        ('"a" b,', 2, "broken quotes: ", ["z"]),
        ('"a\nb" c,\nd', 2, "broken quotes in lines 2 to 3: ", ["d", "z"]),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_told_apart_is_told_of(rows, line, why, left, listed):
    found = listed("a.csv", f"text,x\n{rows}\nz,\n")
    assert [text for _, text in said(found)] == left
    ((number, told_why),) = told(found)
    assert number == line
    assert told_why.startswith(why)


def test_a_quote_that_never_ends_is_told_of(listed):
    found = listed("a.csv", 'text\na\n"b\nc\n')
    assert said(found) == [(2, "a")]
    assert told(found)[0][0] == 3
    assert "in lines 3 to 4: unexpected end of data" in told(found)[0][1]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_what_is_no_utf_8_is_told_of_by_its_line(name, listed):
    rows = [{"text": "one"}, {"text": "été"}, {"text": "two"}]
    whole = {"a.txt": "one\nété\ntwo\n", "a.csv": table(rows)}.get(name)
    whole = whole or "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    found = listed(name, whole.replace("one", "où").encode().replace("é".encode(), b"\xe9", 1))
    assert [text for _, text in said(found)] == ["où", "two"]
    line = 3 if name == "a.csv" else 2
    assert told(found) == [(line, "the byte 0xe9 is not UTF-8; save the file as UTF-8")]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.srt"])
@pytest.mark.parametrize("coding", ["utf-16", "utf-32", "utf-8-sig", "cp1252"])
def test_a_list_in_another_encoding_is_read(name, coding, listed):
    whole = {
        "a.txt": "“Où?”\nTwo.\n",
        "a.csv": "text\n“Où?”\nTwo.\n",
        "a.jsonl": '{"text": "“Où?”"}\n{"text": "Two."}\n',
        "a.srt": "1\n00:00:00,000 --> 00:00:01,000\n“Où?”\n\n"
        "2\n00:00:01,000 --> 00:00:02,000\nTwo.\n",
    }[name]
    found = listed(name, whole.encode(coding))
    assert [text for _, text in said(found)] == ["“Où?”", "Two."]
    note = f"{name} is not UTF-8; it is read as Windows-1252"
    assert found.notes == ((note,) if coding == "cp1252" else ())


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("a.csv", "id;text;pace\nx;One, two.;1,5\n"),
        ("a.csv", "id\ttext\tpace\nx\tOne, two.\t1.5\n"),
        ("a.csv", 'id,text,pace\nx,"One, two.",1.5\n'),
        ("a.csv", "sep=;\r\nid;text;pace\r\nx;One, two.;1.5\r\n"),
        ("a.csv", '"sep=,"\nid,text,pace\nx,"One, two.",1.5\n'),
        ("a.csv", "SEP=\t\nid\ttext\tpace\nx\tOne, two.\t1.5\n"),
        ("a.tsv", "id\ttext\tpace\nx\tOne, two.\t1,5\n"),
        ("a.tsv", "id;text;pace\nx;One, two.;1,5\n"),
    ],
)
def test_columns_are_separated_by_what_separates_their_names(name, whole, listed):
    found = listed(name, whole)
    (item,) = found.items
    assert (item.id, item.text, item.delivery.pace) == ("x", "One, two.", 1.5)
    assert item.line == 2 + whole.lower().lstrip('"').startswith("sep=")


def test_a_single_column_is_separated_by_nothing(listed):
    for name, start in (("a.csv", ""), ("a.tsv", ""), ("a.csv", "sep=,\n")):
        found = listed(name, start + 'text\nOne, two; three.\n"Four, five"\nsix,\tseven\nA,"b" c\n')
        assert [(line - bool(start), text) for line, text in said(found)] == [
            (2, "One, two; three."),
            (3, "Four, five"),
            (4, "six,\tseven"),
            (5, 'A,"b" c'),
        ]
        assert told(found) == []
    (wrong,) = told(listed("a.csv", "text;id\na;b;c\nd;e\n"))
    why = 'expected 2 fields, got 3; put double quotes (") around a field with semicolons in it'
    assert wrong == (2, why)


@pytest.mark.parametrize("column", ["zeile", "Zeilen"])
@pytest.mark.parametrize(
    ("name", "written"), [("a.csv", "Zeile\na"), ("a.jsonl", '{"Zeile": "a"}')]
)
def test_a_column_that_an_option_misspells_is_named_by_the_option(column, name, written, tmp_path):
    (tmp_path / name).write_text(written, "utf-8")
    with pytest.raises(ValueError, match=r"only 'Zeile'; use --text-column Zeile$"):
        read_input(tmp_path / name, replace(READER, text_column=column))


CHOSEN = replace(READER, text_column="sentence", id_column="uid")


@pytest.mark.parametrize(("name", "write"), [("a.csv", table), ("a.jsonl", objects)])
def test_the_columns_of_texts_and_ids_can_be_chosen(name, write, listed):
    rows = [{"id": "7", "text": "No.", "sentence": "Yes.", "uid": "first", "voice": "michael"}]
    found = listed(name, write(rows), CHOSEN)
    (item,) = found.items
    assert (item.id, item.text, item.delivery.voice) == ("first", "Yes.", "michael")
    assert found.notes == ()
    with pytest.raises(ValueError, match="named sentence, only 'text, uid'"):
        listed(name, write([{"text": "No.", "uid": "a"}]), CHOSEN)


def test_chosen_columns_are_two_and_of_a_table(listed):
    with pytest.raises(ValueError, match="text_column must be a name other than id_column"):
        replace(READER, text_column="id")
    with pytest.raises(ValueError, match=r"need a list in .csv, .tsv, .jsonl; got 'a.txt'"):
        listed("a.txt", "One.", CHOSEN)
    with pytest.raises(ValueError, match=r"^a.csv has no column named uid, only 'sentence'$"):
        listed("a.csv", "sentence\nYes.\n", CHOSEN)


@pytest.mark.parametrize(
    ("name", "written", "message"),
    [
        (
            "a.doc",
            "a",
            r"^file name must end in one of .txt, .csv, .tsv, .jsonl, .srt, .vtt, "
            r".epub, .md, .html, .htm, .docx, .rtf, .pdf; got 'a.doc'$",
        ),
        ("a.txt", "", "^a.txt has no text to speak$"),
        ("a.txt", "\n***\n", r"^line 2 of a.txt: no words to speak in '\*\*\*'$"),
        ("a.txt", "é ù".encode() + b"\xe9", "^line 1 of a.txt: the byte 0xe9 is not UTF-8"),
        (
            "a.txt",
            "a\nb".encode("utf-16-le"),
            r"^cannot read a.txt: not UTF-8 \(zero bytes\); save it as UTF-8$",
        ),
        (
            "a.csv",
            "",
            "^a.csv has no column named text; name the column of the texts with --text-c",
        ),
        (
            "a.csv",
            "text|voice\na|heart",
            r"^a.csv has no column named text, only 'text\|voice'; name the column of the texts",
        ),
        ("a.csv", '"text"x\na', "^line 1 of a.csv: cannot read the column names: "),
        ("a.csv", "text,text\na,b", "^a.csv has two columns named 'text'$"),
        ("a.csv", "Text\na", "no column named text, only 'Text'; rename Text to text$"),
        ("a.csv", "id,texts\n1,a", "no column named text, only 'id, texts'; rename texts to text$"),
        (
            "a.csv",
            "id,words\n1,a",
            "no column named text, only 'id, words'; name the column of the texts with",
        ),
        (
            "a.jsonl",
            '{"txt": "a"}',
            "^line 1 of a.jsonl: there is no field named text, only 'txt'; rename",
        ),
        ("a.epub", "PK", "not an EPUB file: "),
        ("a.csv", "text,pace\na,9", "^line 2 of a.csv: pace must be from 0.25 to 4, got 9$"),
        ("a.jsonl", '{"text": "a", "pause": 99}', "^line 1 of a.jsonl: pause must be from 0 to 60"),
        ("a.srt", "Hello", "^line 1 of a.srt: expected a number, times such as"),
    ],
)
def test_a_list_with_nothing_to_say_is_refused(name, written, message, listed):
    with pytest.raises(ValueError, match=message):
        listed(name, written)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^no such file: .*a.txt$"):
        read_input(tmp_path / "a.txt", READER)
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(ValueError, match=r"cannot read .*b.txt: it is a folder"):
        read_input(tmp_path / "b.txt", READER)
    with pytest.raises(ValueError, match=r"cannot read .*: it is a folder"):
        read_input(tmp_path, READER)
    with pytest.raises(FileNotFoundError, match=r"^no such file: .*nothing$"):
        read_input(tmp_path / "nothing", READER)


@pytest.mark.skipif(os.name != "posix", reason="others have no such things")
@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.srt", "a.epub"])
def test_a_pipe_or_a_device_is_no_list(name, tmp_path):
    """To read one would take for ever."""
    pipe, device = tmp_path / name, tmp_path / f"device {name}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(ValueError, match=f"cannot read {path}: it is a pipe or a device"):
            read_input(path, READER)


ALMOST = ("texts", "voices", "chapters", "pacer", "voise", "Text", "ID", "sentence-pause", "Pace")


@pytest.mark.parametrize("name", ["speaker", "notes", "uid", "context", "split", "_", *ALMOST])
@pytest.mark.parametrize(("ending", "write"), [("csv", table), ("jsonl", objects)])
def test_columns_of_others_are_nothing_to_us(ending, write, name, listed):
    """A column is ours by its exact name; whatever another holds, no row is wrong by it."""
    plain = [{"text": text} for text in "abc"]
    rows = [{**row, name: "nobody"} for row in plain]
    found = listed(f"a.{ending}", write(rows))
    assert replace(found, notes=()) == listed(f"a.{ending}", write(plain))
    assert len(found.notes) == (name in ALMOST and name not in ("texts", "Text"))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts), st.lists, max_leaves=3
)
FIELDS = st.one_of(st.sampled_from(("text", "txt", "id", "chapter", "pause", *OWN)), texts)


@in_a_folder
@given(st.lists(st.dictionaries(FIELDS, VALUES), max_size=8))
def test_no_row_stops_another(listed, rows):
    rows = [row for row in rows if str(row.get("id")).strip().casefold() != "last"]
    found = listed("a.jsonl", objects([{"text": "first"}, *rows, {"id": "last", "text": "last"}]))
    assert (found.items[0].text, found.items[-1].id) == ("first", "last")
    lines = [item.line for item in found.items] + [wrong.line for wrong in found.errors]
    assert sorted(lines) == list(range(1, len(rows) + 3))


UNSAFE = (
    *("a/b", "a\\b", ".a", "..", "-a", "a.", "a:b", "a*", "a?", 'a"', "<a", "a>", "a|b", "a\tb"),
    *("CON", "con", "nul.txt", "COM1", "lpt9.a", "a\x7f", "a\u2028b", "a\u202eb", "x" * 101),
    "語" * 67,
)
SAFE = ("a", "A b", "a.b", "_", "1", "console", "été", "語" * 66, "x" * 100, "com10", "a-b+c(2)")


@pytest.mark.parametrize("id", UNSAFE)
def test_an_unsafe_id_is_refused(id, listed):
    found = listed("a.jsonl", objects([{"text": "a"}, {"text": "b", "id": id}]))
    assert told(found)[0][1].startswith("id must ")
    assert found.errors[0].id == id


@pytest.mark.parametrize("id", SAFE)
def test_a_safe_id_is_as_it_is(id, listed):
    assert listed("a.jsonl", objects([{"text": "a", "id": id}])).items[0].id == id


@in_a_folder
@given(st.lists(st.one_of(texts, st.sampled_from(UNSAFE + SAFE)), min_size=1, max_size=8))
def test_ids_are_names_of_different_files_everywhere(tmp_path, listed, ids):
    rows = [{"text": "a"}, *({"text": "a", "id": id} for id in ids)]
    found = listed("a.jsonl", objects(rows)).items
    for item in found:
        name = f"{item.id}.TextGrid.partial"
        assert not reserved_by_python(item.id)
        assert PureWindowsPath(item.id).name == item.id
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        (folder / name).touch()
        assert name in [path.name for path in folder.iterdir()]
    assert len({item.id.upper() for item in found}) == len(found)
    assert len({item.id.lower() for item in found}) == len(found)


@pytest.mark.parametrize("other", ["Cafe", "CAFE", "cafe", "000001"])
def test_ids_of_one_name_are_told_of(other, listed):
    found = listed(
        "a.jsonl", objects([{"text": "a"}, {"text": "b", "id": "cafe"}, {"text": "c", "id": other}])
    )
    ((line, why),) = told(found)
    assert (line, why.startswith(f"the id {other!r} is already used by line ")) == (3, True)
    composed = [{"text": "a", "id": "é"}, {"text": "b", "id": "e\u0301"}]
    assert "is already used by line 1" in told(listed("a.jsonl", objects(composed)))[0][1]


def test_a_text_has_its_seed_wherever_it_stands(listed):
    reader = replace(READER, delivery=Delivery(seed=5))
    one, other = listed("a.txt", "a\nb\n", reader), listed("a.txt", "new\nb\n\na\n", reader)
    seeds = [{item.text: item.delivery.seed for item in found.items} for found in (one, other)]
    assert seeds[0]["a"] == seeds[1]["a"] == derive_seed(5, "a")
    assert seeds[0]["b"] == seeds[1]["b"] != seeds[0]["a"]


def test_a_line_is_said_in_each_take_voice_and_pace(listed):
    others = ("heart", "heart(2)+michael(1)")
    reader = replace(READER, takes=2, others=others, paces=(0.9, 1.0))
    found = listed("a.txt", "a\nb\n", reader).items
    assert [item.id for item in found[:8]] == [
        "000001_heart_0.9_t0",
        "000001_heart_0.9_t1",
        "000001_heart_1_t0",
        "000001_heart_1_t1",
        "000001_heart-2-michael-1_0.9_t0",
        "000001_heart-2-michael-1_0.9_t1",
        "000001_heart-2-michael-1_1_t0",
        "000001_heart-2-michael-1_1_t1",
    ]
    assert len(found) == 16
    last = found[7]
    assert (last.delivery.voice, last.delivery.pace, last.take) == (others[1], 1.0, 1)
    assert [item.delivery.seed for item in found[:2]] == [
        derive_seed(0, "a", 0),
        derive_seed(0, "a", 1),
    ]


def test_a_row_with_its_own_voice_pace_or_seed_has_no_other(listed):
    reader = replace(READER, takes=2, others=("heart", "michael"), paces=(0.9, 1.1))
    rows = [{"text": "a", "voice": "michael", "pace": 1.5, "seed": 7}]
    first, second = listed("a.jsonl", objects(rows), reader).items
    assert (first.id, second.id) == ("000001_t0", "000001_t1")
    assert {(item.delivery.voice, item.delivery.pace) for item in (first, second)} == {
        ("michael", 1.5)
    }
    assert (first.delivery.seed, second.delivery.seed) == (7, derive_seed(7, "a", 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"takes": 0}, "takes must be from 1 to 1000, got 0"),
        ({"others": ("nobody",)}, "unknown voice 'nobody'; voices: heart, michael"),
        ({"delivery": Delivery(voice="nobody")}, "unknown voice 'nobody'; voices: heart, michael"),
        ({"paces": (1.0, 9.0)}, "paces must be from 0.25 to 4, got 9"),
        ({"paces": (1.0, 1.0)}, "paces must differ, got 1 twice"),
        (
            {"others": ("heart+michael", "heart + michael")},
            "voices must differ, got heart-michael twice",
        ),
        ({"others": ("heart",) * 3}, "voices must differ, got heart 3 times"),
    ],
)
def test_a_reader_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(READER, **change)


def test_a_chapter_is_named_by_its_first_row_and_holds_an_item(listed):
    rows = [
        {"text": "a"},
        {"text": "b", "chapter": " One \n day "},
        {"text": "c"},
        {"text": "", "chapter": "Empty"},
        {"text": "d", "chapter": 2},
        {"text": "e", "chapter": "One day"},
        {"text": "f"},
    ]
    found = listed("a.jsonl", objects(rows))
    assert found.chapters == ("", "One day", "2")
    assert [(item.text, item.chapter) for item in found.items] == [
        ("a", 1),
        ("b", 2),
        ("c", 2),
        ("d", 3),
    ]
    assert [line for line, _ in told(found)] == [4, 6, 7]


NOVEL = """A Novel

by Somebody

Chapter 1

It was late,
and it rained.

* * *

“No,” she said.

---

Chapter one was late, too.

CHAPTER II. The storm

It
came.

## Three

- one
- two

### Within

It went.
***
Epilogue
========
All was well.
"""


def test_chapters_of_a_text_begin_at_headings_that_stand_alone(listed):
    found = listed("novel.txt", NOVEL, AS_BOOK)
    assert found.chapters == ("A Novel", "Chapter 1", "CHAPTER II. The storm", "Three", "Epilogue")
    assert [(item.line, item.chapter, item.text, item.pause) for item in found.items] == [
        (1, 1, "A Novel", HEADING_PAUSE_SECONDS),
        (2, 1, "by Somebody", CHAPTER_PAUSE_SECONDS),
        (3, 2, "Chapter 1", HEADING_PAUSE_SECONDS),
        (4, 2, "It was late,\nand it rained.", SCENE_PAUSE_SECONDS),
        (5, 2, "“No,” she said.", SCENE_PAUSE_SECONDS),
        (6, 2, "Chapter one was late, too.", CHAPTER_PAUSE_SECONDS),
        (7, 3, "CHAPTER II. The storm", HEADING_PAUSE_SECONDS),
        (8, 3, "It\ncame.", CHAPTER_PAUSE_SECONDS),
        (9, 4, "Three", HEADING_PAUSE_SECONDS),
        (10, 4, "- one\n- two", PARAGRAPH_PAUSE_SECONDS),
        (11, 4, "Within", HEADING_PAUSE_SECONDS),
        (12, 4, "It went.", CHAPTER_PAUSE_SECONDS),
        (13, 5, "Epilogue", HEADING_PAUSE_SECONDS),
        (14, 5, "All was well.", CHAPTER_PAUSE_SECONDS),
    ]
    assert (found.title, found.author, found.errors) == ("A Novel", "Somebody", ())


@pytest.mark.parametrize(
    "heading",
    [
        *("Chapter 7", "CHAPTER VII", "Chapter VII. The storm", "Part One", "PART TWENTY-ONE"),
        *("Prologue", "EPILOGUE", "Prologue: Rain", "Chapter the First", "Chapter 7 The Storm"),
        *("# One", "## Two ##", "Chapter 7 – What now?", "Author’s Note", "Letter 4", "Volume 2"),
        *("Kapitel 3", "CHAPTER I.\nDown the Rabbit-Hole"),
    ],
)
def test_a_heading_begins_a_chapter(heading, listed):
    found = listed("a.txt", f"Before.\n\n{heading}\n\nAfter.", AS_BOOK)
    assert found.chapters == ("a", heading.strip("# ").replace("\n", " "))


@pytest.mark.parametrize(
    "line",
    [
        *("Chapter one was late.", "Part of me wanted to go.", "Chapter 7\nwas late.", "chapter 7"),
        *("Part I of the plan failed.", "Book a room.", "Part two, then.", "#7", "1. one"),
        *("Introduction to Algebra was dull.", "Chapter Civil", "### Within", f"# {'.' * 9}"),
        *(
            "Chapter 7. " + 20 * "It was so. ",
            "He left.\n---",
            "Chapter 1\nChapter 2",
            "Chapter 1\nA\nB",
        ),
    ],
)
def test_a_sentence_begins_none(line, listed):
    assert listed("a.txt", f"Before.\n\n{line}\n\nAfter.", AS_BOOK).chapters == ("a",)


def test_a_passage_keeps_its_name_when_others_come_before_it(listed):
    paragraphs = ["One.", "Two.", "One.", "Three."]
    before = listed("a.txt", "\n\n".join(paragraphs), AS_BOOK).items
    after = listed("a.txt", "\n\n".join(["New.", "Two.", *paragraphs[2:], "One."]), AS_BOOK).items
    names = {item.id: item.delivery for item in before}
    assert len(names) == 4
    assert names.items() <= {item.id: item.delivery for item in after}.items()
    assert all(re.fullmatch("p[0-9a-f]{16}", name) for name in names)


def test_a_paragraph_of_a_book_has_its_number(listed):
    found = listed("a.txt", "One\nor two.\n\n\nThree\nor four\nor five.", AS_BOOK).items
    assert [item.line for item in found] == [1, 2]


def test_a_long_paragraph_is_cut_where_sentences_end(listed):
    sentence = "“Dr. Lee met Mrs. Day at 3.30 p.m.,” he said, “and it rained.” "
    found = listed("a.txt", f"{100 * sentence}\n\nEnd.", AS_BOOK).items
    *most, last, _ = found
    assert len(found) == 6
    assert all(
        MAX_PASSAGE_CHARACTERS / 2 < len(item.text) <= MAX_PASSAGE_CHARACTERS for item in most
    )
    assert all(item.text.startswith("“Dr.") and item.text.endswith(".”") for item in found[:-1])
    assert " ".join(item.text for item in found[:-1]) == (100 * sentence).strip()
    assert [item.pause for item in (*most, last)] == [SENTENCE_PAUSE_SECONDS] * len(most) + [
        PARAGRAPH_PAUSE_SECONDS
    ]


@pytest.mark.parametrize("word", ["x", "x”", "word ", "[pace:2] a ", "said, and so "])
def test_a_paragraph_without_end_is_cut_all_the_same(word, listed):
    whole = word * 1000
    found = listed("a.txt", whole, AS_BOOK).items
    assert all(0 < len(item.text) <= MAX_PASSAGE_CHARACTERS for item in found)
    assert "".join("".join(item.text for item in found).split()) == "".join(whole.split())


def test_an_ornament_at_the_end_of_a_long_paragraph_is_no_item(listed):
    wrong = "[/pace]".ljust(MAX_PASSAGE_CHARACTERS, "x")  # which nobody can cut in sentences
    found = listed("a.txt", f"{wrong}”\n\nEnd.", AS_BOOK).items
    assert [(item.text, item.pause) for item in found] == [
        (wrong, PARAGRAPH_PAUSE_SECONDS),
        ("End.", CHAPTER_PAUSE_SECONDS),
    ]


@in_a_folder
@given(st.lists(st.sampled_from([*NOVEL.split("\n"), "# Four", "", "  "]), max_size=30))
def test_every_word_of_a_book_is_in_one_item(listed, lines):
    found = listed("a.txt", "\n".join([*lines, "", "end"]), AS_BOOK).items
    words = [word for line in lines for word in re.findall(r"\w+", line)]
    assert [word for item in found for word in re.findall(r"\w+", item.text)] == [*words, "end"]
    assert [item.line for item in found] == sorted(item.line for item in found)


@pytest.mark.parametrize(
    ("delivery", "longer"),
    [
        (Delivery(pauses=2), lambda seconds: 2 * seconds),
        (
            Delivery(sentence_pause=1.0, pauses=2),
            lambda seconds: seconds - SENTENCE_PAUSE_SECONDS + 1.0,
        ),
    ],
)
def test_its_silences_are_as_long_as_a_delivery_has_them(delivery, longer, listed):
    usual = [item.pause for item in listed("a.txt", NOVEL, AS_BOOK).items]
    found = listed("a.txt", NOVEL, replace(AS_BOOK, delivery=delivery)).items
    assert [item.pause for item in found] == pytest.approx([longer(pause) for pause in usual])


ABOUT = (
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
    "<dc:title>A \n Book</dc:title><dc:creator>Ann</dc:creator></metadata><manifest>"
)


def test_an_epub_has_its_chapters_title_and_author(listed):
    found = listed("a.epub", book({OPF: BOOK[OPF].replace("<manifest>", ABOUT)}))
    assert (found.title, found.author) == ("A Book", "Ann")
    assert found.chapters == ("Untitled part 2", "One and only", "Second part")
    assert [(item.line, item.chapter, item.text, item.pause) for item in found.items] == [
        (1, 1, "It is dedicated.", CHAPTER_PAUSE_SECONDS),
        (2, 2, "First", HEADING_PAUSE_SECONDS),
        (3, 2, "It begins.", CHAPTER_PAUSE_SECONDS),
        (4, 3, "Second\npart", PARAGRAPH_PAUSE_SECONDS),
        (5, 3, "It goes on.", CHAPTER_PAUSE_SECONDS),
    ]
    assert listed("a.epub", book()).title == "a"


def test_a_book_that_is_no_utf_8_is_refused(listed):
    with pytest.raises(ValueError, match=r"cannot read a.txt: neither UTF-8 nor Windows-1252"):
        listed("a.txt", "Добрый день".encode("cp1251"), AS_BOOK)


def test_an_ending_in_capitals_is_the_same(listed):
    assert [listed(f"a{ending.upper()}", text).items[0].text for ending, text in (
        (".txt", "a"), (".csv", "text\na"), (".jsonl", '{"text": "a"}'),
        (".srt", "1\n00:00:00,000 --> 00:00:01,000\na"),
        (".vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\na"),
    )] == ["a"] * 5  # fmt: skip
    lists = {".txt", ".csv", ".tsv", ".jsonl", ".srt", ".vtt"}
    books = {".epub", ".md", ".html", ".htm", ".docx", ".rtf", ".pdf"}
    assert set(ENDINGS) == lists | books


def test_a_long_list_takes_no_longer_than_its_lines(listed):
    lines = "".join(f"This is line {number}.\n" for number in range(100))
    assert grows_like_its_length(lambda text: listed("a.txt", text), lines, 10_000)


@pytest.mark.parametrize("given", ["9", "9.0", "1e1", "nan", "inf"])
def test_a_number_out_of_its_range_is_quoted_as_the_list_has_it(given, listed):
    rule = "from 0.25 to 4" if given[0].isdecimal() else "a number"
    for name, rows in {"a.csv": f"text,pace\na,\nb,{given}", "a.jsonl": None}.items():
        rows = rows or objects([{"text": "a"}, {"text": "b", "pace": given}])
        ((_, why),) = told(listed(name, rows))
        assert why == f"pace must be {rule}, got {given}"


def test_a_misspelt_column_is_noted_once(listed):
    rows = [{"text": "a", "pcae": 1, "voise": "x", "speaker": "y", "Pace": 2}] * 3
    found = listed("a.jsonl", objects(rows))
    assert found.notes == (
        "field 'pcae' is ignored; did you mean 'pace'?",
        "field 'voise' is ignored; did you mean 'voice'?",
        "field 'Pace' is ignored; did you mean 'pace'?",
    )
    assert found.notes == tuple(
        note.replace("column", "field") for note in listed("a.csv", table(rows)).notes
    )
    silent = [{"text": "a", "texts": "b", "notes": "c", "pace": 1, "pcae": 2}]
    assert not listed("a.jsonl", objects(silent)).notes


@pytest.mark.parametrize("name", ["a.csv", "a.srt", "a.jsonl"])
def test_no_list_but_a_txt_is_read_as_a_book_with_the_option(name, listed):
    with pytest.raises(ValueError, match=f"^--book needs a .txt list, got '{name}'$"):
        listed(name, "text\na\n", AS_BOOK)

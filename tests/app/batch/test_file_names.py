import sys
import unicodedata
from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tts.app.batch.file_names import (
    MAX_NAME_BYTES,
    MAX_TITLE_CHARACTERS,
    check_id,
    file_name_part,
    fold_file_name,
    is_file_name,
    safe_file_name,
)

# each with the name that a file of such a title has
NASTY = {
    "CON": "CON_",
    "nul.txt": "nul_.txt",
    "COM1.tar.gz": "COM1_.tar.gz",
    "com0": "com0_",
    "COM¹": "COM¹_",
    "lpt².a": "lpt²_.a",
    "LPT³": "LPT³_",
    "CON .txt": "CON_ .txt",
    "CONIN$": "CONIN$_",
    "conout$.a": "conout$_.a",
    "NUL:": "NUL_",
    "LPT1 ": "LPT1_",
    "con.": "con_",
    "": "",
    ".": "",
    "..": "",
    ".a": "a",
    "a.": "a",
    "a ": "a",
    "a. .": "a",
    "a/b": "a b",
    "a\\b": "a b",
    "../../etc/passwd": "etc passwd",
    "a:b": "a b",
    "a*": "a",
    "a?": "a",
    'a"': "a",
    "<a": "a",
    "a>": "a",
    "a|b": "a b",
    "a\tb": "a b",
    "a\0b": "a b",
    "a\x7fb": "a b",
    "a\x80b": "a b",
    "a\x9fb": "a b",
    "a\ud83d": "a",
    "a\u2028b": "a b",
    "x" * 101: "x" * 80,
    "語" * 67: "語" * 66,
    "\N{GRINNING FACE}" * 51: "\N{GRINNING FACE}" * 50,
}
# the names of files before these rules stood in one place
SAFE = {
    "a": "a",
    "A b": "A b",
    "a.b": "a.b",
    "_": "_",
    "~a": "~a",
    "a%b": "a%b",
    "$a & 'b'": "$a & 'b'",
    "console": "console",
    "com10": "com10",
    "COM⁴": "COM⁴",
    "clock$": "clock$",
    "desktop.ini": "desktop.ini",
    "été": "été",
    "e\u0301te\u0301": "été",
    "語" * 66: "語" * 66,
    "x" * 80: "x" * 80,
    "heart(2)+michael(1)": "heart(2)+michael(1)",
    "01 Ch. 1": "01 Ch. 1",
}
# of titles alone: an id is typed, and seen to be what it is
TITLES = {
    "-a": "-a",
    "می\u200cشود": "می\u200cشود",
    "\u202ea": "\u202ea",
    "  a  b ": "a b",
    "What? An end: maybe": "What An end maybe",
    "a\xa0b": "a b",
    "x" * 79 + " yz": "x" * 79,
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_is_no_id_and_a_safe_title(name):
    with pytest.raises(
        ValueError, match=r"^id must (be a file name that is valid|have at most 100 characters)"
    ):
        check_id(name)
    assert safe_file_name(name) == NASTY[name]
    assert not NASTY[name] or is_file_name(NASTY[name])


@pytest.mark.parametrize("name", SAFE)
def test_a_safe_name_is_an_id_and_the_title_it_was(name):
    check_id(name)
    assert safe_file_name(name) == SAFE[name]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_has_the_name_it_had(title):
    assert safe_file_name(title) == TITLES[title]


PIECES = st.one_of(st.sampled_from([*NASTY, *SAFE, *TITLES, ".", " ", "_"]), st.text(max_size=9))


@given(st.lists(PIECES, max_size=4).map("".join))
@example("CON .txt" + "\N{GRINNING FACE}" * 60)
def test_every_name_of_a_title_is_safe_and_stays(title):
    name = safe_file_name(title)
    assert len(name.encode()) <= MAX_NAME_BYTES + 1
    assert not name or is_file_name(name)
    assert safe_file_name(name) == name or len(name) > MAX_TITLE_CHARACTERS


@given(st.lists(PIECES, max_size=4).map("".join))
def test_an_id_that_is_let_in_is_a_name_on_every_system(id):
    try:
        check_id(id)
    except ValueError:
        return
    assert PureWindowsPath(id).name == id
    assert not reserved_by_python(id)
    assert fold_file_name(id.lower()) == fold_file_name(unicodedata.normalize("NFD", id).lower())
    if len(id) <= MAX_TITLE_CHARACTERS and "  " not in id and id == id.strip():
        assert safe_file_name(id) == unicodedata.normalize("NFC", id)


def reserved_by_python(name):
    if sys.version_info < (3, 13):
        return PureWindowsPath(name).is_reserved()
    from ntpath import isreserved

    return isreserved(name)


@pytest.mark.parametrize(
    ("one", "other"), [("Cafe", "CAFE"), ("é", "E\u0301"), ("straße", "STRASSE"), ("İ", "i\u0307")]
)
def test_names_that_a_system_takes_for_one_are_folded_to_one(one, other):
    assert fold_file_name(one) == fold_file_name(other)


def test_a_part_of_a_name_has_letters_and_dashes():
    assert file_name_part("heart(2)+michael(1)") == "heart-2-michael-1"
    assert file_name_part(".é/../b.") == "é-..-b"

"""Reading a document takes as long as the document is, also where it is ill-formed."""

import pytest

from tests.growth import grows_like_its_length
from tts.text.files.book import BookOptions
from tts.text.files.read_book import read_book
from tts.text.files.text_book import read_text_book


@pytest.mark.parametrize(
    "piece",
    [
        "<div class=nav-x>a ",
        "<aside>a ",
        "<ul><li><a href=1>a</a> b ",
        "<h1>a <p>b",
        "<p>a<a href=#n>1</a><a id=n href=#r></a>",
        "<!-- <b> a ",
        "<a b ",
    ],
)
def test_an_unclosed_page_takes_no_longer_than_it_is_long(piece, tmp_path):
    path = tmp_path / "page.html"

    def read(source):
        path.write_text("a" + source.rpartition("<")[0] + "a", encoding="utf-8")
        read_book(path, BookOptions(notes="inline", alt=True))

    assert grows_like_its_length(read, piece, 2000)


def test_many_chapters_of_one_name_take_no_longer_than_the_text_is_long():
    assert grows_like_its_length(
        lambda text: read_text_book(f"{text}A.", "x"), "Chapter 1\n\nA.\n\n", 8000
    )


@pytest.mark.parametrize(
    ("piece", "last"),
    [("# A\n\nText.\n\n", ""), ("A.[^1] ", "\n\n[^1]: B.\n"), ("A.[^{}]\n\n[^{}]: B.\n\n", "")],
)
def test_many_chapters_and_notes_take_no_longer_than_the_text_is_long(piece, last, tmp_path):
    path = tmp_path / "a.md"

    def read(source):
        first, *others = source.split("{}")
        numbered = (f"{count // 2}{text}" for count, text in enumerate(others))
        path.write_text("".join((first, *numbered, last)), encoding="utf-8")
        read_book(path, BookOptions())

    assert grows_like_its_length(read, piece, 5000)

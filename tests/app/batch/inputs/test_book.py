"""Books: which chapters are read, their numbers, and what is left out."""

from dataclasses import replace

import pytest
from tts.app.batch.inputs.book import add_book
from tts.app.batch.inputs.builder import BatchInputBuilder
from tts.app.batch.inputs.chapters import select_parts
from tts.app.batch.inputs.read import InputOptions, not_empty, read_input
from tts.app.batch.item import LeftOut

from tests.app.batch.audio.test_cover import picture
from tts.delivery import Delivery
from tts.text.files.book import Book, BookOptions, Chapter, Cover
from tts.text.files.chapter_selection import ChapterSelection

READER = InputOptions(delivery=Delivery(), voices=("heart",))
WHOLE = Book(
    title="Persuasion",
    author="Jane Austen",
    language="en-GB",
    date="1817",
    chapters=(
        Chapter("Title page", "Persuasion\n\nby Jane Austen", "title page"),
        Chapter("Chapter 1", "Chapter 1\n\nSir Walter took up no book. He sighed."),
        Chapter("Chapter 2", "Chapter 2\n\nMr. Shepherd was a lawyer."),
        Chapter("chapter 1", "chapter 1\n\nA second part began with [pace:fast]this[/pace]."),
        Chapter("Index", "Elliot, Anne, 3", "index"),
    ),
)


def parsed(chapters=None, front_matter=False):
    return ChapterSelection.parse(chapters, front_matter)


def listed(selection, whole=WHOLE):
    """A book, as it is read with a selection."""
    builder = BatchInputBuilder(replace(READER, selection=selection), "novel", "novel.epub")
    add_book(whole, builder)
    return not_empty(builder.listing())


@pytest.mark.parametrize(
    ("selection", "numbers", "tracks", "count"),
    [
        (parsed(), (2, 3, 4), (1, 2, 3), 3),
        (parsed(front_matter=True), (1, 2, 3, 4, 5), (1, 2, 3, 4, 5), 5),
        (parsed("3-4"), (3, 4), (2, 3), 3),
        (parsed("1,3"), (1, 3), (1, 3), 4),
        (parsed("5, 2-2"), (2, 5), (1, 4), 4),
    ],
)
def test_a_chapter_keeps_its_file_number_whatever_else_is_read(selection, numbers, tracks, count):
    found = listed(selection)
    assert (found.numbers, found.tracks, found.track_count) == (numbers, tracks, count)
    assert [part.number for part in found.left_out] == sorted({1, 2, 3, 4, 5} - set(numbers))


def test_front_matter_is_left_out_and_listed():
    found = listed(parsed())
    assert found.left_out == (
        LeftOut(1, "Title page", "title page"),
        LeftOut(5, "Index", "index"),
    )
    assert "by Jane Austen" not in {item.text for item in found.items}
    assert (found.is_book, found.language, found.date) == (True, "en-GB", "1817")


def test_no_two_chapters_have_one_name():
    assert listed(parsed()).chapters == ("Chapter 1", "Chapter 2", "chapter 1 (2)")
    parts = select_parts(
        Book(chapters=tuple(Chapter(title, "x") for title in ("A", "A (2)", "a", "", "", "A"))),
        parsed(),
    )
    assert [part.title for part in parts] == ["A", "A (2)", "a (3)", "", "", "A (4)"]


@pytest.mark.parametrize("wrong", ["", "0", "3-", "9-3", "two", "1;2", "-1", "1-2-3"])
def test_numbers_of_chapters_are_numbers(wrong):
    with pytest.raises(ValueError, match=r"^chapters must be numbers such as 3-9,12; got '"):
        parsed(wrong)


@pytest.mark.parametrize(("chapters", "got"), [("6", 6), ("1,4-7", 7)])
def test_a_chapter_that_is_not_there_is_refused(chapters, got):
    with pytest.raises(ValueError, match=f"^chapters must be from 1 to 5, got {got}; `tts"):
        listed(parsed(chapters))


def test_numbers_and_front_matter_exclude_each_other():
    with pytest.raises(ValueError, match="exclude each other"):
        parsed("1", front_matter=True)


def test_a_book_of_nothing_but_front_matter_says_so():
    only = replace(WHOLE, chapters=WHOLE.chapters[::4])
    with pytest.raises(ValueError, match="no text to speak but title page, index; choose"):
        listed(parsed(), only)


def test_trouble_is_named_by_chapter_and_first_words():
    ids = [item.id for item in listed(parsed()).items]
    assert len(set(ids)) == len(ids)
    found = listed(parsed())
    item = next(item for item in found.items if item.text.startswith("Sir"))
    place = found.place(item.line, item.chapter, item.text)
    assert place == "Chapter 1, “Sir Walter took up no book...”"


def test_a_cover_that_is_no_picture_is_noted():
    found = listed(parsed(), replace(WHOLE, cover=Cover(b"<svg/>", "image/svg+xml")))
    assert found.cover is None
    assert found.notes == ("the cover cannot be read as a picture (image/svg+xml)",)
    png = Cover(picture("png", "rgb24"), "image/png")
    assert listed(parsed(), replace(WHOLE, cover=png)).cover == png


@pytest.mark.parametrize(
    "own",
    [
        {"selection": parsed("1")},
        {"selection": parsed(front_matter=True)},
        {"book_options": BookOptions(alt=True)},
    ],
)
def test_options_of_books_need_a_book(own, tmp_path):
    (tmp_path / "list.txt").write_text("One.", "utf-8")
    with pytest.raises(ValueError, match=r"--alt need a book, got 'list.txt'; add --book for"):
        read_input(tmp_path / "list.txt", replace(READER, **own))

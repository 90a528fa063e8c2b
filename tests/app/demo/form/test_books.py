"""Files that are opened on the page: all kinds of books, in parts of the length of a request."""

import asyncio
import threading
from contextlib import contextmanager

import gradio as gr
import pytest
from bs4 import BeautifulSoup
from tts.app.batch.inputs.read import InputOptions, read_input
from tts.app.demo.form.books import BookHandlers
from tts.app.demo.form.files import read_document
from tts.app.demo.handlers import DemoHandlers
from tts.app.demo.limits import DemoLimits

from tests.tts.text.files.test_epub import book
from tts.delivery import Delivery
from tts.serving.engine import Engine
from tts.text.files.epub.read import read_epub


@pytest.fixture
def books():
    return BookHandlers(DemoLimits(characters=5000))


def opened(books, path):
    """The parts, the choice of chapters, and the text that opening a file shows."""

    async def collect():
        return [shown async for shown in books.open(str(path))]

    (shown,) = asyncio.run(collect())
    return shown


@contextmanager
def refused(sentence):
    with pytest.raises(gr.Error, match=sentence):
        yield


def test_a_text_of_many_megabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "tale.md"
    path.write_text("[" * 101)
    books = BookHandlers(DemoLimits(text_bytes=100))
    with refused("A .md file may have at most 0.0001 MB, got 0.0 MB; open it in parts."):
        opened(books, path)


def test_no_speech_waits_for_a_book_that_takes_long(tiny_synthesizer, monkeypatch, tmp_path):
    may = threading.Event()
    monkeypatch.setattr(
        "tts.app.demo.form.books.read_document", lambda *_: may.wait(20) and [("", "")]
    )
    path = tmp_path / "tale.txt"
    path.write_text("One.")

    async def visit(studio, books):
        opening = asyncio.ensure_future(anext(books.open(str(path))))
        async with asyncio.timeout(10):
            assert await studio.read(lambda: "read") == "read"
        assert not opening.done()
        may.set()
        await opening

    limits = DemoLimits()
    with Engine(tiny_synthesizer) as engine:
        asyncio.run(visit(DemoHandlers(engine, limits), BookHandlers(limits)))


def test_a_file_is_cut_where_it_has_paragraphs(tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("\ufeffOne two.\n\nThree four.\n\n" + "x" * 50, encoding="utf-8")
    found = read_document(path, 30)
    assert found[0] == ("tale, part 1", "One two.\n\nThree four.")
    assert "".join(text for _, text in found[1:]) == "x" * 50
    assert all(len(text) <= 30 for _, text in found)
    assert read_document(path, 500)[0][0] == "tale"


def test_a_heading_is_no_part_of_its_own(tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("Chapter I\n\n" + "And so it went. " * 100, encoding="utf-8")
    found = read_document(path, 500)
    assert all(250 <= len(text) <= 500 for _, text in found[:-1])
    assert all(text.endswith(".") for _, text in found)
    assert found[0][1].startswith("Chapter I\n\nAnd so")


def test_a_book_is_its_chapters(books, tmp_path):
    path = tmp_path / "tale.EPUB"
    path.write_bytes(book())
    wanted = [(chapter.title, chapter.text) for chapter in read_epub(book()).chapters[1:]]
    assert read_document(path, 5000) == wanted
    parts, chapters, text = opened(books, path)
    options = BeautifulSoup(chapters.props["options"], "html.parser").select("option")
    assert [one.text for one in options] == [title for title, _ in wanted]
    assert options[0]["value"] == chapters.value == "0"
    assert text == parts[0][1] == wanted[0][1]
    path.write_bytes(b"no book")
    with refused("Cannot read tale.EPUB: not an EPUB file: "):
        opened(books, path)


def test_batches_and_the_page_read_the_same_book(tmp_path):
    path = tmp_path / "tale.epub"
    path.write_bytes(book())
    parts = read_document(path, 10_000)
    batch = read_input(path, InputOptions(delivery=Delivery(), voices=("heart",)))
    assert list(batch.chapters) == [title for title, _ in parts]
    for number, (_, text) in enumerate(parts, 1):
        items = [item.text for item in batch.items if item.chapter == number]
        assert " ".join(items).split() == text.split()


def test_other_documents_are_read_as_by_a_batch(books, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# One\n\nIt *was* cold.\n\n# Two\n\nWas it late?\n", encoding="utf-8")
    parts, chapters, _ = opened(books, path)
    assert [title for title, _ in parts] == ["One", "Two"]
    assert "It was cold." in parts[0][1]
    assert chapters.visible
    page = tmp_path / "page.html"
    page.write_text("<h1>Here</h1><p>It was <b>late</b>.</p>", encoding="utf-8")
    _, chapters, text = opened(books, page)
    assert "It was late." in text
    assert not chapters.visible


def test_a_chapter_is_chosen(books, tmp_path):
    path = tmp_path / "tale.txt"
    path.write_text("One. " * 2000, encoding="utf-8")
    parts, chapters, text = opened(books, path)
    assert text == parts[0][1]
    assert chapters.visible
    assert asyncio.run(books.choose(parts, "1")) == parts[1][1]
    for number in ("99", None, "one", 1, []):
        with refused("There is no such chapter; choose a file first."):
            asyncio.run(books.choose(parts, number))


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("tale.txt", b"\xff\xfe\x00", r"Cannot read tale.txt: not UTF-16, as"),
        ("tale.odt", b"One.", r"File name must end in one of \.epub, .*; got 'tale\.odt'\."),
        ("tale.md", b"---", r"tale\.md has no text to speak"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(books, tmp_path, name, data, sentence):
    path = tmp_path / name
    path.write_bytes(data)
    with refused(f"(?i){sentence}"):
        opened(books, path)


def test_a_missing_package_is_told_by_its_extra(books, tmp_path, monkeypatch):
    def fail(*_):
        raise ModuleNotFoundError("reading .docx files needs mammoth; install it with X")

    monkeypatch.setattr("tts.app.demo.form.files.read_book", fail)
    with refused("Reading .docx files needs mammoth; install it with X"):
        opened(books, tmp_path / "tale.docx")

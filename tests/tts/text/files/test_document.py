"""A file is its chapters, whoever reads it."""

import pytest
from tts.app.batch.inputs.read import InputOptions, read_input
from tts.app.demo.files import read_document

from tests.tts.text.files.test_epub import book
from tts.delivery import Delivery
from tts.text.files.book import Chapter
from tts.text.files.document import read_chapters
from tts.text.files.epub.read import read_epub


def test_a_file_is_its_chapters(tmp_path):
    (tmp_path / "tale.TXT").write_bytes("\ufeffOne.\n\nÉté.".encode())
    assert read_chapters(tmp_path / "tale.TXT") == [Chapter("tale", "One.\n\nÉté.")]
    (tmp_path / "tale.epub").write_bytes(book())
    assert read_chapters(tmp_path / "tale.epub") == list(read_epub(book()).chapters[1:])
    with pytest.raises(ValueError, match=r"expected a \.txt or an \.epub file, got 'tale\.pdf'"):
        read_chapters(tmp_path / "tale.pdf")


def test_batches_and_the_demo_read_the_same_book(tmp_path):
    path = tmp_path / "tale.epub"
    path.write_bytes(book())
    parts = read_document(path, 10_000)
    batch = read_input(path, InputOptions(delivery=Delivery(), voices=("heart",)))
    assert list(batch.chapters) == [title for title, _ in parts]
    for number, (_, text) in enumerate(parts, 1):
        items = [item.text for item in batch.items if item.chapter == number]
        assert " ".join(items).split() == text.split()

"""The reader of books, by the ending of the file."""

from pathlib import Path

from tts.text.files import epub
from tts.text.files.book import Book, BookOptions, Chapter
from tts.text.files.markdown import split_chapters
from tts.text.files.plain import decode_utf8


def read_book(path: Path, options: BookOptions) -> Book:
    """Read a book.

    Args:
        path: an .epub or a .txt file.
        options: what of it is read.

    Returns:
        The book, with the parts that are not read by default.

    Raises:
        ValueError: it has another ending, or is damaged.
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    if path.suffix.lower() == ".epub":
        title, author = epub.read_epub_metadata(data)
        found = [Chapter(one.title, one.text) for one in epub.read_epub(data)]
        return Book(chapters=tuple(found), title=title, author=author)
    chapters = split_chapters(decode_utf8(data, path.stem))
    return Book(
        chapters=tuple(
            Chapter(one.title, "\n\n".join(block.text for block in one.blocks)) for one in chapters
        )
    )

"""The reader of a file as a book, by its suffix."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tts import DISTRIBUTION
from tts.error_messages import naming_read_errors, quoted
from tts.text.files.book import Book, BookOptions
from tts.text.files.plain import DecodedText, decode_named, decode_text

CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
MAX_HEAD_BYTES = 4096  # of a page, within which it names its encoding
ReadBook = Callable[[bytes, Path, BookOptions], Book]


def read_book(path: Path, options: BookOptions) -> Book:
    """Read a file as a book.

    Args:
        path: a file whose suffix is one of `BOOK_SUFFIXES`, also in capitals.
        options: what of it is read.

    Returns:
        The book, with its chapters in reading order and those that are not read by default. A
        book that names no title has the name of the file.

    Raises:
        ValueError: it has another suffix, is damaged, has no text, or its encoding is unknown.
        OSError: it cannot be read.
        ModuleNotFoundError: the extra that reads such files is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise ValueError(
            f"file name must end in one of {', '.join(BOOK_SUFFIXES)}; got {quoted(path.name)}"
        )
    if not path.exists():
        raise FileNotFoundError(f"no such file: {path}")
    with naming_read_errors(path):
        data = path.read_bytes()
    try:
        book = READERS[suffix](data, path, options)
    except ValueError as error:
        named = path.name in str(error)
        raise ValueError(str(error) if named else f"cannot read {path.name}: {error}") from error
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"reading {suffix} files needs {error.name}; install it with "
            f"pip install '{DISTRIBUTION}[documents]'"
        ) from error
    if not any(any(map(str.isalnum, chapter.text)) for chapter in book.chapters):
        raise ValueError(f"{path.name} has no text to speak")
    return book


def _read_epub(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.epub.read import read_epub

    book = read_epub(data, options)
    return replace(book, title=book.title or path.stem)


def _read_text(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.text_book import read_text_book

    decoded = decode_text(data, path.name)
    return _noted(read_text_book(decoded.text, path.stem), decoded.note)


def _read_markdown(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.documents.markdown import read_markdown

    decoded = decode_text(data, path.name)
    return _noted(read_markdown(decoded.text, path.stem, options), decoded.note)


def _read_html(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.documents.html import read_html

    decoded = _decoded_page(data, path.name)
    return _noted(read_html(decoded.text, path.stem, options), decoded.note)


def _decoded_page(data: bytes, name: str) -> DecodedText:
    """Decode a page in the encoding that it names, or else as any text."""
    if named := CHARSET.search(data, 0, MAX_HEAD_BYTES):
        text = decode_named(data, named[1].decode())
        if text is not None:
            return DecodedText(text)
    return decode_text(data, name)


def _read_docx(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.documents.docx import read_docx

    return read_docx(data, path.stem, options)


def _read_rtf(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.documents.rtf import read_rtf

    return read_rtf(data, path.stem, options)


def _read_pdf(data: bytes, path: Path, options: BookOptions) -> Book:
    from tts.text.files.documents.pdf import read_pdf

    return read_pdf(data, path.stem, options)


def _noted(book: Book, note: str) -> Book:
    return replace(book, notes=(note,) if note else ())


READERS: dict[str, ReadBook] = {
    ".epub": _read_epub,
    ".txt": _read_text,
    ".md": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".docx": _read_docx,
    ".rtf": _read_rtf,
    ".pdf": _read_pdf,
}
BOOK_SUFFIXES = tuple(READERS)

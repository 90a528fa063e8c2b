"""The reader of the text layer of PDF files as books, by pypdf."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from tts.text.files.book import Book, BookOptions
from tts.text.files.chapter_list import list_chapters
from tts.text.files.documents.pdf_layout import Paragraph, fold_letters, read_paragraphs
from tts.text.files.text_book import read_text_book

MIN_PAGE_CHARACTERS = 10  # letters and digits a page, on average; scans have marks of programs
Bookmark = tuple[int, str]  # the page that it leads to, from 0, and its title


def read_pdf(data: bytes, name: str, options: BookOptions) -> Book:
    """Read the text layer of a PDF file as a book.

    Args:
        data: the bytes of the file.
        name: the title of a book that names none.
        options: what of it is read; notes at the foot of a page are read where they stand.

    Returns:
        The book, with lines joined to paragraphs, and without page numbers and running heads. A
        chapter begins at a bookmark of the first rank, or else at a line such as `Chapter 7`.

    Raises:
        ValueError: it is not a PDF file, is damaged, has a password, or has no text layer.
    """
    if b"%PDF-" not in data[:1024]:
        raise ValueError("not a PDF file")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it has a password; save it without")
        pages = [page.extract_text(extraction_mode="layout") for page in reader.pages]
        bookmarks = list(_bookmarks(reader))
        fields = {key: str(value).strip() for key, value in (reader.metadata or {}).items()}
    except (
        PyPdfError,
        DependencyError,
        RecursionError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(f"damaged or not supported: {error}; print it anew") from error
    if sum(map(str.isalnum, "".join(pages))) < MIN_PAGE_CHARACTERS * len(pages):
        raise ValueError(
            "it has no text layer: its pages are pictures; recognize their text first, with a "
            "program such as OCRmyPDF"
        )
    headings = {(page, fold_letters(title)) for page, title in bookmarks}
    return _book(read_paragraphs(pages, headings), bookmarks, fields, name)


def _book(
    paragraphs: list[Paragraph], bookmarks: list[Bookmark], fields: dict[str, str], name: str
) -> Book:
    text = "\n\n".join(paragraph.text for paragraph in paragraphs)
    book = read_text_book(text, fields.get("/Title") or name)
    title = fields.get("/Title") or book.title
    chapters = book.chapters
    if len(bookmarks) > 1:
        chapters = list_chapters(_sections(paragraphs, bookmarks), title)
    return Book(
        chapters=chapters,
        title=title,
        author=fields.get("/Author") or book.author,
        date=_date(fields.get("/CreationDate", "")),
    )


def _date(written: str) -> str:
    """A date such as `D:20240131120000Z` as 2024-01-31."""
    digits = written.removeprefix("D:")[:8]
    valid = len(digits) == 8 and digits.isdecimal()
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if valid else ""


def _bookmarks(reader: PdfReader) -> Iterator[Bookmark]:
    """The bookmarks of the first rank, or those below the only one."""
    outline: list[Any] = list(reader.outline)
    while len(outline) == 2 and isinstance(outline[1], list):
        outline = outline[1]
    for entry in outline:
        if isinstance(entry, list):
            continue
        page = reader.get_destination_page_number(entry)
        if page is not None and page >= 0 and str(entry.title or "").strip():
            yield page, " ".join(str(entry.title).split())


def _sections(paragraphs: list[Paragraph], bookmarks: list[Bookmark]) -> Iterator[tuple[str, str]]:
    """The titles and the texts of the chapters: from each bookmark's heading, or from its page."""
    starts = {_start(paragraphs, page, title): title for page, title in bookmarks}
    title, text = "", list[str]()
    for index, paragraph in enumerate(paragraphs):
        if index in starts:
            yield title, "\n\n".join(text)
            title, text = starts[index], []
        text.append(paragraph.text)
    yield title, "\n\n".join(text)


def _start(paragraphs: list[Paragraph], page: int, title: str) -> int:
    """The index of the paragraph with which the chapter of a bookmark begins."""
    there = [index for index, paragraph in enumerate(paragraphs) if paragraph.page == page]
    wanted = fold_letters(title)
    for index in there:
        words = fold_letters(paragraphs[index].text)
        if words and (wanted.startswith(words) or words.startswith(wanted)):
            return index
    later = (index for index, paragraph in enumerate(paragraphs) if paragraph.page >= page)
    return there[0] if there else next(later, len(paragraphs))

"""The reader of Word's .docx files as books, by mammoth."""

import re
from io import BytesIO
from zipfile import ZipFile, is_zipfile

import mammoth
from bs4 import BeautifulSoup

from tts.text.files.book import Book, BookOptions
from tts.text.files.documents.html import read_chapters
from tts.text.files.epub.archive import Archive

STYLES = """
p[style-name='Title'] => h1.document-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc '] => !
p[style-name^='TOC '] => !
p[style-name='table of figures'] => !
p[style-name^='index '] => !
br[type='page'] => hr
"""
# Parts that hold no text; they are not unpacked.
UNREAD = re.compile(
    r"(?:.*/)?(?:media|fonts|embeddings)/.*|.*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp|wdp)",
    re.IGNORECASE,
)
CORE = "docProps/core.xml"
DUBLIN_CORE, TERMS = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/dc/terms/}"


def read_docx(data: bytes, name: str, options: BookOptions) -> Book:
    """Read a .docx file as a book.

    Args:
        data: the bytes of the file.
        name: the title of a book that names none.
        options: what of it is read.

    Returns:
        The book. A chapter begins at a paragraph in the style of a title or of a heading of the
        first or second rank, or else at a line such as `Chapter 7`. Its own table of contents,
        headers, footers and comments are not read.

    Raises:
        ValueError: it is not a .docx file, is damaged or too large.
    """
    if not is_zipfile(BytesIO(data)):
        raise ValueError("not a .docx file; save it again as .docx")
    archive = Archive(data, ".docx")
    if "[Content_Types].xml" not in archive:
        raise ValueError("not a .docx file: it has no [Content_Types].xml")
    fields = _metadata(archive)
    read = _copy_read_parts(archive)
    try:
        made = mammoth.convert_to_html(
            read,
            style_map=STYLES,
            convert_image=mammoth.images.img_element(lambda image: {"src": ""}),
        )
    except Exception as error:  # it raises whatever its parsers do
        raise ValueError(f"damaged: {error}; save it again as .docx") from error
    content = BeautifulSoup(made.value, "html.parser")
    title = fields.get("title") or _written_title(content) or name
    return Book(
        chapters=read_chapters(content, title, options),
        title=title,
        author=fields.get("author", ""),
        language=fields.get("language", ""),
        date=fields.get("date", ""),
    )


def _written_title(content: BeautifulSoup) -> str:
    """The first paragraph in the style of a title, or else the only main heading."""
    headings = content.find_all("h1")
    found = content.find_all("h1", class_="document-title") or headings
    lines = [" ".join(one.get_text().split()) for one in found]
    return lines[0] if lines and (len(headings) == 1 or found is not headings) else ""


def _copy_read_parts(archive: Archive) -> BytesIO:
    """The parts that are read, within the archive's limits, so that no more is ever unpacked."""
    copy = BytesIO()
    with ZipFile(copy, "w") as target:
        for part in archive:
            if not UNREAD.fullmatch(part):
                target.writestr(part, archive.read(part))
    return copy


def _metadata(archive: Archive) -> dict[str, str]:
    """The fields of a document's properties."""
    if CORE not in archive:
        return {}
    root = archive.xml(CORE)
    fields = {
        "title": root.findtext(f"{DUBLIN_CORE}title"),
        "author": root.findtext(f"{DUBLIN_CORE}creator"),
        "language": root.findtext(f"{DUBLIN_CORE}language"),
        "date": (root.findtext(f"{TERMS}modified") or "")[:10],
    }
    return {name: value.strip() for name, value in fields.items() if value}

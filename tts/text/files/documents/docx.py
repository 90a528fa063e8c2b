"""The reader of Word's .docx files as books, by mammoth."""

import xml.etree.ElementTree as tree
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import mammoth
from bs4 import BeautifulSoup

from tts.text.files.book import Book, BookOptions
from tts.text.files.documents.html import read_chapters

STYLES = """
p[style-name='Title'] => h1.document-title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc '] => !
p[style-name^='TOC '] => !
p[style-name='table of figures'] => !
p[style-name^='index '] => !
br[type='page'] => hr
"""
MEBIBYTE = 2**20
MAX_TEXT_BYTES = 256 * MEBIBYTE  # of the unpacked XML, against archives that unpack to far more
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
    fields = _metadata(data)
    try:
        made = mammoth.convert_to_html(
            BytesIO(data),
            style_map=STYLES,
            convert_image=mammoth.images.img_element(lambda image: {"src": ""}),
        )
    except Exception as error:  # it raises whatever its parsers do
        raise ValueError(f"{name} is damaged: {error}; save it again as .docx") from error
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


def _metadata(data: bytes) -> dict[str, str]:
    """The fields of a document's properties; raise an error if it is not a .docx."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            if "[Content_Types].xml" not in names:
                raise ValueError("not a .docx file: it has no [Content_Types].xml")
            if sum(info.file_size for info in infos if info.filename.endswith(".xml")) > (
                MAX_TEXT_BYTES
            ):
                most = MAX_TEXT_BYTES // MEBIBYTE
                raise ValueError(f"the .docx has more than {most} MiB of text; split it")
            root = tree.fromstring(archive.read(CORE)) if CORE in names else None
    except BadZipFile as error:
        raise ValueError("not a .docx file; save it again as .docx") from error
    except tree.ParseError as error:
        raise ValueError(f"{CORE} is not well-formed XML: {error}") from error
    if root is None:
        return {}
    fields = {
        "title": root.findtext(f"{DUBLIN_CORE}title"),
        "author": root.findtext(f"{DUBLIN_CORE}creator"),
        "language": root.findtext(f"{DUBLIN_CORE}language"),
        "date": (root.findtext(f"{TERMS}modified") or "")[:10],
    }
    return {name: value.strip() for name, value in fields.items() if value}

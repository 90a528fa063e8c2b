"""The reader of EPUB 2 and EPUB 3 books: their chapters as text, in reading order."""

import posixpath
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from tts.text.files import xhtml
from tts.text.files.archive import Archive
from tts.text.files.book import DEFAULT_BOOK_OPTIONS, Book, BookOptions, Chapter
from tts.text.files.plain import decode_utf8

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
PAGES = ("application/xhtml+xml", "text/html")
NCX = "application/x-dtbncx+xml"
NAV, LINK = "{http://www.w3.org/1999/xhtml}nav", "{http://www.w3.org/1999/xhtml}a"
KIND, ROLE = "{http://www.idpf.org/2007/ops}type", "{http://www.idpf.org/2007/opf}role"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


def read_epub(data: bytes, options: BookOptions = DEFAULT_BOOK_OPTIONS) -> Book:
    """Read an EPUB book.

    Args:
        data: the bytes of the file.
        options: what of the book is read.

    Returns:
        The book. Its chapters are the page files that have text, in reading order.

    Raises:
        ValueError: it is not an EPUB, is damaged, incomplete, encrypted or too large, or has no
            text.
    """
    archive = Archive(data)
    package = _package(archive)
    _refuse_locks(archive, package)
    titles = _titles(archive, package.contents)
    found = []
    for number, place in enumerate(package.pages, 1):
        page = _page(archive, place)
        if page.text:
            found.append(Chapter(titles.get(place) or page.heading or str(number), page.text))
    if not found:
        raise ValueError("the EPUB has no text; its pages may be images")
    title, author = _names(archive)
    return Book(chapters=tuple(found), title=title, author=author)


def _names(archive: Archive) -> tuple[str, str]:
    """The title and the authors of a book; empty where the file does not give them."""
    _, package = _document(archive)
    titles = package.iter(f"{DUBLIN_CORE}title")
    authors = [
        one for one in package.iter(f"{DUBLIN_CORE}creator") if one.get(ROLE, "aut") == "aut"
    ]
    return next(filter(None, map(_line, titles)), ""), ", ".join(filter(None, map(_line, authors)))


@dataclass(frozen=True, slots=True)
class _Package:
    """The names in the archive of a book's pages, in reading order, and of its contents table."""

    pages: tuple[str, ...]
    contents: str


def _package(book: Archive) -> _Package:
    """Parse the package document; a page that is listed twice is read once."""
    base, package = _document(book)
    items = {item.get("id", ""): item for item in package.findall("{*}manifest/{*}item")}
    navs = [item for item in items.values() if "nav" in item.get("properties", "").split()]
    ncxs = [item for item in items.values() if item.get("media-type") == NCX]
    contents = [_place(base, item.get("href", "")) for item in navs + ncxs]
    pages = [_place(base, item.get("href", "")) for item in _spine(package, items)]
    apart = set(contents)
    return _Package(
        tuple(page for page in dict.fromkeys(pages) if page not in apart),
        contents[0] if contents else "",
    )


def _document(book: Archive) -> tuple[str, Element]:
    """The name of the package document in the archive, and its root element."""
    if CONTAINER not in book:
        raise ValueError(f"not an EPUB file: the archive has no {CONTAINER}")
    start = book.xml(CONTAINER).find(".//{*}rootfile")
    if start is None:
        raise ValueError(f"{CONTAINER} names no rootfile; the EPUB is incomplete")
    base = start.get("full-path", "")
    return base, book.xml(base)


def _line(element: Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def _spine(package: Element, items: Mapping[str, Element]) -> Iterator[Element]:
    """The pages in reading order, without those that only links lead to (`linear="no"`)."""
    for reference in package.findall("{*}spine/{*}itemref"):
        name = reference.get("idref", "")
        if name not in items:
            raise ValueError(f"the EPUB lists no file with the id {name}; it is incomplete")
        if reference.get("linear") != "no" and items[name].get("media-type") in PAGES:
            yield items[name]


def _refuse_locks(book: Archive, package: _Package) -> None:
    """Raise an error if a page or the contents table is encrypted; fonts often are, and may be."""
    if ENCRYPTION not in book:
        return
    references = book.xml(ENCRYPTION).findall(".//{*}CipherReference")
    locked = {_place("", reference.get("URI", "")) for reference in references}
    for place in (*package.pages, package.contents):
        if place in locked:
            raise ValueError(f"{place} is encrypted; books with copy protection cannot be read")


def _titles(book: Archive, contents: str) -> dict[str, str]:
    """The first title of each file in the table of contents."""
    titles: dict[str, str] = {}
    for href, name in _entries(book.xml(contents)) if contents else ():
        titles.setdefault(_place(contents, href), " ".join(name.split()))
    return titles


def _entries(contents: Element) -> Iterator[tuple[str, str]]:
    """The links of a navigation document (EPUB 3) or the points of an NCX (EPUB 2), with titles."""
    navs = (nav for nav in contents.iter(NAV) if "toc" in nav.get(KIND, "").split())
    for link in chain.from_iterable(nav.iter(LINK) for nav in islice(navs, 1)):
        if link.find(f".//{LINK}") is None:  # the text of nested links would be read once for each
            yield link.get("href", ""), "".join(link.itertext())
    for point in contents.findall(".//{*}navPoint"):
        content = point.find("{*}content")
        if content is not None:
            yield content.get("src", ""), point.findtext("{*}navLabel/{*}text", "")


def _page(book: Archive, place: str) -> xhtml.XhtmlPage:
    data = book.read(place)
    try:
        wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        return xhtml.read_xhtml(data.decode("utf-16") if wide else decode_utf8(data, "the page"))
    except ValueError as error:
        raise ValueError(f"in {place}: {error}") from error


def _place(base: str, href: str) -> str:
    """The name in the archive of a file that the file `base` refers to."""
    path = unquote(href.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))

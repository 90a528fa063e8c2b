"""Books in EPUB 2 and 3: their chapters as text, in reading order."""

import posixpath
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from tts.text.files import xhtml
from tts.text.files.archive import Archive
from tts.text.files.plain import decode_utf8

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
PAGES = ("application/xhtml+xml", "text/html")
NCX = "application/x-dtbncx+xml"
NAV, LINK = "{http://www.w3.org/1999/xhtml}nav", "{http://www.w3.org/1999/xhtml}a"
KIND, ROLE = "{http://www.idpf.org/2007/ops}type", "{http://www.idpf.org/2007/opf}role"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of a book, and what its table of contents calls it."""

    title: str
    text: str


def read_epub(data: bytes) -> list[Chapter]:
    """The files that a book is read in, one after another, less those without words.

    What the table of contents does not name has the title of its first heading, or its number.
    """
    book = Archive(data)
    package = _package(book)
    _refuse_locks(book, package)
    titles = _titles(book, package.contents)
    found = []
    for number, place in enumerate(package.pages, 1):
        page = _page(book, place)
        if page.text:
            found.append(Chapter(titles.get(place) or page.heading or str(number), page.text))
    if not found:
        raise ValueError("expected words in the book, found none; it may be made of pictures")
    return found


def read_epub_metadata(data: bytes) -> tuple[str, str]:
    """What a book is called and who wrote it, as far as it says."""
    _, package = _document(Archive(data))
    titles = package.iter(f"{DUBLIN_CORE}title")
    authors = [
        one for one in package.iter(f"{DUBLIN_CORE}creator") if one.get(ROLE, "aut") == "aut"
    ]
    return next(filter(None, map(_line, titles)), ""), ", ".join(filter(None, map(_line, authors)))


@dataclass(frozen=True, slots=True)
class _Package:
    """Where in an archive a book's pages are, in reading order, and its table of contents."""

    pages: tuple[str, ...]
    contents: str


def _package(book: Archive) -> _Package:
    """What the package document says; a page that it names twice is there once."""
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
    """The place of the package document, and what it holds."""
    if CONTAINER not in book:
        raise ValueError("expected a book in EPUB, but this archive holds none; save it as one")
    start = book.xml(CONTAINER).find(".//{*}rootfile")
    if start is None:
        raise ValueError(f"expected a rootfile in {CONTAINER}, found none; this is no whole book")
    base = start.get("full-path", "")
    return base, book.xml(base)


def _line(element: Element) -> str:
    """The words of an element, on one line."""
    return " ".join("".join(element.itertext()).split())


def _spine(package: Element, items: Mapping[str, Element]) -> Iterator[Element]:
    """The pages that are read one after another, not those that are only referred to."""
    for reference in package.findall("{*}spine/{*}itemref"):
        name = reference.get("idref", "")
        if name not in items:
            raise ValueError(f"expected {name} in the list of the book's files, found none")
        if reference.get("linear") != "no" and items[name].get("media-type") in PAGES:
            yield items[name]


def _refuse_locks(book: Archive, package: _Package) -> None:
    """What is to be read may not be encrypted; fonts, which often are, are not read."""
    if ENCRYPTION not in book:
        return
    references = book.xml(ENCRYPTION).findall(".//{*}CipherReference")
    locked = {_place("", reference.get("URI", "")) for reference in references}
    for place in (*package.pages, package.contents):
        if place in locked:
            raise ValueError(
                f"expected a book without copy protection, but {place} is encrypted; "
                "only the reader it was sold for can open it"
            )


def _titles(book: Archive, contents: str) -> dict[str, str]:
    """What a table of contents first calls each file."""
    titles: dict[str, str] = {}
    for href, name in _entries(book.xml(contents)) if contents else ():
        titles.setdefault(_place(contents, href), " ".join(name.split()))
    return titles


def _entries(contents: Element) -> Iterator[tuple[str, str]]:
    """The links of a navigation document as in EPUB 3, or the points of an NCX as in EPUB 2."""
    navs = (nav for nav in contents.iter(NAV) if "toc" in nav.get(KIND, "").split())
    for link in chain.from_iterable(nav.iter(LINK) for nav in islice(navs, 1)):
        if link.find(f".//{LINK}") is None:  # or their words would be read again and again
            yield link.get("href", ""), "".join(link.itertext())
    for point in contents.findall(".//{*}navPoint"):
        content = point.find("{*}content")
        if content is not None:
            yield content.get("src", ""), point.findtext("{*}navLabel/{*}text", "")


def _page(book: Archive, place: str) -> xhtml.XhtmlPage:
    data = book.read(place)
    try:
        wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
        return xhtml.read_xhtml(data.decode("utf-16") if wide else decode_utf8(data, "it"))
    except ValueError as error:
        raise ValueError(f"in {place}: {error}") from error


def _place(base: str, href: str) -> str:
    """The name in the archive of what a file at `base` refers to."""
    path = unquote(href.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))

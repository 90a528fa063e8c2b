"""The table of contents and the landmarks of an EPUB."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tts.text.files.epub.archive import Archive
from tts.text.files.epub.package import line_of, resolve

XHTML = "{http://www.w3.org/1999/xhtml}"
NAV, LINK, LIST = f"{XHTML}nav", f"{XHTML}a", f"{XHTML}ol"
KIND = "{http://www.idpf.org/2007/ops}type"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a table of contents.

    Args:
        title: its text on one line.
        place: the name of its file in the archive.
        fragment: the id of its element in the file; empty for the whole file.
        depth: 0 for an entry within no other, 1 for one within such an entry, and so on.
        kind: what landmarks say that it is, such as `titlepage`; empty in the contents.
    """

    title: str
    place: str
    fragment: str
    depth: int
    kind: str = ""


def read_contents(archive: Archive, place: str) -> tuple[list[Entry], list[Entry]]:
    """The entries of the table of contents, and the landmarks.

    Args:
        archive: the book.
        place: the name of the navigation document (EPUB 3) or of the NCX (EPUB 2); or empty.

    Raises:
        ValueError: it is not well-formed.
    """
    if not place:
        return [], []
    root = archive.xml(place)
    navs = {"toc": None, "landmarks": None} | {
        kind: nav for nav in reversed(list(root.iter(NAV))) for kind in nav.get(KIND, "").split()
    }
    links = list(_entries(navs["toc"], place)) or list(_points(root, place))
    return links, list(_entries(navs["landmarks"], place))


def _entries(nav: Element | None, base: str) -> Iterator[Entry]:
    """The links of a part of a navigation document; an element within a link is part of it."""
    if nav is None:
        return
    waiting = [(nav, 0)]
    while waiting:
        element, depth = waiting.pop()
        if element.tag == LINK and element.find(f".//{LINK}") is None:
            yield _entry(line_of(element), base, element.get("href", ""), depth, element)
            continue
        within = depth + (element.tag == LIST)
        waiting += [(child, within) for child in reversed(element)]


def _points(root: Element, base: str) -> Iterator[Entry]:
    """The points of an NCX."""
    waiting = [(root, 0)]
    while waiting:
        element, depth = waiting.pop()
        content = element.find("{*}content") if element.tag.endswith("navPoint") else None
        if content is not None:
            title = " ".join(element.findtext("{*}navLabel/{*}text", "").split())
            yield _entry(title, base, content.get("src", ""), depth + 1, element)
        within = depth + element.tag.endswith("navPoint")
        waiting += [(child, within) for child in reversed(element)]


def _entry(title: str, base: str, href: str, depth: int, element: Element) -> Entry:
    fragment = href.partition("#")[2]
    return Entry(title, resolve(base, href), fragment, max(0, depth - 1), element.get(KIND, ""))

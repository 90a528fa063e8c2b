"""The package document of an EPUB: its metadata, its cover, its pages and its guide."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from tts.text.files.book import Cover
from tts.text.files.epub.archive import Archive

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
PAGES = ("application/xhtml+xml", "text/html")
NCX = "application/x-dtbncx+xml"
OPF, DUBLIN_CORE = "{http://www.idpf.org/2007/opf}", "{http://purl.org/dc/elements/1.1/}"
ROLE, EVENT = f"{OPF}role", f"{OPF}event"
PICTURE = re.compile(rb"""(?:src|href)\s{0,4}=\s{0,4}["']([^"'<>]{1,400})["']""", re.IGNORECASE)
PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp)\Z", re.IGNORECASE)
SIGNATURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n": "image/png",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a package document says of its book; empty where it says nothing."""

    title: str
    author: str
    language: str
    date: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package document.

    Args:
        metadata: what it says of the book.
        pages: the names in the archive of the pages in reading order.
        apart: those of the pages that only links lead to.
        contents: the name of the table of contents; empty if there is none.
        guide: what its guide says of pages and their fragments.
        cover: the name of the picture of the cover, or of the page that shows it; or empty.
    """

    metadata: Metadata
    pages: tuple[str, ...]
    apart: tuple[str, ...]
    contents: str
    guide: Mapping[tuple[str, str], str]
    cover: str


def read_package(archive: Archive) -> Package:
    """Parse the package document; a page that is listed twice is read once.

    Raises:
        ValueError: the archive has none, or it lists pages that do not exist.
    """
    if CONTAINER not in archive:
        raise ValueError(f"not an EPUB file: the archive has no {CONTAINER}")
    start = archive.xml(CONTAINER).find(".//{*}rootfile")
    if start is None:
        raise ValueError(f"{CONTAINER} names no rootfile; the EPUB is incomplete")
    base = start.get("full-path", "")
    package = archive.xml(base)
    items = {item.get("id", ""): item for item in package.findall("{*}manifest/{*}item")}
    spine = list(_spine(package, items))
    references = package.findall("{*}guide/{*}reference")
    hrefs = [(one.get("href", ""), one.get("type", "").lower()) for one in references]
    return Package(
        _metadata(package),
        tuple(dict.fromkeys(resolve(base, href) for href, linear in spine if linear)),
        tuple(dict.fromkeys(resolve(base, href) for href, linear in spine if not linear)),
        next((resolve(base, href) for href in _contents(items)), ""),
        {(resolve(base, href), href.partition("#")[2]): kind for href, kind in hrefs},
        next((resolve(base, href) for href in _covers(package, items, references)), ""),
    )


def refuse_locks(archive: Archive, package: Package) -> None:
    """Raise an error if a page or the contents table is encrypted; fonts often are, and may be."""
    if ENCRYPTION not in archive:
        return
    references = archive.xml(ENCRYPTION).findall(".//{*}CipherReference")
    locked = {resolve("", reference.get("URI", "")) for reference in references}
    for place in (*package.pages, package.contents):
        if place in locked:
            raise ValueError(f"{place} is encrypted; books with copy protection cannot be read")


def read_cover(archive: Archive, package: Package) -> Cover | None:
    """The picture of the cover; None if the book has none, or it is damaged or very large."""
    place = package.cover
    try:
        if place and not PICTURE_NAME.search(place):  # a page that shows the picture
            shown = (one.decode("utf-8", "replace") for one in PICTURE.findall(archive.read(place)))
            found = [resolve(place, one) for one in shown if PICTURE_NAME.search(one)]
            place = found[0] if found else ""
        data = archive.read_picture(place) if place else b""
    except ValueError:
        return None
    kinds = (kind for signature, kind in SIGNATURES.items() if data.startswith(signature))
    media_type = next(kinds, "")
    return Cover(data, media_type) if media_type else None


def resolve(base: str, href: str) -> str:
    """The name in the archive of a file that the file `base` refers to."""
    path = unquote(href.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base


def line_of(element: Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def _metadata(package: Element) -> Metadata:
    """The metadata; of several titles the main one, of several dates that of publication."""
    refined: dict[tuple[str | None, str | None], str] = {
        (one.get("refines"), one.get("property")): line_of(one)
        for one in package.findall("{*}metadata/{*}meta")
        if one.get("refines")
    }

    def told(element: Element, name: str) -> str:
        return refined.get((f"#{element.get('id')}", name), "")

    titles = [one for one in package.iter(f"{DUBLIN_CORE}title") if line_of(one)]
    main = [one for one in titles if told(one, "title-type") == "main"]
    authors = [
        line_of(one)
        for one in package.iter(f"{DUBLIN_CORE}creator")
        if one.get(ROLE, "aut") == "aut" and told(one, "role") in ("", "aut")
    ]
    languages = [line_of(one) for one in package.iter(f"{DUBLIN_CORE}language")]
    dates = [one for one in package.iter(f"{DUBLIN_CORE}date") if line_of(one)]
    rank = {"publication": 0, "original-publication": 0, None: 1}
    dates.sort(key=lambda one: rank.get(one.get(EVENT), 2))
    return Metadata(
        line_of((main or titles)[0]) if titles else "",
        ", ".join(filter(None, dict.fromkeys(authors))),
        next(filter(None, languages), ""),
        line_of(dates[0]) if dates else "",
    )


def _contents(items: Mapping[str, Element]) -> Iterator[str]:
    """The tables of contents, that of EPUB 3 first."""
    for item in items.values():
        if "nav" in item.get("properties", "").split():
            yield item.get("href", "")
    for item in items.values():
        if item.get("media-type") == NCX:
            yield item.get("href", "")


def _covers(package: Element, items: Mapping[str, Element], guide: list[Element]) -> Iterator[str]:
    """The files of the cover, as EPUB 3, EPUB 2 and the guide name them."""
    for item in items.values():
        if "cover-image" in item.get("properties", "").split():
            yield item.get("href", "")
    for meta in package.iter(f"{OPF}meta"):
        if meta.get("name") == "cover":
            name = meta.get("content", "")
            yield items[name].get("href", "") if name in items else name
    for reference in guide:
        if reference.get("type", "").lower() == "cover":
            yield reference.get("href", "")


def _spine(package: Element, items: Mapping[str, Element]) -> Iterator[tuple[str, bool]]:
    """The pages in reading order, and whether they are read in it (not `linear="no"`)."""
    for reference in package.findall("{*}spine/{*}itemref"):
        name = reference.get("idref", "")
        if name not in items:
            raise ValueError(f"the EPUB lists no file with the id {name}; it is incomplete")
        if items[name].get("media-type") in PAGES:
            yield items[name].get("href", ""), reference.get("linear") != "no"

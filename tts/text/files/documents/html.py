"""The reader of HTML pages as books: their own text, notes, metadata and chapters."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bs4 import BeautifulSoup, Tag

from tts.text.files.book import Book, BookOptions, Chapter
from tts.text.files.chapter_list import list_chapters
from tts.text.files.epub import xhtml
from tts.text.files.linked_notes import read_notes
from tts.text.files.text_book import split_sections

CHAPTER_MARK = "\ue000"  # stands where a chapter begins; of the private use area, which no text has
CHAPTER_HEADINGS = ("h1", "h2")
# What of a saved web page is not its text: elements, roles, and words of classes and ids.
PAGE_FRAME = "title, nav, form, button, select, dialog, iframe, template, script, style, noscript"
FRAME_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog")
FRAME_WORDS = re.compile(
    r"navbar|navigation|navbox|sidebar|breadcrumbs?|cookies?|consent|newsletter|subscribe|advert|"
    r"advertisement|ads?|popup|toc|editsection|noprint|pagination|toolbar|masthead|catlinks|"
    r"printfooter|siteSub|infobox"
)
# Names that prose has, too: of a frame only where most of the text is links.
LINK_FRAME_WORDS = re.compile(
    r"nav|menu|share|sharing|social|comments?|respond|related|recommended|promo|modal|skip|"
    r"colophon|pg|authority"
)
MAX_NAMED_SHARE = 0.2  # of the page's text, of a frame known by its name alone
FRAME_ELEMENTS = ("div", "section", "ul", "ol", "table", "p", "span", "a", "aside")
CLASS_WORD = re.compile(r"[-_\s:.]+")
SECTIONS = ("article", "main", "section", "figure", "blockquote")
LISTS = ("ul", "ol", "table")
MAX_ASIDE_CHARACTERS = 300
MAX_LINE_TEXTS = 100  # of a heading; one that is never closed has all that follows
MAX_FRAME_SHARE = 0.5  # of the page's text; what holds more is no frame, whatever its name is
MAX_LINK_SHARE = 0.8  # of the text of a list; chosen by hand
MIN_LINKS = 4
OPENING = re.compile(r"<[a-zA-Z/!?]")
HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def read_html(source: str, name: str, options: BookOptions) -> Book:
    """Read an HTML page as a book, also one that a browser saved.

    Args:
        source: the page, which may be ill-formed.
        name: the title of a page that names none.
        options: what of it is read.

    Returns:
        The book, without menus, forms, comments and lists of links. A chapter begins at a heading
        of the first or second rank.

    Raises:
        ValueError: the page has no text.

    Example:
        >>> page = "<title>A tale</title><nav>Home</nav><h1>One</h1><p>It was late."
        >>> read_html(page, "tale", BookOptions()).chapters
        (Chapter(title='One', text='One\\n\\nIt was late.', matter=''),)
    """
    soup = parse_html(source)
    fields = _metadata(soup)
    named = fields.get("title") or (_line(soup.title) if soup.title else "")
    content = _own_text(soup)
    title = _title(content, named) or name
    book = Book(
        chapters=read_chapters(content, title, options),
        title=title,
        author=fields.get("author", ""),
        language=str(soup.html.get("lang") or "") if soup.html else "",
        date=fields.get("date", ""),
    )
    if not book.chapters:
        raise ValueError("the page has no text; it may be made by a script")
    return book


def parse_html(source: str) -> BeautifulSoup:
    """Parse HTML, which ends where a comment or a tag begins that is never closed, as in browsers.

    html.parser would look for the end of each of them, which takes the square of the length.
    """
    comment = source.find("<!--", source.rfind("-->") + 1)
    source = source[:comment] if comment >= 0 else source
    tag = OPENING.search(source, source.rfind(">") + 1)
    return BeautifulSoup(source[: tag.start()] if tag else source, "html.parser")


def read_chapters(content: Tag, title: str, options: BookOptions) -> tuple[Chapter, ...]:
    """The chapters of HTML content: from its headings, or from lines such as `Chapter 7`."""
    for hidden in list(content.find_all(_is_hidden)):
        hidden.decompose()
    read_notes(content, options.notes)
    if options.alt:
        for image in content.find_all("img", alt=True):
            image.replace_with(f" {image['alt']} ")
    tabular = _within(content, ("table",))
    headings = [one for one in content.find_all(CHAPTER_HEADINGS) if id(one) not in tabular]
    for heading in headings:
        heading.insert(0, _paragraph(CHAPTER_MARK))  # before it would take longer
    text = xhtml.read_xhtml(str(content)).text
    if not headings:
        return list_chapters(split_sections(text), title)
    return list_chapters(_sections(text), title)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    before, *parts = text.split(CHAPTER_MARK)
    yield "", before.strip()
    for part in parts:
        heading = part.strip().partition("\n\n")[0]
        yield " ".join(heading.split()), part.strip()


def _paragraph(text: str) -> Tag:
    paragraph = Tag(name="p")
    paragraph.string = text
    return paragraph


def _is_hidden(tag: Tag) -> bool:
    hidden = tag.has_attr("hidden") or str(tag.get("aria-hidden")).lower() == "true"
    return hidden or HIDDEN_STYLE.search(str(tag.get("style") or "")) is not None


def _metadata(soup: BeautifulSoup) -> dict[str, str]:
    """The title, the author and the date of a page, of its head."""
    names = {
        "title": ("og:title", "dc.title", "twitter:title"),
        "author": ("author", "dc.creator", "article:author", "citation_author"),
        "date": ("article:published_time", "dc.date", "date", "citation_publication_date"),
    }
    given = {
        str(meta.get("property") or meta.get("name") or "").lower(): str(meta.get("content") or "")
        for meta in soup.find_all("meta")
    }
    found = {
        field: next((given[key].strip() for key in keys if given.get(key, "").strip()), "")
        for field, keys in names.items()
    }
    return {field: value for field, value in found.items() if not value.startswith("http")}


def _title(content: Tag, named: str) -> str:
    """The title: of the head, without the name of the site, or else the only main heading."""
    headings = [_line(heading) for heading in content.find_all("h1")]
    only = headings[0] if len(headings) == 1 else ""
    return only if only and only.casefold() in named.casefold() else named or only


def _line(tag: Tag) -> str:
    return " ".join("".join(islice(tag.strings, MAX_LINE_TEXTS)).split())


def _own_text(soup: BeautifulSoup) -> Tag:
    """The text of a page without its frame."""
    body = soup.body or soup
    for frame in body.select(PAGE_FRAME):
        frame.decompose()
    content = _main(body)
    sizes, inside = _sizes(content), _within(content, SECTIONS)
    whole = sizes[id(content)].text
    most = MAX_FRAME_SHARE * whole
    removed: list[Tag] = []
    gone: set[int] = set()
    for tag in content.find_all(True):
        size = sizes[id(tag)]
        if id(tag.parent) in gone:
            gone.add(id(tag))
        elif (tag.name in LISTS and size.is_links) or (
            size.text <= most and _is_frame(tag, id(tag) in inside, size, whole)
        ):
            gone.add(id(tag))
            removed.append(tag)
    for tag in removed:
        tag.decompose()
    return content


def _main(body: Tag) -> Tag:
    """The element that a page marks as its own text, if it holds most of it."""
    for found in (body.select("main, [role=main]"), body.select("article")):
        if len(found) == 1 and 2 * len(found[0].get_text()) > len(body.get_text()):
            return found[0]
    return body


@dataclass(slots=True)
class _Size:
    """The characters of an element, those of its links, and its links and main headings."""

    text: int = 0
    linked: int = 0
    links: int = 0
    headings: int = 0

    @property
    def is_links(self) -> bool:
        """Whether there is hardly anything but links, as in a list of other pages."""
        return self.links >= MIN_LINKS and self.linked > MAX_LINK_SHARE * self.text


def _sizes(content: Tag) -> dict[int, _Size]:
    """The sizes of all elements by their ids, from the inside to the outside."""
    sizes = defaultdict[int, _Size](_Size)
    for node in reversed([content, *content.descendants]):
        size = sizes[id(node)]
        if not isinstance(node, Tag):
            size.text = len(node.get_text(strip=True))
        elif node.name == "a" and node.has_attr("href"):
            size.linked, size.links = size.text, 1
        elif node.name in CHAPTER_HEADINGS:
            size.headings += 1
        above = sizes[id(node.parent)]
        above.text += size.text
        above.linked += size.linked
        above.links += size.links
        above.headings += size.headings
    return sizes


def _within(content: Tag, names: tuple[str, ...]) -> set[int]:
    """The ids of the elements that are within an element of one of the names."""
    found: set[int] = set()
    for tag in content.find_all(True):
        above = tag.parent
        if above is not None and (id(above) in found or above.name in names):
            found.add(id(tag))
    return found


def _is_frame(tag: Tag, is_inside: bool, size: _Size, whole: int) -> bool:
    if tag.get("role") in FRAME_ROLES:
        return True
    if tag.name in ("header", "footer", "aside"):
        noted = "note" in f"{tag.get('role')} {tag.get('epub:type')} {tag.get('class')}"
        short = tag.name == "aside" and size.text < MAX_ASIDE_CHARACTERS
        return not noted and (short or not is_inside)
    if tag.name not in FRAME_ELEMENTS:
        return False
    classes = (word for name in tag.get("class") or () for word in CLASS_WORD.split(name))
    # an id such as `related-work` may come from the heading of a section
    words = (*classes, str(tag.get("id") or ""))
    if 2 * size.linked > size.text or not size.text:
        return any(FRAME_WORDS.fullmatch(one) or LINK_FRAME_WORDS.fullmatch(one) for one in words)
    prose = tag.name == "p" or size.headings or size.text > MAX_NAMED_SHARE * whole
    return not prose and any(map(FRAME_WORDS.fullmatch, words))

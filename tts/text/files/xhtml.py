"""The reader of XHTML pages as plain text with paragraphs, headings, lists and tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count, repeat

HEADING = re.compile("h[1-6]")
HELD = re.compile("a|h[1-6]|pre|sup|tr")  # elements that change the meaning of tags within them
BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|figcaption|figure|"
    "footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|summary|table|tr|ul"
)
SILENT = re.compile("audio|head|iframe|noscript|object|rp|rt|script|style|svg|template|video")
# References to notes and page numbers of the printed book, by their EPUB type or ARIA role.
POINTER = re.compile(r"\b(?:noteref|backlink|pagebreak)\b")
VOID = ("br", "hr", "img", "wbr")
CELL = "\x1f"

Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class XhtmlPage:
    """A page of a book.

    Args:
        text: its text, with a blank line between blocks.
        heading: its first heading on one line; empty if it has none.
    """

    text: str
    heading: str


def read_xhtml(source: str) -> XhtmlPage:
    """Read the text of an XHTML or HTML page.

    Args:
        source: the page, which may be ill-formed.

    Returns:
        The text, with a blank line between blocks and none between list items, and the heading.

    Raises:
        ValueError: the page ends within a tag, a comment or an element that is not read.

    Example:
        >>> read_xhtml("<h1>One</h1><p>It was <i>late</i>.</p>")
        XhtmlPage(text='One\\n\\nIt was late.', heading='One')
    """
    reader = _Reader()
    try:
        # not closed: close() searches again for each missing end, in quadratic time
        reader.feed(source + "\n")
    except AssertionError as error:  # html.parser raises it for a malformed declaration
        raise ValueError(f"line {reader.getpos()[0]} is not XHTML: {error}") from error
    if reader.rawdata.strip() or reader.silent:
        raise ValueError(f"the page breaks off in line {reader.getpos()[0]}")
    return reader.layout.page()


class _Reader(HTMLParser):
    """A parser that passes what is to be read to the layout."""

    def __init__(self) -> None:
        super().__init__()
        self.layout = _Layout()
        self.silent: list[
            str
        ] = []  # the open element that is not read, and nested ones of its name

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._is_silent(tag):
            self.silent += [tag] if tag == self.silent[0] else []
        elif SILENT.fullmatch(tag) or _points(dict(attrs)):
            self.silent = [] if tag in VOID else [tag]
        else:
            self.layout.open(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[0]:
            self.silent.pop()
        elif not self._is_silent(tag):
            self.layout.close(tag)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.layout.write(data)

    def _is_silent(self, tag: str) -> bool:
        """Whether a tag is in an element that is not read; a reference ends with its block."""
        if self.silent and BLOCK.fullmatch(tag) and not SILENT.fullmatch(self.silent[0]):
            self.silent = []
        return bool(self.silent)


def _points(attributes: Attributes) -> bool:
    kinds = f"{attributes.get('epub:type')} {attributes.get('role')}"
    return POINTER.search(kinds) is not None


@dataclass
class _Layout:
    """The layout of a page: its finished blocks, each with its list mark, and the open block."""

    blocks: list[tuple[str, str]] = field(default_factory=list)
    heading: str = ""
    pending: list[str] = field(default_factory=list)
    open_tags: set[str] = field(default_factory=set)
    lists: list[Iterator[str]] = field(default_factory=list)
    mark: str = ""
    raised: int = 0  # the index in `pending` where the last superscript starts
    linked: bool = False  # whether the superscript is, or contains, a link

    def page(self) -> XhtmlPage:
        """The text of all blocks, without blank lines between the items of a list."""
        self._end_block()
        text, before = [""], ""
        for mark, said in self.blocks:
            text += ["\n" if mark and before else "\n\n", mark, said]
            before = mark
        return XhtmlPage("".join(text).strip(), self.heading)

    def write(self, text: str) -> None:
        self.pending.append(text if "pre" in self.open_tags else text.replace("\n", " "))

    def open(self, tag: str, attributes: Attributes) -> None:
        if BLOCK.fullmatch(tag):
            self._part(tag)
        if HELD.fullmatch(tag):
            self.open_tags.add(tag)
        match tag:
            case "ul" | "ol":
                self.lists.append(_marks(tag, attributes.get("start") or "1"))
            case "li":
                self.mark = next(self.lists[-1]) if self.lists else "- "
            case "br":
                self.pending.append("\n")
            case "td" | "th":
                self.pending.append(CELL)
            case "a":
                self.linked = "href" in attributes or ("sup" in self.open_tags and self.linked)
            case "sup":
                self.raised, self.linked = len(self.pending), self.linked and "a" in self.open_tags

    def close(self, tag: str) -> None:
        if BLOCK.fullmatch(tag):
            self._part(tag)
        elif tag == "sup" and self.linked:
            del self.pending[self.raised :]
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag in ("ul", "ol", "li"):
            self.mark = ""
        self.open_tags.discard(tag)

    def _part(self, tag: str) -> None:
        """Begin a new block; within a table row, only a space."""
        if "tr" in self.open_tags and tag not in ("tr", "table"):
            self.pending.append(" ")
        else:
            self._end_block()

    def _end_block(self) -> None:
        said = _tidy("".join(self.pending))
        if said:
            self.blocks.append((self.mark, said))
            self.mark = ""
        if any(map(HEADING.fullmatch, self.open_tags)):
            self.heading = self.heading or " ".join(said.split())
        self.pending.clear()
        self.open_tags -= {"a", "sup", "tr"}


def _marks(tag: str, start: str) -> Iterator[str]:
    """The marks of the items of a list: numbers, or dashes."""
    if tag == "ul":
        return repeat("- ")
    return (
        f"{number}. " for number in count(int(start) if re.fullmatch(r"[0-9]{1,3}", start) else 1)
    )


def _tidy(written: str) -> str:
    """Normalise spaces, separate cells by commas, and keep at most one blank line."""
    lines = [_cells(line) for line in written.replace("\N{SOFT HYPHEN}", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())


def _cells(line: str) -> str:
    cells = [" ".join(cell.split()) for cell in line.split(CELL)]
    return ", ".join(cell for cell in cells if cell)

"""A page of XHTML as plain text, its paragraphs, headings, lists and tables as we know them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count, repeat

HEADING = re.compile("h[1-6]")
HELD = re.compile("a|h[1-6]|pre|sup|tr")  # elements within which other tags mean something else
BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|figcaption|figure|"
    "footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|summary|table|tr|ul"
)
SILENT = re.compile("audio|head|iframe|noscript|object|rp|rt|script|style|svg|template|video")
# What points to a note, or to a page of the printed book, in the words of EPUB and of ARIA.
POINTER = re.compile(r"\b(?:noteref|backlink|pagebreak)\b")
VOID = ("br", "hr", "img", "wbr")
CELL = "\x1f"

Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class XhtmlPage:
    """The text of a page, and its first heading, on one line, if it has one."""

    text: str
    heading: str


def read_xhtml(source: str) -> XhtmlPage:
    """The text of a page: a blank line between its blocks, none between the items of a list.

    It need not be well-formed, but it must be whole: where it breaks off, it is refused.
    """
    reader = _Reader()
    try:
        # never closed, for then the parser looks for each missing end anew, and takes forever
        reader.feed(source + "\n")
    except AssertionError as error:  # the parser's word for a declaration that is none
        raise ValueError(f"expected XHTML in line {reader.getpos()[0]}, but {error}") from error
    if reader.rawdata.strip() or reader.silent:
        raise ValueError(f"expected a whole page, but it breaks off in line {reader.getpos()[0]}")
    return reader.layout.page()


class _Reader(HTMLParser):
    """Lays out what is not silent."""

    def __init__(self) -> None:
        super().__init__()
        self.layout = _Layout()
        self.silent: list[str] = []  # the silent element that is open, and those of its name in it

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
        """Whether a tag is in a silent element; a pointer ends with its block, closed or not."""
        if self.silent and BLOCK.fullmatch(tag) and not SILENT.fullmatch(self.silent[0]):
            self.silent = []
        return bool(self.silent)


def _points(attributes: Attributes) -> bool:
    kinds = f"{attributes.get('epub:type')} {attributes.get('role')}"
    return POINTER.search(kinds) is not None


@dataclass
class _Layout:
    """The blocks of a page, each with the mark of a list's item or none, and the one begun."""

    blocks: list[tuple[str, str]] = field(default_factory=list)
    heading: str = ""
    pending: list[str] = field(default_factory=list)
    open_tags: set[str] = field(default_factory=set)
    lists: list[Iterator[str]] = field(default_factory=list)
    mark: str = ""
    raised: int = 0  # where in what is begun the last superscript starts
    linked: bool = False  # whether that is, or holds, a link

    def page(self) -> XhtmlPage:
        """All blocks; between two items of a list there is no blank line."""
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
        """Blocks stand apart, but those in a row of a table stay in their line."""
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
    """What the items of a list begin with: their numbers, or a dash each."""
    if tag == "ul":
        return repeat("- ")
    return (
        f"{number}. " for number in count(int(start) if re.fullmatch(r"[0-9]{1,3}", start) else 1)
    )


def _tidy(written: str) -> str:
    """Words one space apart, cells a comma, and never more than one blank line."""
    lines = [_cells(line) for line in written.replace("\N{SOFT HYPHEN}", "").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())


def _cells(line: str) -> str:
    cells = [" ".join(cell.split()) for cell in line.split(CELL)]
    return ", ".join(cell for cell in cells if cell)

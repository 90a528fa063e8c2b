"""The parser of XHTML and HTML pages as a list of tokens that know where their elements end."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|div|dl|dt|figcaption|figure|"
    "footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|summary|table|tr|ul"
)
SILENT = re.compile("audio|head|iframe|noscript|object|rp|rt|script|style|svg|template|video")
VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
MAX_TOKENS = 3_000_000  # of a page or a book; about half a gigabyte; chosen by hand
# The elements at the top of the open ones that end where another one begins.
ENDED_BY = {
    "li": {"li"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"td", "th", "tr"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
}

Attributes = Mapping[str, str | None]


@dataclass(slots=True)
class Token:
    """A start tag, an end tag or a text.

    Args:
        tag: the name of the element, with `/` before it for an end tag; empty for a text.
        attributes: the attributes of a start tag.
        text: the text.
        parent: the index of the start tag of the element around it; -1 if there is none.
        stop: the index after the end of the element of a start tag; else the index after it.
    """

    tag: str
    attributes: Attributes
    text: str
    parent: int
    stop: int

    def names(self) -> str:
        """Its EPUB types and its ARIA roles without the `doc-` before them, by spaces."""
        kinds = f"{self.attributes.get('epub:type') or ''} {self.attributes.get('role') or ''}"
        return kinds.replace("doc-", "").lower()

    def classes(self) -> list[str]:
        """The names of its classes."""
        return (self.attributes.get("class") or "").split()


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page as tokens.

    Args:
        tokens: its tokens without those of elements that are never read, such as scripts.
        style: the text of its `style` elements.
        sheets: the addresses of its style sheets.
        title: the text of its `title` element; empty if it has none.
    """

    tokens: list[Token]
    style: str
    sheets: tuple[str, ...]
    title: str


def parse_xhtml(source: str) -> ParsedPage:
    """Parse an XHTML or HTML page.

    Args:
        source: the page, which may be ill-formed.

    Returns:
        Its tokens. Every element that is not void ends, at the latest with the page.

    Raises:
        ValueError: the page ends within a tag, a comment or an element that is not read, or has
            more than three million tags and texts.
    """
    parser = _Parser()
    try:
        # not closed: close() searches again for each missing end, in quadratic time
        parser.feed(source + "\n")
    except AssertionError as error:  # html.parser raises it for a malformed declaration
        raise ValueError(f"line {parser.getpos()[0]} is not XHTML: {error}") from error
    if parser.rawdata.strip() or parser.silent:
        raise ValueError(f"the page breaks off in line {parser.getpos()[0]}")
    while parser.stack:
        parser.end_innermost()
    return ParsedPage(
        parser.tokens, "\n".join(parser.style), tuple(parser.sheets), "".join(parser.title)
    )


@dataclass
class _Parser(HTMLParser):
    """A parser that lists the tokens of what may be read."""

    tokens: list[Token] = field(default_factory=list)
    stack: list[int] = field(default_factory=list)  # the start tags of the open elements
    open_tags: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)  # the open silent one, and nested of its name
    style: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    in_style: bool = False
    in_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        self.in_title = tag == "title" and self.silent == ["head"] and not self.title
        if tag == "link" and "stylesheet" in (dict(attrs).get("rel") or ""):
            self.sheets.append(dict(attrs).get("href") or "")
        if self.silent:
            self.silent += [tag] if tag == self.silent[0] else []
        elif SILENT.fullmatch(tag):
            self.silent = [tag]
        else:
            self._begin(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self.in_style = self.in_title = False
        if self.silent:
            if tag == self.silent[0]:
                self.silent.pop()
        elif self.open_tags[tag]:  # pops what ill-formed pages left open within it
            while self.end_innermost() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.style.append(data)
        elif self.in_title:
            self.title.append(data)
        elif not self.silent:
            self._add("", {}, data)

    def end_innermost(self) -> str:
        """End the innermost open element, and return its name."""
        start = self.stack.pop()
        tag = self.tokens[start].tag
        self.open_tags[tag] -= 1
        self._add(f"/{tag}", {}, "")
        self.tokens[start].stop = len(self.tokens)
        return tag

    def _begin(self, tag: str, attributes: Attributes) -> None:
        if BLOCK.fullmatch(tag) and tag != "hr" and self.open_tags["p"]:
            while self.end_innermost() != "p":
                pass
        ended = ENDED_BY.get(tag, ())
        while self.stack and self.tokens[self.stack[-1]].tag in ended:
            self.end_innermost()
        self._add(tag, attributes, "")
        if not VOID.fullmatch(tag):
            self.stack.append(len(self.tokens) - 1)
            self.open_tags[tag] += 1

    def _add(self, tag: str, attributes: Attributes, text: str) -> None:
        if len(self.tokens) >= MAX_TOKENS:
            raise ValueError(f"the page must have at most {MAX_TOKENS} tags and texts; split it")
        parent = self.stack[-1] if self.stack else -1
        self.tokens.append(Token(tag, attributes, text, parent, len(self.tokens) + 1))

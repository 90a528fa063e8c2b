"""The reader of XHTML pages as plain text with paragraphs, headings, lists, verses and tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, repeat, zip_longest

from tts.text.files.epub.style_rules import find_hidden_classes, is_hidden, is_page_number
from tts.text.files.epub.xhtml_tokens import BLOCK, Token, parse_xhtml
from tts.text.files.superscripts import read_superscript

HEADING = re.compile("h[1-6]")
HELD = re.compile("h[1-6]|pre|tr")  # elements that change the meaning of tags within them
SCENE_BREAK = "* * *"
SCENE_CLASS = re.compile(r"(?:scene|section|thought|time)[-_]?break|asterism|ornament", re.I)
VERSE_LINE = re.compile(r"(?:(?:poem|poetry|verse|stanza)[-_]?)?line\d*|verse\d*", re.I)
STANZA = re.compile(r"stanza|strophe|lg|line-?group|couplet|quatrain|tercet", re.I)
DROP_CAP = re.compile(
    r"drop(?:ped)?[-_]?(?:cap|letter|init).*|drop|(?:.*[-_])?initial|lettrine|cap|first-?letter",
    re.I,
)
CAPITAL = re.compile(r"[\"'\u2018\u201c\u00ab(]?[^\W\d_]")
ONE_LETTER_WORDS = "AIO"
# Around a reference to a note, which is silent or read in place.
REFERENCE_BRACKETS = re.compile(r"\[(\s?| \(Note: [^\[\]]*\))\]")
CELL = "\x1f"
FEW_TOKENS = 24  # in which a page number, an initial or an ornament must end

Replacements = Mapping[int, str]  # from the start tags of elements to what is read instead


@dataclass(frozen=True, slots=True)
class XhtmlPage:
    """A page of a book.

    Args:
        text: its text, with a blank line between blocks.
        heading: its first heading on one line; empty if it has none.
    """

    text: str
    heading: str


def read_xhtml(source: str, alt: bool = False) -> XhtmlPage:
    """Read the text of an XHTML or HTML page.

    Args:
        source: the page, which may be ill-formed.
        alt: whether the alternative texts of pictures are read.

    Returns:
        The text, with a blank line between blocks and none between list items, and the heading.

    Raises:
        ValueError: the page ends within a tag, a comment or an element that is not read.

    Example:
        >>> read_xhtml("<h1>One</h1><p>It was <i>late</i>.</p>")
        XhtmlPage(text='One\\n\\nIt was late.', heading='One')
    """
    page = parse_xhtml(source)
    hidden = find_hidden_classes(page.style)
    unread = {index: "" for index, one in enumerate(page.tokens) if is_hidden(one, hidden)}
    return lay_out(page.tokens, unread, alt=alt)


def lay_out(
    tokens: Sequence[Token],
    instead: Replacements,
    start: int = 0,
    stop: int | None = None,
    alt: bool = False,
) -> XhtmlPage:
    """Lay out the text of a range of tokens.

    Args:
        tokens: the tokens of a page.
        instead: what is read instead of elements, by the indices of their start tags.
        start: the index of the first token.
        stop: the index after the last token; None for the end of the page.
        alt: whether the alternative texts of pictures are read.
    """
    layout = _Layout(tokens, alt)
    index, end = start, len(tokens) if stop is None else stop
    while index < end:
        token = tokens[index]
        if index in instead:
            layout.replace(token, instead[index])
            index = token.stop
        else:
            index = layout.read(index)
    return layout.page()


def text_within(tokens: Sequence[Token], index: int) -> str | None:
    """The text of an element of few tokens; None for a longer one."""
    stop = tokens[index].stop
    if stop - index > FEW_TOKENS:
        return None
    return "".join(one.text for one in tokens[index:stop])


@dataclass(slots=True)
class _Block:
    mark: str  # of a list item
    text: str
    heading: bool
    stanza: int  # the start tag around a line of verse; -1 for other blocks


@dataclass
class _Layout:
    """The layout of a page: its finished blocks, and the open block."""

    tokens: Sequence[Token]
    alt: bool
    blocks: list[_Block] = field(default_factory=list)
    heading: str = ""
    pending: list[str] = field(default_factory=list)
    open_tags: set[str] = field(default_factory=set)
    lists: list[Iterator[str]] = field(default_factory=list)
    mark: str = ""
    stanza: int = -1
    link_stop: int = 0  # the end of the innermost link
    link_is_bare: bool = False  # whether it has had no text yet
    has_gaps: bool = False  # whether something is not read in the open block
    initial: str = ""  # a drop cap whose word has not begun yet

    def page(self) -> XhtmlPage:
        """The text of all blocks, without blank lines between items of a list or lines of verse."""
        self._end_block()
        text = [""]
        before = _Block("", "", heading=False, stanza=-1)
        for block in _without_idle_breaks(self.blocks):
            tight = (block.mark and before.mark) or 0 <= block.stanza == before.stanza
            text += ["\n" if tight else "\n\n", block.mark, block.text]
            before = block
        return XhtmlPage("".join(text).strip(), self.heading)

    def read(self, index: int) -> int:
        """Read a token, or an element that is read as a whole; return the index after it."""
        token = self.tokens[index]
        if not token.tag:
            self.write(token.text)
        elif token.tag[0] == "/":
            self._close(token.tag[1:])
        elif token.tag == "sup":
            return self._superscript(index)
        elif self._is_page_number(index):
            return token.stop
        elif self._is_drop_cap(index):
            self._write_initial(text_within(self.tokens, index) or "")
            return token.stop
        elif self._is_scene_break(index):
            self._end_block()
            self.blocks.append(_Block("", SCENE_BREAK, heading=False, stanza=-1))
            return token.stop
        else:
            self._open(index, token)
        return index + 1

    def replace(self, token: Token, text: str) -> None:
        """Read a text instead of an element."""
        if BLOCK.fullmatch(token.tag) and token.tag != "hr":
            self._part(token.tag)
        self.pending.append(text)
        self.has_gaps = True

    def write(self, text: str) -> None:
        self.link_is_bare = self.link_is_bare and not text.strip(" \n\t[]()")
        if self.initial and text:
            text = self._joined(text)
        self.pending.append(text if "pre" in self.open_tags else text.replace("\n", " "))

    def _joined(self, text: str) -> str:
        """The text after a drop cap, without a space that would break the word."""
        bare = text.lstrip()
        whole_word = self.initial[-1] in ONE_LETTER_WORDS
        if bare:
            self.initial = ""
        return text if whole_word or (bare and not bare[0].isalpha()) else bare

    def _open(self, index: int, token: Token) -> None:
        tag, attributes = token.tag, token.attributes
        if BLOCK.fullmatch(tag):
            self._part(tag)
            self.stanza = token.parent if self._is_verse_line(token) else -1
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
            case "a" if "href" in attributes:
                self.link_stop, self.link_is_bare = token.stop, True
            case "img":
                self._picture(index, (attributes.get("alt") or "").strip())
            case "span" if self._is_verse_line(token):
                broken = not "".join(self.pending[-2:]).strip(" ") or self._ends_line()
                self.pending += [] if broken else ["\n"]

    def _ends_line(self) -> bool:
        return "".join(self.pending[-2:]).rstrip(" ").endswith("\n")

    def _close(self, tag: str) -> None:
        if BLOCK.fullmatch(tag):
            self._part(tag)
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag in ("ul", "ol", "li"):
            self.mark = ""
        self.open_tags.discard(tag)

    def _superscript(self, index: int) -> int:
        """Read a superscript, which is a reference to a note if it has, or all is of, a link."""
        stop = self.tokens[index].stop
        within = self.tokens[index:stop]
        if index < self.link_stop and self.link_is_bare:
            return stop
        if not any(one.tag == "a" and "href" in one.attributes for one in within):
            raised = "".join(one.text for one in within)
            self.write(read_superscript("".join(self.pending[-8:])[-60:], raised))
        return stop

    def _picture(self, index: int, alt: str) -> None:
        following = self.tokens[index + 1].text if index + 1 < len(self.tokens) else ""
        if CAPITAL.fullmatch(alt) and alt[-1].isupper() and following[:1].isalpha():
            self._write_initial(alt)
        elif self.alt:
            self.write(alt)

    def _write_initial(self, letter: str) -> None:
        self.write(letter.strip())
        self.initial = letter.strip()

    def _is_drop_cap(self, index: int) -> bool:
        if not any(map(DROP_CAP.fullmatch, self.tokens[index].classes())):
            return False
        text = text_within(self.tokens, index) or ""
        return CAPITAL.fullmatch(text.strip()) is not None and text.strip()[-1].isupper()

    def _is_page_number(self, index: int) -> bool:
        text = text_within(self.tokens, index) if self.tokens[index].attributes else None
        return text is not None and is_page_number(self.tokens[index], text)

    def _is_scene_break(self, index: int) -> bool:
        token = self.tokens[index]
        if token.tag == "hr":
            return "tr" not in self.open_tags
        if not any(map(SCENE_CLASS.fullmatch, token.classes())):
            return False
        text = text_within(self.tokens, index)
        return text is not None and not any(map(str.isalnum, text))

    def _is_verse_line(self, token: Token) -> bool:
        if any(map(VERSE_LINE.fullmatch, token.classes())):
            return True
        around = self.tokens[token.parent] if token.parent >= 0 else token
        return token.tag in ("p", "div") and any(map(STANZA.fullmatch, around.classes()))

    def _part(self, tag: str) -> None:
        """Begin a new block; within a table row, only a space; after a drop cap, nothing."""
        if "tr" in self.open_tags and tag not in ("tr", "table"):
            self.pending.append(" ")
        elif not self.initial:
            self._end_block()

    def _end_block(self) -> None:
        written = "".join(self.pending)
        text = _tidy(REFERENCE_BRACKETS.sub(r"\1", written) if self.has_gaps else written)
        heading = any(map(HEADING.fullmatch, self.open_tags))
        if text:
            stanza = -1 if "\n" in text else self.stanza
            self.blocks.append(_Block(self.mark, text, heading, stanza))
            self.mark = ""
        if heading:
            self.heading = self.heading or " ".join(text.split())
        self.pending.clear()
        self.initial, self.stanza, self.has_gaps = "", -1, False
        self.open_tags.discard("tr")


def _without_idle_breaks(blocks: Sequence[_Block]) -> Iterator[_Block]:
    """The blocks without rules that divide no scenes: at the ends, beside headings, repeated."""
    before: _Block | None = None
    for block, after in zip_longest(blocks, blocks[1:]):
        if block.text == SCENE_BREAK:
            if before is None or before.heading or before.text == SCENE_BREAK:
                continue
            if after is None or after.heading:
                continue
        before = block
        yield block


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

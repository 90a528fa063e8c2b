"""Notes of a book: their bodies and the references to them, in the three forms that books use.

A note is typed (`epub:type` or an ARIA role), or stands in a section of notes, or is a plain block
that a short link leads to and that links back.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tts.text.files.epub.package import resolve
from tts.text.files.epub.xhtml import HEADING, lay_out, text_within
from tts.text.files.epub.xhtml_tokens import BLOCK, Token

NOTE_TYPE = re.compile(r"\b(?:footnote|endnote|rearnote|note)\b")
NOTES_TYPE = re.compile(r"\b(?:footnotes|endnotes|rearnotes)\b")
NOTE_CLASS = re.compile(r"(?:foot|end|rear)[-_]?note(?:[-_]?(?:text|body|entry))?", re.IGNORECASE)
REFERENCE_TYPE, BACK_TYPE = re.compile(r"\bnoteref\b"), re.compile(r"\bbacklink\b")
MARK = re.compile(
    r"[\[({]?(?:(?:fn|note|n)\.? ?)?"
    r"(?:\d{1,4}|[*\u2020\u2021\u00a7\u00b6#]{1,4}|[a-z]|[ivxlc]{1,7})[\])}]?\.?",
    re.IGNORECASE,
)
BACK_MARK = re.compile(r"\W*(?:back|return|\^|top)?\W*", re.IGNORECASE)
NOTES_TITLE = re.compile(r"\W*(?:(?:foot|end)?notes?|references)\W*", re.IGNORECASE)
LEFT_BEFORE = re.compile(r"\A[.:)\]]\s+")  # what stood between a link back and the note
WRAPPERS = re.compile("div|aside|li|tr|dd|blockquote")
MAX_CLIMB = 6  # elements around a target that may be its note, or typed as one
LOOK_BACK = 40  # tokens before a link in which the text of its block is looked for

Spot = tuple[str, int]  # a page and the index of a start tag in it


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of a book: its tokens, the place of each id, and the elements that are not shown.

    Its title is that of its `title` element.
    """

    place: str
    tokens: list[Token]
    ids: Mapping[str, int]
    hidden: Mapping[int, str]
    title: str = ""

    def around(self, index: int) -> Iterator[int]:
        """A start tag and those around it, from the inside; at most six."""
        for _ in range(MAX_CLIMB):
            if index < 0:
                return
            yield index
            index = self.tokens[index].parent


@dataclass(slots=True)
class Notes:
    """The notes of a book, for each page by the indices of start tags.

    Args:
        references: the references, each with the place of its note.
        bodies: the elements that hold notes, and their headings.
        backs: the links from notes to their references.
        marks: the marks of notes, as their first references have them.
    """

    references: dict[str, dict[int, Spot]] = field(default_factory=dict)
    bodies: dict[str, dict[int, str]] = field(default_factory=dict)
    backs: dict[str, dict[int, str]] = field(default_factory=dict)
    marks: dict[Spot, str] = field(default_factory=dict)

    def shown(self, page: BookPage) -> dict[int, str]:
        """What is not read of a page of notes: what is not shown, and links."""
        references = dict.fromkeys(self.references.get(page.place, {}), "")
        return {**page.hidden, **references, **self.backs.get(page.place, {})}

    def silent(self, page: BookPage) -> dict[int, str]:
        """What is not read of a page where notes are silent."""
        return {**self.shown(page), **self.bodies.get(page.place, {})}


def find_notes(pages: Mapping[str, BookPage]) -> Notes:
    """Find the notes of a book.

    Args:
        pages: its pages in reading order, and then those that only links lead to.
    """
    return _Finder(pages).find()


def read_notes(pages: Mapping[str, BookPage], notes: Notes) -> dict[str, dict[int, str]]:
    """What is read at references: each note in brackets, at the first reference to it.

    Args:
        pages: the pages of the book.
        notes: its notes.

    Returns:
        For each page, texts by the indices of the references.
    """
    said: dict[str, dict[int, str]] = {}
    known: set[Spot] = set()
    shown = {place: notes.shown(page) for place, page in pages.items()}
    for place, references in notes.references.items():
        for index, spot in references.items():
            first = spot not in known
            known.add(spot)
            text = _text(pages[spot[0]], spot, shown[spot[0]], notes.marks[spot]) if first else ""
            said.setdefault(place, {})[index] = f" (Note: {text})" if text else ""
    return said


def _text(page: BookPage, spot: Spot, shown: Mapping[int, str], mark: str) -> str:
    """The text of a note on one line, without its mark."""
    start, stop = spot[1], page.tokens[spot[1]].stop
    text = " ".join(lay_out(page.tokens, shown, start + 1, stop).text.split())
    return LEFT_BEFORE.sub("", re.sub(_label(mark), "", text))


def _label(mark: str) -> str:
    bare = mark.strip("[](){}. ")
    return rf"\A[\[({{]?{re.escape(bare)}[\])}}]?(?:[.:]|(?=\s))\s*" if bare else r"\A\s+"


@dataclass(slots=True)
class _Finder:
    """The search for the notes of a book."""

    pages: Mapping[str, BookPage]
    notes: Notes = field(default_factory=Notes)
    targets: dict[str, list[int]] = field(default_factory=dict)  # of all links, in order
    links: dict[Spot, set[Spot]] = field(default_factory=dict)  # from bodies, once they are known

    def find(self) -> Notes:
        found = {place: list(self._links_of(page)) for place, page in self.pages.items()}
        linked: dict[str, set[int]] = {}
        for place, target in (target for links in found.values() for _, target in links):
            linked.setdefault(place, set()).add(target)
        self.targets = {place: sorted(places) for place, places in linked.items()}
        for page in self.pages.values():
            self._find_typed(page)
        for place, links in found.items():
            for index, spot in links:
                self._read_link(self.pages[place], index, spot)
        for page in self.pages.values():
            self._find_headings(page)
        return self.notes

    def _links_of(self, page: BookPage) -> Iterator[tuple[int, Spot]]:
        """The links of a page to elements of the book that have ids."""
        for index, token in enumerate(page.tokens):
            href = (token.attributes.get("href") or "") if token.tag == "a" else ""
            path, _, fragment = href.partition("#")
            if fragment and ":" not in path:
                place = resolve(page.place, path)
                if place in self.pages and fragment in self.pages[place].ids:
                    yield index, (place, self.pages[place].ids[fragment])

    def _find_typed(self, page: BookPage) -> None:
        """Notes and sections of notes by their types, with a reference or without one."""
        bodies = self.notes.bodies.setdefault(page.place, {})
        for index, token in enumerate(page.tokens):
            kinds = token.names() if token.attributes else ""
            typed = NOTE_TYPE.search(kinds) and kinds.strip() != "note"
            if (typed and BLOCK.fullmatch(token.tag)) or NOTES_TYPE.search(kinds):
                bodies[index] = ""

    def _read_link(self, page: BookPage, index: int, target: Spot) -> None:
        token, text = page.tokens[index], (text_within(page.tokens, index) or "").strip()
        if BACK_TYPE.search(token.names()) or self._is_in_note(page, index):
            if MARK.fullmatch(text) or BACK_MARK.fullmatch(text):
                self.notes.backs.setdefault(page.place, {})[index] = ""
            return
        typed = REFERENCE_TYPE.search(token.names()) is not None
        if not typed and not MARK.fullmatch(text):
            return
        body = self._body(page, index, target, text, typed)
        if body is None:
            return
        raised = token.parent >= 0 and page.tokens[token.parent].tag == "sup"
        self.notes.references.setdefault(page.place, {})[token.parent if raised else index] = body
        self.notes.bodies.setdefault(body[0], {})[body[1]] = ""
        self.notes.marks.setdefault(body, text)

    def _is_in_note(self, page: BookPage, index: int) -> bool:
        bodies = self.notes.bodies.get(page.place, {})
        return any(one in bodies for one in page.around(index))

    def _body(
        self, page: BookPage, index: int, target: Spot, mark: str, typed: bool
    ) -> Spot | None:
        """The note that a link refers to; None if it refers to something else."""
        there = self.pages[target[0]]
        start = self._typed_body(there, target[1])
        known = start is not None
        start = self._plain_body(there, target[1]) if start is None else start
        if start is None or (there is page and start <= index < there.tokens[start].stop):
            return None
        body = (target[0], start)
        if typed:
            return body
        raised = page.tokens[page.tokens[index].parent].tag == "sup" or any(
            one.tag == "sup" for one in page.tokens[index : page.tokens[index].stop][:8]
        )
        if not raised and not _has_text_before(page, index):
            return None
        if known or self._links_back(page, index, body):
            return body if known or not self._is_mark(there, start) else None
        opening = "".join(one.text for one in islice(there.tokens, start, start + LOOK_BACK))
        marked = re.match(_label(mark), opening.lstrip()) if mark.strip("[](). ") else None
        return body if marked and (raised or mark[0] in "[(") else None

    def _typed_body(self, page: BookPage, target: int) -> int | None:
        """The element around a target that is typed as a note, or its block in typed notes."""
        for index in page.around(target):
            token = page.tokens[index]
            classed = any(map(NOTE_CLASS.fullmatch, token.classes()))
            if NOTES_TYPE.search(token.names()):
                return self._plain_body(page, target)
            if NOTE_TYPE.search(token.names()) or (classed and BLOCK.fullmatch(token.tag)):
                return index if self._targets_within(page, index) < 2 else None
        return None

    def _plain_body(self, page: BookPage, target: int) -> int | None:
        """The block of a target, or what is around it if it begins with it and is one note."""
        after = page.tokens[target].stop
        if page.tokens[target].tag == "a" and after <= target + 2:  # an empty one, before the note
            near = range(after, min(after + 2, len(page.tokens)))
            blank = (one for one in near if page.tokens[one].tag or page.tokens[one].text.strip())
            following = next(blank, target)
            target = following if BLOCK.fullmatch(page.tokens[following].tag) else target
        blocks = (one for one in page.around(target) if BLOCK.fullmatch(page.tokens[one].tag))
        block = next(blocks, None)
        if block is None or HEADING.fullmatch(page.tokens[block].tag):
            return None
        for index in page.around(page.tokens[block].parent):
            begins = not "".join(one.text for one in page.tokens[index:block][:8]).strip()
            wraps = WRAPPERS.fullmatch(page.tokens[index].tag) and block - index < 8
            if not wraps or not begins or self._targets_within(page, index) > 1:
                break
            block = index
        return block

    def _is_mark(self, page: BookPage, index: int) -> bool:
        """Whether an element has no more text than a mark, such as the number of a chapter."""
        text = text_within(page.tokens, index)
        return text is not None and MARK.fullmatch(text.strip()) is not None

    def _targets_within(self, page: BookPage, index: int) -> int:
        targets = self.targets.get(page.place, [])
        return bisect_left(targets, page.tokens[index].stop) - bisect_left(targets, index)

    def _links_back(self, page: BookPage, index: int, body: Spot) -> bool:
        """Whether a plain note has no heading, and a link into the block of the reference."""
        there = self.pages[body[0]]
        if body not in self.links:
            within = range(body[1], there.tokens[body[1]].stop)
            headed = any(HEADING.fullmatch(there.tokens[one].tag) for one in within)
            self.links[body] = set() if headed else self._targets_of(there, within)
        blocks = (one for one in page.around(index) if BLOCK.fullmatch(page.tokens[one].tag))
        start = next(blocks, index)
        stop = max(page.tokens[start].stop, index + 1)
        return any(place == page.place and start <= one < stop for place, one in self.links[body])

    def _targets_of(self, page: BookPage, within: range) -> set[Spot]:
        found = set()
        for index in within:
            token = page.tokens[index]
            path, _, fragment = (token.attributes.get("href") or "").partition("#")
            place = resolve(page.place, path) if fragment and token.tag == "a" else ""
            if place in self.pages and fragment in self.pages[place].ids:
                found.add((place, self.pages[place].ids[fragment]))
        return found

    def _find_headings(self, page: BookPage) -> None:
        """Add the headings such as `Notes` that stand before the notes of a page."""
        bodies = self.notes.bodies.get(page.place, {})
        for index in sorted(bodies):
            for before in range(index - 1, max(-1, index - 12), -1):
                token = page.tokens[before]
                if HEADING.fullmatch(token.tag.removeprefix("/")):
                    start = before if token.tag[0] != "/" else _start_of(page, before)
                    if NOTES_TITLE.fullmatch(text_within(page.tokens, start) or "-"):
                        bodies[start] = ""
                    break
                if token.text.strip():
                    break


def _start_of(page: BookPage, end: int) -> int:
    """The start tag of a heading of few tokens that ends at an end tag."""
    name = page.tokens[end].tag[1:]
    near = range(end - 1, max(-1, end - 12), -1)
    return next((one for one in near if page.tokens[one].tag == name), end)


def _has_text_before(page: BookPage, index: int) -> bool:
    for before in range(index - 1, max(-1, index - LOOK_BACK), -1):
        token = page.tokens[before]
        if token.text.strip(" \n\t[("):
            return True
        if BLOCK.fullmatch(token.tag.removeprefix("/")):
            return False
    return False

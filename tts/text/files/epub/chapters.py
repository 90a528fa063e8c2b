"""The chapters of a page of an EPUB: where each begins, and which are not read by default."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tts.text.files.epub.contents import Entry
from tts.text.files.epub.names import name_of_types
from tts.text.files.epub.notes import BookPage
from tts.text.files.markdown import CHAPTER_LINE
from tts.text.files.matter import matter_of_text, matter_of_title, matter_of_types

NUMERAL = re.compile(r"(?:\d{1,3}|[IVXLC]{1,8})(?:[.:\u2013\u2014 -].*)?")
PART_TITLE = re.compile(r"(?:the )?(?:\w+ )?(?:part|book|volume|act)\b", re.IGNORECASE)
FEW_TOKENS = 30  # at the start of a part, in which the elements around it begin
MIN_LINKS, LINKED_SHARE = 3, 0.7  # of a page of contents, chosen by hand
MAX_TITLE_CHARACTERS = 100
MAX_OPENING_CHARACTERS = 12_000  # a longer text is no cover, title page or copyright page
OPENINGS = ("cover", "title page", "copyright page")
MAX_REPEATS = 3  # of a title that are dropped
MAX_TITLE_PAGE_CHARACTERS = 400
WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Section:
    """A range of the tokens of a page, with its title in the contents; empty if it has none."""

    start: int
    stop: int
    title: str


def split_page(page: BookPage, entries: Sequence[Entry]) -> list[Section]:
    """Split a page where the table of contents says that chapters begin.

    Args:
        page: the page.
        entries: the entries of the contents for it.

    Returns:
        Its sections in order. Sections of a chapter that has an entry of its own are not chapters,
        unless their titles are those of chapters.
    """
    whole = next((one for one in entries if one.fragment not in page.ids), None)
    cuts: dict[int, str] = {0: whole.title if whole else ""}
    for entry in entries:
        if entry.fragment in page.ids and (whole is None or _is_chapter(entry, whole)):
            cuts.setdefault(_first_token(page, page.ids[entry.fragment]), entry.title)
    first_titled = min((cut for cut, title in cuts.items() if title), default=0)
    if not cuts[0] and not _has_text(page, 0, first_titled):
        cuts[0] = cuts.pop(first_titled)
    starts = sorted(cuts)
    stops = [*starts[1:], len(page.tokens)]
    return [Section(start, stop, cuts[start]) for start, stop in zip(starts, stops, strict=True)]


def find_matter(
    page: BookPage, section: Section, kinds: Mapping[str, str], titles: Sequence[str], text: str
) -> str:
    """Which of `tts.text.files.book.MATTERS` a section is; empty for what is read.

    Args:
        page: its page.
        section: the section.
        kinds: what the landmarks and the guide say of fragments of the page.
        titles: its title in the contents, and its heading.
        text: its text.
    """
    found = matter_of_types(" ".join(_kinds(page, section, kinds)))
    named = map(matter_of_title, (*titles, text.partition("\n")[0]))
    found = found or next(filter(None, named), "") or matter_of_text(text)
    if found in OPENINGS and len(text) > MAX_OPENING_CHARACTERS:
        return ""
    return found or ("table of contents" if _is_contents(page, section, text) else "")


def name_section(page: BookPage, section: Section, kinds: Mapping[str, str]) -> str:
    """The name of a section by its types, such as `Dedication`; empty if they give none."""
    return name_of_types(" ".join(_kinds(page, section, kinds)))


def is_text_called_notes(page: BookPage, section: Section, kinds: Mapping[str, str]) -> bool:
    """Whether a section is of notes by its title alone.

    Args:
        page: its page.
        section: the section.
        kinds: what the landmarks and the guide say of fragments of the page.
    """
    return not matter_of_types(" ".join(_kinds(page, section, kinds)))


def drop_doubled_title(text: str, titles: Sequence[str]) -> str:
    """Drop the first block of a chapter if the next one, or the next two, say the same title.

    Args:
        text: the text of the chapter.
        titles: its title in the contents, and its heading.
    """
    known = {_folded(title) for title in titles if title}
    blocks = text.split("\n\n", 3)
    for _ in range(MAX_REPEATS):
        if len(blocks) < 2 or len(blocks[0]) > MAX_TITLE_CHARACTERS:
            break
        first, second = _folded(blocks[0]), _folded(blocks[1])
        both = second + _folded(blocks[2]) if len(blocks) > 2 else second
        if first not in (second, both) or not ({first, second} & known):
            break
        blocks = "\n\n".join(blocks[1:]).split("\n\n", 3)
    return "\n\n".join(blocks)


def is_title_page(text: str, title: str, author: str) -> bool:
    """Whether a text is no more than the title of the book, or begins with it and names its author.

    Args:
        text: the text of a section that the contents do not name.
        title: the title of the book.
        author: its authors, separated by commas.
    """
    words, name = _folded(text[:MAX_TITLE_PAGE_CHARACTERS]), _folded(title)
    if not name or len(text) > MAX_TITLE_PAGE_CHARACTERS or words[: len(name)] != name:
        return False
    named = _folded(author.partition(",")[0])
    return len(words) == len(name) or (bool(named) and set(named) <= set(words[len(name) :]))


def is_repeated(text: str, following: str) -> bool:
    """Whether a text is only the title with which the following text begins."""
    short = len(text) <= MAX_TITLE_CHARACTERS
    return short and _folded(text) == _folded(following.partition("\n\n")[0])


def _folded(text: str) -> tuple[str, ...]:
    return tuple(WORDS.findall(text.casefold()))


def _is_chapter(entry: Entry, whole: Entry) -> bool:
    numbered = CHAPTER_LINE.fullmatch(entry.title) or NUMERAL.fullmatch(entry.title)
    return entry.depth <= whole.depth or bool(numbered or PART_TITLE.match(whole.title))


def _first_token(page: BookPage, index: int) -> int:
    """The start of the outermost element that begins with an element, but for the page's own."""
    for parent in page.around(page.tokens[index].parent):
        tag = page.tokens[parent].tag
        far = index - parent > FEW_TOKENS
        if far or tag in ("body", "html") or _has_text(page, parent, index):
            break
        index = parent
    return index


def _has_text(page: BookPage, start: int, stop: int) -> bool:
    return any(one.text.strip() for one in page.tokens[start:stop])


def _kinds(page: BookPage, section: Section, kinds: Mapping[str, str]) -> Iterator[str]:
    """The types of the section: by landmarks, the guide, and the elements that are all of it."""
    for fragment, kind in kinds.items():
        place = page.ids.get(fragment, 0)
        if section.start <= place < section.stop and not _has_text(page, section.start, place):
            yield kind
    for index in page.around(page.tokens[section.start].parent if section.start else -1):
        if page.tokens[index].tag not in ("html", "body"):
            yield page.tokens[index].names()
    for index in range(section.start, min(section.start + FEW_TOKENS, section.stop)):
        token = page.tokens[index]
        if token.text.strip():
            return
        if token.stop >= section.stop - 8 and not _has_text(page, token.stop, section.stop):
            yield token.names()


def _is_contents(page: BookPage, section: Section, text: str) -> bool:
    """Whether most of a text is links to other places of the book."""
    links = length = stop = 0
    for index in range(section.start, section.stop):
        token = page.tokens[index]
        href = token.attributes.get("href") or ""
        if token.tag == "a" and ":" not in href and href and index >= stop:
            links, stop = links + 1, token.stop
        length += len(token.text.strip()) if index < stop else 0
    return links >= MIN_LINKS and length >= LINKED_SHARE * len(text)

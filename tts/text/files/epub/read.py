"""The reader of EPUB 2 and EPUB 3 books: their chapters as text, in reading order."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tts.text.files.book import DEFAULT_BOOK_OPTIONS, Book, BookOptions, Chapter
from tts.text.files.epub.archive import Archive
from tts.text.files.epub.chapters import (
    Section,
    drop_doubled_title,
    find_matter,
    is_repeated,
    is_text_called_notes,
    is_title_page,
    split_page,
)
from tts.text.files.epub.contents import Entry, read_contents
from tts.text.files.epub.notes import BookPage, Notes, find_notes, read_notes
from tts.text.files.epub.package import (
    Metadata,
    Package,
    read_cover,
    read_package,
    refuse_locks,
    resolve,
)
from tts.text.files.epub.style_rules import HiddenClasses, find_hidden_classes, is_hidden
from tts.text.files.epub.xhtml import lay_out
from tts.text.files.epub.xhtml_tokens import MAX_TOKENS, ParsedPage, parse_xhtml
from tts.text.files.matter import is_prose
from tts.text.files.plain import decode_utf8

MAX_LEADING_CHARACTERS = 200  # before the first chapter of a page; a longer text stands alone


def read_epub(data: bytes, options: BookOptions = DEFAULT_BOOK_OPTIONS) -> Book:
    """Read an EPUB book.

    Args:
        data: the bytes of the file.
        options: what of the book is read.

    Returns:
        The book. Its chapters are the pages that have text, split where the table of contents says
        that chapters begin; those that are not read by default have a `matter`.

    Raises:
        ValueError: it is not an EPUB, is damaged, incomplete, encrypted or too large, or has no
            text.
    """
    archive = Archive(data)
    package = read_package(archive)
    refuse_locks(archive, package)
    contents, landmarks = read_contents(archive, package.contents)
    pages = _pages(archive, package)
    notes = find_notes(pages)
    said = read_notes(pages, notes) if options.notes == "inline" else {}
    told = package.metadata
    reader = _Reader(told, contents, _kinds(package, landmarks), notes, said, options.alt)
    chapters: list[Chapter] = []
    number = 0
    for place in package.pages:
        number += place != package.contents
        for chapter, continues in reader.chapters(pages[place], str(number)):
            if continues and chapters and not chapters[-1].matter:
                text = f"{chapters[-1].text}\n\n{chapter.text}"
                chapters[-1] = replace(chapters[-1], text=text)
                continue
            if (
                chapters
                and not chapters[-1].matter
                and is_repeated(chapters[-1].text, chapter.text)
            ):
                chapters.pop()
            chapters.append(chapter)
    if not any(chapter.matter != "table of contents" for chapter in chapters):
        raise ValueError("the EPUB has no text; its pages may be images")
    return Book(
        chapters=tuple(chapters),
        title=told.title,
        author=told.author,
        language=told.language,
        date=told.date,
        cover=read_cover(archive, package),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is known of a book when its pages are read."""

    metadata: Metadata
    contents: Sequence[Entry]
    kinds: Mapping[str, Mapping[str, str]]
    notes: Notes
    said: Mapping[str, Mapping[int, str]]
    alt: bool

    def chapters(self, page: BookPage, number: str) -> Iterator[tuple[Chapter, bool]]:
        """The chapters of a page, and whether each goes on with the one before it."""
        instead = {**self.notes.silent(page), **self.said.get(page.place, {})}
        sections = split_page(page, [one for one in self.contents if one.place == page.place])
        leading = ""
        for section in sections:
            laid = lay_out(page.tokens, instead, section.start, section.stop, self.alt)
            text, titles = laid.text, (section.title, laid.heading)
            kinds = self.kinds.get(page.place, {})
            matter = find_matter(page, section, kinds, titles, text)
            if matter == "notes" and not self._has_notes(page, section) and is_prose(text):
                matter = "" if is_text_called_notes(page, section, kinds) else matter
            if (
                not matter
                and not section.title
                and is_title_page(text, self.metadata.title, self.metadata.author)
            ):
                matter = "title page"
            if not text or matter == "notes":
                text, matter = self._notes_of(page, section) or text, "notes"
            elif section is not sections[-1] and not section.title and not matter:
                if len(text) <= MAX_LEADING_CHARACTERS:
                    leading = f"{text}\n\n"
                    continue
                yield Chapter(laid.heading or number, text), not laid.heading
                continue
            if text:
                text = drop_doubled_title(leading + text, titles)
                title = section.title or laid.heading or (matter.capitalize() if matter else number)
                yield Chapter(title, text, matter), False
            leading = ""

    def _notes_of(self, page: BookPage, section: Section) -> str:
        """The text of a section that has nothing but notes; empty if it has none."""
        if not self._has_notes(page, section):
            return ""
        shown = self.notes.shown(page)
        return lay_out(page.tokens, shown, section.start, section.stop, self.alt).text

    def _has_notes(self, page: BookPage, section: Section) -> bool:
        bodies = self.notes.bodies[page.place]
        return any(section.start <= one < section.stop for one in bodies)


def _kinds(package: Package, landmarks: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """What the guide and the landmarks say of the fragments of pages."""
    kinds: dict[str, dict[str, str]] = {package.contents: {"": "toc"}}
    for (place, fragment), kind in package.guide.items():
        kinds.setdefault(place, {}).setdefault(fragment, kind)
    for entry in landmarks:
        kinds.setdefault(entry.place, {}).setdefault(entry.fragment, entry.kind)
    return kinds


def _pages(archive: Archive, package: Package) -> dict[str, BookPage]:
    """The pages in reading order, and then those that only links lead to."""
    sheets: dict[str, HiddenClasses] = {}
    pages: dict[str, BookPage] = {}
    count = 0
    for place in dict.fromkeys((*package.pages, *filter(archive.__contains__, package.apart))):
        pages[place] = _page(archive, place, sheets)
        count += len(pages[place].tokens)
        if count > MAX_TOKENS:
            raise ValueError(f"the EPUB must have at most {MAX_TOKENS} tags and texts; split it")
    return pages


def _page(archive: Archive, place: str, sheets: dict[str, HiddenClasses]) -> BookPage:
    data = archive.read(place)
    try:
        parsed = parse_xhtml(_decode(data, "the page"))
    except ValueError as error:
        raise ValueError(f"in {place}: {error}") from error
    hidden = _hidden_classes(archive, place, parsed, sheets)
    tokens = parsed.tokens
    ids: dict[str, int] = {}
    for index, token in enumerate(tokens):
        for name in ("id", "name") if token.tag == "a" else ("id",):
            ids.setdefault(token.attributes.get(name) or "", index)
    ids.pop("", None)
    unread = {index: "" for index, one in enumerate(tokens) if is_hidden(one, hidden)}
    return BookPage(place, tokens, ids, unread)


def _hidden_classes(
    archive: Archive, place: str, parsed: ParsedPage, sheets: dict[str, HiddenClasses]
) -> HiddenClasses:
    """The classes that the style sheets of a page hide; each sheet is read once."""
    hidden = set(find_hidden_classes(parsed.style))
    for href in parsed.sheets:
        sheet = resolve(place, href)
        if sheet in archive and sheet not in sheets:
            sheets[sheet] = find_hidden_classes(archive.read(sheet).decode("utf-8", "replace"))
        hidden |= sheets.get(sheet, set())
    return hidden


def _decode(data: bytes, source: str) -> str:
    wide = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return data.decode("utf-16") if wide else decode_utf8(data, source)

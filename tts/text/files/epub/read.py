"""The reader of EPUB 2 and EPUB 3 books: their chapters as text, in reading order."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    name_section,
    split_page,
)
from tts.text.files.epub.contents import Entry, read_contents
from tts.text.files.epub.names import name_pages
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
from tts.text.files.plain import decode_named, decode_utf8

DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
MAX_LEADING_CHARACTERS = 200  # before the first chapter of a page; a longer text stands alone


def read_epub(data: bytes, options: BookOptions = DEFAULT_BOOK_OPTIONS) -> Book:
    """Read an EPUB book.

    Args:
        data: the bytes of the file.
        options: what of the book is read.

    Returns:
        The book. Its chapters are the pages that have text, split where the table of contents says
        that chapters begin; those that are not read by default have a `matter`. There are the same
        chapters whatever the options are; one of nothing but pictures may have no text.

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
    names = name_pages(pages.values(), told.title, told.author)
    reader = _Reader(told, contents, _kinds(package, landmarks), notes, said, names, options.alt)
    parts = _joined(part for place in package.pages for part in reader.parts(pages[place]))
    chapters = tuple(
        replace(part.chapter, title=part.chapter.title or f"Untitled part {number}")
        for number, part in enumerate(parts, 1)
    )
    if not any(one.text and one.matter != "table of contents" for one in chapters):
        raise ValueError("the EPUB has no text; its pages may be images")
    return Book(
        chapters=chapters,
        title=told.title,
        author=told.author,
        language=told.language,
        date=told.date,
        cover=read_cover(archive, package),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A chapter, what it has without notes and pictures, and whether it goes on with the last."""

    chapter: Chapter
    plain: str
    continues: bool = False


def _joined(parts: Iterable[_Part]) -> list[_Part]:
    """The parts, with those joined that go on, and without titles that the next one repeats."""
    joined: list[_Part] = []
    for part in parts:
        last = len(joined) - 1
        while last >= 0 and not joined[last].plain:  # of nothing but pictures
            last -= 1
        follows = last >= 0 and not joined[last].chapter.matter
        if follows and part.continues:
            texts = [one.chapter.text for one in (*joined[last:], part) if one.chapter.text]
            chapter = replace(joined[last].chapter, text="\n\n".join(texts))
            joined[last:] = [_Part(chapter, f"{joined[last].plain}\n\n{part.plain}")]
            continue
        if follows and part.plain and is_repeated(joined[last].plain, part.plain):
            del joined[last]
        joined.append(part)
    return joined


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is known of a book when its pages are read."""

    metadata: Metadata
    contents: Sequence[Entry]
    kinds: Mapping[str, Mapping[str, str]]
    notes: Notes
    said: Mapping[str, Mapping[int, str]]
    names: Mapping[str, str]
    alt: bool

    def parts(self, page: BookPage) -> Iterator[_Part]:
        """The parts of a page; which ones there are does not depend on notes and pictures."""
        sections = split_page(page, [one for one in self.contents if one.place == page.place])
        kinds, silent = self.kinds.get(page.place, {}), self.notes.silent(page)
        leading = leading_plain = ""
        for section in sections:
            laid = lay_out(page.tokens, silent, section.start, section.stop)
            plain, titles = laid.text, (section.title, laid.heading)
            matter = find_matter(page, section, kinds, titles, plain)
            if matter == "notes" and not self._has_notes(page, section) and is_prose(plain):
                matter = "" if is_text_called_notes(page, section, kinds) else matter
            text = self._text(page, section, silent, plain)
            if (
                not matter
                and not section.title
                and is_title_page(plain, self.metadata.title, self.metadata.author)
            ):
                matter = "title page"
            if not plain or matter == "notes":
                noted = self._notes_of(page, section)
                if noted:
                    plain, text, matter = noted, noted, "notes"
                elif not plain:
                    laid = lay_out(page.tokens, silent, section.start, section.stop, alt=True)
                    titles = (section.title, laid.heading)
                    matter = find_matter(page, section, kinds, titles, laid.text)
                    matter = matter or ("" if self.alt or leading else "picture")
            elif section is not sections[-1] and not section.title and not matter:
                if len(plain) <= MAX_LEADING_CHARACTERS:
                    leading, leading_plain = f"{text}\n\n", f"{plain}\n\n"
                    continue
                name = laid.heading or self._name(page, section)
                yield _Part(Chapter(name, text), plain, continues=not laid.heading)
                continue
            if plain or laid.text:
                text = drop_doubled_title(leading + text, titles)
                plain = drop_doubled_title(leading_plain + plain, titles)
                kind = "" if matter == "picture" else matter.capitalize()
                title = titles[0] or titles[1] or kind or self._name(page, section)
                yield _Part(Chapter(title, text, matter), plain)
            leading = leading_plain = ""

    def _text(self, page: BookPage, section: Section, silent: Mapping[int, str], plain: str) -> str:
        """What is read of a section, with notes and pictures if they are wanted."""
        said = self.said.get(page.place, {})
        if not said and not self.alt:
            return plain
        shown = {**silent, **said}
        return lay_out(page.tokens, shown, section.start, section.stop, self.alt).text

    def _name(self, page: BookPage, section: Section) -> str:
        """The name of a part without a title, by its page or by its types; empty if unknown."""
        name = "" if section.start else self.names.get(page.place, "")
        return name or name_section(page, section, self.kinds.get(page.place, {}))

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
    return BookPage(place, tokens, ids, unread, parsed.title)


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
    if wide:
        return data.decode("utf-16")
    named = DECLARED_ENCODING.match(data)
    text = decode_named(data, named[1].decode()) if named else None
    return decode_utf8(data, source) if text is None else text

"""A file of any format is a book, by its suffix."""

import sys
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from tests.tts.text.files.documents import docx, pdf, printed
from tts.text.files.book import BookOptions
from tts.text.files.read_book import BOOK_SUFFIXES, read_book

SILENT, INLINE = BookOptions(), BookOptions(notes="inline", alt=True)
CHAPTERS = [
    ("One", "One\n\nIt was late, dark\u2014and cold. She left."),
    ("Two", "Two\n\nThe end."),
]
MARKDOWN = """---
title: "A Tale"
author: Ann Lee
---
# One

It was *late*,[^1] dark\u2014and cold. [She](http://a.example) left.

[^1]: Very
    late.

Two
===

The **end**.
"""
HTML = """<!doctype html><html lang=en><head><meta charset=utf-8><title>A Tale</title>
<meta name=author content="Ann Lee"></head><body><nav><a href=/>Home</a></nav><main>
<h1>One</h1><p>It was <i>late</i>,<sup><a id=r1 href="#n1">1</a></sup> dark\u2014and cold.
<a href="http://a.example">She</a> left.<span hidden>Not this.</span></p>
<h2>Two</h2><p>The end.</p>
<hr><ol><li id=n1>Very late. <a href="#r1">back</a></li></ol></main>
<footer>All rights reserved.</footer></body></html>"""
RTF = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}
{\stylesheet{\s1\outlinelevel0 heading 1;}}
{\info{\title A Tale}{\author Ann Lee}}{\header A Tale\par}
\pard\s1\outlinelevel0 One\par
\pard\plain It was {\i late},{\super\chftn}{\footnote {\super\chftn} Very \b late\b0.}
 dark\emdash and \'63old.
 {\field{\*\fldinst{HYPERLINK "http://a.example"}}{\fldrslt{She}}} left.\par
\pard\s1\outlinelevel0 Two\par\pard\plain The end.\par}"""
DOCX = docx(
    [
        ("heading 1", "One"),
        ("", "It was late,^ dark\u2014and cold. She left."),
        ("toc 1", "One 1"),
        ("heading 2", "Two"),
        ("", "The end."),
    ],
    notes=["Very late."],
    title="A Tale",
    author="Ann Lee",
)
FILES = {"a.md": MARKDOWN, "a.HTML": HTML, "a.htm": HTML, "a.rtf": RTF, "a.docx": DOCX}


@pytest.fixture
def read(tmp_path):
    def read(name, content, options=SILENT):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_book(path, options)

    return read


def test_a_docx_is_titled_by_its_paragraph_in_the_style_of_a_title(read):
    lines = [("Title", "A Long Tale"), ("heading 1", "One"), ("", "It was."), ("heading 1", "Two")]
    assert read("a.docx", docx([*lines, ("", "It is.")])).title == "A Long Tale"


def chapters(book):
    return [(chapter.title, chapter.text) for chapter in book.chapters]


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_book(name, read):
    book = read(name, FILES[name])
    assert (book.title, book.author) == ("A Tale", "Ann Lee")
    assert chapters(book) == CHAPTERS


@pytest.mark.parametrize("name", FILES)
def test_notes_are_read_in_place_if_asked_for(name, read):
    first = chapters(read(name, FILES[name], INLINE))[0][1]
    assert first == "One\n\nIt was late, (Very late.) dark\u2014and cold. She left."


def test_alternative_texts_are_read_if_asked_for(read):
    page = '<h1>One</h1><p>Look: <img src="a.png" alt="a cat"> there.</p>'
    assert chapters(read("a.html", page)) == [("One", "One\n\nLook: there.")]
    assert chapters(read("a.html", page, INLINE)) == [("One", "One\n\nLook: a cat there.")]
    picture = "# One\n\n![a cat](a.png)"
    assert chapters(read("a.md", picture, INLINE)) == [("One", "One\n\na cat")]


FRAMED = """<title>Tea - The Site</title><body><header><h2>The Site</h2></header>
<div class="cookie-banner">We use cookies.</div><div id=menu><ul><li>Home</ul></div>
<article><h1>Tea</h1><p>Tea is a drink, and many people like it very much in the morning.</p>
<h2 id=navigation>Leaves <span class="mw-editsection">[edit]</span></h2>
<p>Its leaves are green or black, as they were dried.</p>
<ul><li><a href=1>Coffee is another</a><li><a href=2>Water</a><li><a href=3>Juice</a>
<li><a href=4>Milk</a></ul></article>
<aside>Read more.</aside><form>Search</form><footer>2026</footer>"""


def test_a_saved_page_is_its_own_text(read):
    book = read("a.html", FRAMED)
    assert (book.title, chapters(book)) == (
        "Tea",
        [
            ("Tea", "Tea\n\nTea is a drink, and many people like it very much in the morning."),
            ("Leaves", "Leaves\n\nIts leaves are green or black, as they were dried."),
        ],
    )


@pytest.mark.parametrize(
    ("text", "title", "author", "found"),
    [
        ("A Tale\n\nby Ann Lee\n\nChapter 1\n\nIt was late.", "A Tale", "Ann Lee",
         [("A Tale", "title page"), ("Chapter 1", "")]),
        ("A Tale\nBy Ann Lee\n\nIt was late.\n\nShe left.", "A Tale", "Ann Lee", [("A Tale", "")]),
        ("It was late.\n\nShe left.", "file", "", [("file", "")]),
        ("\u201cWhere?\u201d\n\nShe left.", "file", "", [("file", "")]),
        ("Chapter 1\n\nIt was late.", "file", "", [("Chapter 1", "")]),
        ("# A Tale\n\n## One\n\nIt was late.", "A Tale", "",
         [("A Tale", "title page"), ("One", "")]),
        ("A Tale\n\nPart One\n\nChapter 1\n\nA.\n\nPart Two\n\nChapter 1\n\nB.", "A Tale", "",
         [("A Tale", "title page"), ("Part One", ""), ("Part One, Chapter 1", ""),
          ("Part Two", ""), ("Part Two, Chapter 1", "")]),
        ("Preface\n\nA.\n\nPREFACE\n\nB.", "file", "", [("Preface", ""), ("PREFACE (2)", "")]),
        ("A Tale\n\nContents\n\nChapter 1\n\nChapter 2\n\nChapter 1\n\nA.\n\nChapter 2\n\nB.",
         "A Tale", "", [("A Tale", "title page"), ("Contents", "table of contents"),
                        ("Chapter 1", ""), ("Chapter 2", "")]),
        ("Title: Emma\n\nAuthor: Jane Austen\n\nLanguage: English\n\n"
         "*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***\n\nEmma\n\nCHAPTER I\n\nA.\n\n"
         "*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***\n\nThe license.", "Emma", "Jane Austen",
         [("License", "copyright page"), ("Emma", "title page"), ("CHAPTER I", ""),
          ("License (2)", "copyright page")]),
    ],
)  # fmt: skip
def test_a_text_names_its_title_and_its_chapters(text, title, author, found, read):
    book = read("file.txt", text)
    assert (book.title, book.author) == (title, author)
    assert [(chapter.title, chapter.matter) for chapter in book.chapters] == found


def test_other_encodings_are_read_with_a_note(read):
    for suffix in (".txt", ".md", ".html"):
        for encoding in ("utf-16", "cp1252"):
            book = read(f"a{suffix}", "\u201cCaf\xe9.\u201d".encode(encoding))
            assert chapters(book) == [("a", "\u201cCaf\xe9.\u201d")]
            assert book.notes == (
                (f"a{suffix} is not UTF-8; it is read as Windows-1252",)
                if encoding == "cp1252"
                else ()
            )
    page = "<meta charset='iso-8859-2'><p>Łódź.".encode("iso-8859-2")
    assert chapters(read("a.html", page)) == [("a", "Łódź.")]


@pytest.mark.parametrize(
    ("named", "encoding"),
    [
        ("utf-16", "ascii"),
        ("UTF-16LE", "utf-8"),
        ("utf-7", "utf-8"),
        ("utf-32", "utf-8"),
        ("iso-8859-2", "utf-8-sig"),
        ("idna", "utf-8"),
        ("iso-8859-1", "cp1252"),
    ],
)
def test_a_page_is_not_in_an_encoding_in_which_it_could_not_name_it(named, encoding, read):
    said = "He ran 1+1- miles." if encoding == "ascii" else "\u201cCaf\xe9.\u201d"
    page = f"<meta charset={named}><p>{said}".encode(encoding)
    assert chapters(read("a.html", page)) == [("a", said)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.doc", "", "^file name must end in one of .epub, .txt, .md, .*; got 'a.doc'$"),
        ("a.docx", "Hello", "^cannot read a.docx: not a .docx file; save it again as .docx$"),
        ("a.rtf", "Hello", "^cannot read a.rtf: not an .rtf file"),
        ("a.pdf", "Hello", "^cannot read a.pdf: not a PDF file"),
        (
            "a.html",
            "<script>1</script>",
            "^cannot read a.html: the page has no text; it may be",
        ),
        ("a.epub", "Hello", "^cannot read a.epub: not an EPUB file: not a zip archive$"),
        ("a.md", "\0", "^cannot read a.md: not UTF-8"),
        ("a.md", "***", "^a.md has no text to speak$"),
        ("a.txt", "", "^a.txt has no text to speak$"),
    ],
)
def test_what_is_no_book_is_refused(name, content, message, read):
    with pytest.raises(ValueError, match=message):
        read(name, content)


def test_a_docx_unpacks_to_no_more_than_an_epub_may(read):
    def packed(name, size, compression):
        target = BytesIO(DOCX)
        with ZipFile(target, "a", compression) as archive:
            archive.writestr(name, bytes(size))
        return target.getvalue()

    picture = packed("word/media/image1.bmp", 17 * 2**20, ZIP_DEFLATED)
    assert chapters(read("a.docx", picture)) == chapters(read("a.docx", DOCX))
    with pytest.raises(ValueError, match=r"part.bin is not text: .*; make the .docx again"):
        read("a.docx", packed("word/part.bin", 2**21, ZIP_DEFLATED))
    with pytest.raises(ValueError, match=r"the .docx has more than 16 MiB of text; split it"):
        read("a.docx", packed("word/part", 2**24, ZIP_STORED))


def test_a_missing_package_names_the_extra(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "mammoth", None)
    monkeypatch.delitem(sys.modules, "tts.text.files.documents.docx", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"\.docx files needs mammoth; .*\[documents\]"):
        read("a.docx", DOCX)


def test_a_pdf_is_a_book(read):
    found = read("a.pdf", pdf([printed(["Chapter 1", "", "It was late."])]))
    assert chapters(found) == [("Chapter 1", "Chapter 1\n\nIt was late.")]
    assert set(BOOK_SUFFIXES) == {".epub", ".txt", ".pdf", ".md", ".html", ".htm", ".docx", ".rtf"}


@pytest.mark.parametrize(
    "part",
    [
        "<section id=p2><h2>Part</h2><p>It was dark. <a href='#p3'>On.</a></p></section>",
        "<div id=p2><p>It was dark. See <a href='#p3'>3</a>.</p></div>",
    ],
)
def test_a_part_that_a_number_refers_to_is_no_note(part, read):
    page = f"<h1>One</h1><p>See part <a href='#p2'>2</a>.</p><h1>Two</h1>{part}<p id=p3>Last.</p>"
    text = "\n".join(chapter.text for chapter in read("a.html", page).chapters)
    assert "See part 2." in text
    assert "It was dark." in text


@pytest.mark.parametrize(
    "part",
    [
        "<p class=related>It was dark.</p>",
        "<p class=cookie>It was dark.</p>",
        "<section id=comments><h2>Two</h2><p>It was dark.</p></section>",
        "<div class='nav content'><p>It was dark.</p></div>",
        "<div class=sidebar><h2>Two</h2><p>It was dark.</p></div>",
    ],
)
def test_prose_is_read_whatever_its_class_is(part, read):
    page = f"<h1>One</h1><p>{'The rain fell. ' * 9}</p>{part}"
    page += "<div class=share><a href=x>Share</a></div>"
    text = "\n".join(chapter.text for chapter in read("a.html", page).chapters)
    assert "It was dark." in text
    assert "Share" not in text

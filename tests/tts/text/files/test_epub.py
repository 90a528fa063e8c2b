"""Books made in memory, of both kinds, whole and hostile."""

import contextlib
import random
import struct
import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from tts.text.files.book import Chapter
from tts.text.files.epub import read, xhtml, xhtml_tokens
from tts.text.files.epub.archive import MAX_ARCHIVE_FILES, MAX_READ_BYTES, MEBIBYTE
from tts.text.files.epub.read import read_epub
from tts.text.normalise.normalise import normalise
from tts.text.pauses import (
    HEADING_PAUSE_SECONDS,
    ITEM_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)
from tts.text.sentences import split_sentences

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<body><nav epub:type="landmarks"><a href="text/one.xhtml">Start</a></nav>
<nav epub:type="toc"><ol><li><a href="text/one.xhtml">One <i>and</i>
 only</a><ol><li><a href="text/one.xhtml#later">Later</a></li></ol></li></ol></nav></body></html>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>Old one</text></navLabel><content src="text/one.xhtml#top"/>
<navPoint><navLabel><text>Old two</text></navLabel><content src="text/two%20b.xhtml"/></navPoint>
</navPoint></navMap></ncx>"""
ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
 xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>
<enc:CipherReference URI="{}"/></enc:CipherData></enc:EncryptedData></encryption>"""
XHTML = "application/xhtml+xml"


def page(body, head=""):
    return (
        f"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>"
        f"<head><title>No</title>{head}</head><body>{body}</body></html>"
    )


def package(items, spine):
    """A package document of items (id, href, media type, more) and references in the spine."""
    manifest = "".join(
        f'<item id="{name}" href="{href}" media-type="{media}" {more}/>'
        for name, href, media, more in items
    )
    references = "".join(
        f'<itemref idref="{name.removesuffix("-")}" linear="{"no" if name[-1] == "-" else "yes"}"/>'
        for name in spine
    )
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{manifest}</manifest>'
        f'<spine toc="ncx">{references}</spine></package>'
    )


ITEMS = (
    ("one", "text/one.xhtml", XHTML, ""),
    ("two", "text/two%20b.xhtml", XHTML, ""),
    ("three", "text/three.xhtml", XHTML, ""),
    ("aside", "text/aside.xhtml", XHTML, ""),
    ("nav", "nav.xhtml", XHTML, 'properties="nav"'),
    ("cover", "cover.jpg", "image/jpeg", ""),
    ("ncx", "toc.ncx", "application/x-dtbncx+xml", ""),
)
SPINE = ("cover", "nav", "three", "one", "aside-", "two", "one")
START, LOCKS, OPF = "META-INF/container.xml", "META-INF/encryption.xml", "OEBPS/book.opf"
CONTENTS, ONE = "OEBPS/nav.xhtml", "OEBPS/text/one.xhtml"
BOOK = {
    "mimetype": "application/epub+zip",
    START: CONTAINER,
    OPF: package(ITEMS, SPINE),
    CONTENTS: NAV,
    "OEBPS/toc.ncx": NCX,
    ONE: page("<h1>First</h1><p>It begins.</p>"),
    "OEBPS/text/two b.xhtml": page("<h2>Second<br/>part</h2><p>It goes on.</p>"),
    "OEBPS/text/three.xhtml": page("<p>It is dedicated.</p>"),
    "OEBPS/text/aside.xhtml": page("<p>By the way.</p>"),
}


def book(changes=None, compression=zipfile.ZIP_DEFLATED):
    """The book with files replaced, added or, for None, left out."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in {**BOOK, **(changes or {})}.items():
            if content is not None:
                archive.writestr(name, content)
    return target.getvalue()


def said(body):
    return xhtml.read_xhtml(page(body)).text


def test_reads_its_chapters_in_the_order_of_the_spine():
    contents = "Start\n\n1. One and only\n1. Later"
    assert list(read_epub(book()).chapters) == [
        Chapter("Table of contents", contents, "table of contents"),
        Chapter("Untitled part 2", "It is dedicated."),
        Chapter("One and only", "First\n\nIt begins."),
        Chapter("Second part", "Second\npart\n\nIt goes on."),
    ]


def test_an_older_book_has_its_titles_from_the_ncx():
    older = package([item for item in ITEMS if item[0] != "nav"], ("one", "two"))
    found = read_epub(book({OPF: older, CONTENTS: None})).chapters
    assert [chapter.title for chapter in found] == ["Old one", "Old two"]


def test_a_book_without_contents_has_its_titles_from_headings():
    bare = package(ITEMS[:3], ("one", "two", "three"))
    assert [chapter.title for chapter in read_epub(book({OPF: bare})).chapters] == [
        "First",
        "Second part",
        "Untitled part 3",
    ]


DUBLIN_CORE = (
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:o="http://www.idpf.org/2007/opf">'
)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("", ("", "")),
        ("<dc:title> </dc:title><dc:creator/>", ("", "")),
        ("<dc:title>A \n new <i>day</i></dc:title><dc:title>Or not</dc:title>", ("A new day", "")),
        ("<dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>", ("", "Ann, Bo")),
        (
            "<dc-metadata><dc:title>A</dc:title><dc:creator o:role='trl'>Cy</dc:creator>"
            "<dc:creator o:role='aut'>Ann</dc:creator></dc-metadata>",
            ("A", "Ann"),
        ),
    ],
)
def test_a_book_says_its_title_and_its_authors(told, known):
    named = BOOK[OPF].replace("<manifest>", f"{DUBLIN_CORE}{told}</metadata><manifest>")
    found = read_epub(book({OPF: named}))
    assert (found.title, found.author) == known
    assert found.chapters == read_epub(book()).chapters


def test_a_heading_is_the_first_that_has_words():
    assert xhtml.read_xhtml(page("<h1> <img/></h1><h2>One</h2><h1>Two</h1>")).heading == "One"


def test_what_holds_no_words_is_no_chapter():
    pictures = page("<h1><img alt='One' src='one.jpg'/></h1><svg><text>One</text></svg>")
    found = read_epub(book({ONE: pictures})).chapters[1:]
    read = [chapter.title for chapter in found if not chapter.matter]
    assert read == ["Untitled part 2", "Second part"]


@pytest.mark.parametrize(
    ("title", "body", "name"),
    [
        ("To the reader", "<p>It is told.</p>", "To the reader"),
        ("A Tale - To the reader", "<p>It is told.</p>", "To the reader"),
        ("A Tale", "<section epub:type='dedication'><p>To Ann.</p></section>", "Dedication"),
        ("part0003", "<section role='doc-epigraph'><p>All is well.</p></section>", "Epigraph"),
        ("No", "<p>It is told.</p>", "Untitled part 2"),
        ("3", "<section epub:type='chapter'><p>It is told.</p></section>", "Untitled part 2"),
    ],
)
def test_a_part_without_a_heading_is_named_by_its_page_or_its_type(title, body, name):
    told = f"{DUBLIN_CORE}<dc:title>A Tale</dc:title></metadata><manifest>"
    named = page(body).replace("<title>No<", f"<title>{title}<")
    changes = {"OEBPS/text/three.xhtml": named, OPF: BOOK[OPF].replace("<manifest>", told)}
    assert read_epub(book(changes)).chapters[1].title == name


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_what_an_epub_may_be_written_in(coding):
    written = page("<p>Ça va – très bien.</p>").encode(coding)
    assert read_epub(book({ONE: written})).chapters[2].text == "Ça va – très bien."


@pytest.mark.parametrize(
    ("declared", "coding"),
    [
        ("iso-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("ISO-8859-15", "iso-8859-15"),
        ("utf-16", "utf-8"),
        ("x-odd", "utf-8"),
        ("windows-1252", "utf-8-sig"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(declared, coding):
    dash = "-" if coding == "iso-8859-15" else "\u2013"
    shown = page(f"<p>Ça va {dash} très bien.</p>")
    written = shown.replace("?>", f' encoding="{declared}"?>', 1).encode(coding)
    assert read_epub(book({ONE: written})).chapters[2].text == f"Ça va {dash} très bien."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One\n  line,\tthen&nbsp; more.</p>", "One line, then more."),
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("loose<div>One.<div>Two.</div></div>end", "loose\n\nOne.\n\nTwo.\n\nend"),
        ("<p>One<br/>two<br></br>three<br>four</p>", "One\ntwo\nthree\nfour"),
        ("One.<br/><br/><br/>Two.", "One.\n\nTwo."),
        ("<h2>A <em>new</em> day</h2>It was.", "A new day\n\nIt was."),
        ("<p>AT&amp;T &lt;b&gt; &eacute;t&#233; &#x2014; a & b</p>", "AT&T <b> été — a & b"),
        ("<p>hy\u00adphen&shy;ated</p>", "hyphenated"),
        ("<p><span class='cap'>T</span>he <b>w</b>ord</p>", "The word"),
        ("<pre>two\n  lines</pre><p>one\nline</p>", "two\nlines\n\none line"),
        ("<p>漢<ruby>字<rp>(</rp><rt>ji</rt><rp>)</rp></ruby></p>", "漢字"),
        ("<p>a</p><script>if (1 < 2) x('<p>')</script><style>p {}</style>b", "a\n\nb"),
        ("<script src='a.js'/><p>a <img alt='x' src='x'/> <svg><title>y</title></svg>b</p>", "a b"),
        ("<!-- <p>no</p> --><p>yes</p>", "yes"),
        ("<svg><svg>a</svg>b</svg>c", "c"),
    ],
)
def test_a_page_is_what_it_shows(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>x<a epub:type='noteref' href='#n'>1</a> y</p>", "x y"),
        ("<p>x<a role='doc-noteref' href='#n'><span>[1]</span></a> y</p>", "x y"),
        ("<p>x<sup><a id='r'/><a href='#n'>1</a><a id='s'/></sup> y</p>", "x y"),
        ("<p>x<a href='#n'><sup>1</sup></a> y</p>", "x y"),
        ("<p>x<sup>[<a href='#n'>1</a>]</sup> y</p>", "x y"),
        ("<p>x<span epub:type='pagebreak'>12</span> y</p>", "x y"),
        ("<p>x<hr epub:type='pagebreak'> y</p>", "x y"),
        ("<p>x<a epub:type='noteref'>1</p><p>y</p>", "x\n\ny"),
        ("<p>x<a role='doc-noteref'>1<p>y</p>", "x\n\ny"),
        ("<aside epub:type='sidebar'>It is so.</aside>", "It is so."),
        ("<p>x<sup>2</sup> <a href='#n'>y</a> 5<sup>th</sup></p>", "x^2 y 5th"),
        ("<p><a id='x'><sup>2</sup></a> y</p>", "2 y"),
        ("<p><a href='#n'>x<p>y<sup>2</sup></p>", "x\n\ny^2"),
    ],
)
def test_what_points_to_a_note_is_silent_and_nothing_else(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a<ul><li>b</li><li>c<p>d</p></li></ul>e", "a\n\n- b\n- c\n\nd\n\ne"),
        ("<ul>\n<li><p>b</p></li>\n<li><p>c</p></li></ul>", "- b\n- c"),
        ("<ol><li>b</li><li>c</li></ol>", "1. b\n2. c"),
        ("<ol start='9'><li>b<ul><li>c</li></ul></li><li>d</li></ol>", "9. b\n- c\n10. d"),
        ("<ol start='x'><li>b<li>c</ol>d<li>e", "1. b\n2. c\n\nd\n\n- e"),
        ("<ul><li><img/></li></ul>x", "x"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n\nb"),
    ],
)
def test_items_of_a_list_have_their_marks(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>10<sup>1</sup> or 10<sup>−12</sup></p>", "10^1 or 10^{-12}"),
        ("<p>5 m<sup>2</sup>, mc<sup>2</sup>, (a + b)<sup>n</sup></p>", "5 m^2, mc^2, (a + b)^n"),
        ("<p>e<sup>x</sup>, sin<sup>2</sup> x, s<sup>-1</sup></p>", "e^x, sin^2 x, s^{-1}"),
        ("<p>4<sup>th</sup>, 1<sup>er</sup>, M<sup>r</sup></p>", "4th, 1er, Mr"),
        ("<p>It was good.<sup>1</sup> And late<sup>12</sup>.</p>", "It was good. And late."),
        ("<p>In 1984<sup>3</sup> (see below)<sup>4</sup></p>", "In 1984 (see below)"),
        ("<p>so<sup>*</sup>, Ca<sup>2+</sup> Foo<sup>TM</sup></p>", "so, Ca2+ Foo™"),
        ("<p><a href='x'>E = mc<sup>2</sup></a> H<sub>2</sub>O</p>", "E = mc^2 H2O"),
        ("<sup>1</sup> A note", "1 A note"),
        ("<p>come in<sup>4</sup>, 3 in<sup>2</sup></p>", "come in, 3 in^2"),
    ],
)
def test_superscripts_are_exponents_ordinals_or_marks(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>a<b hidden>x</b><i style='color:red; display: none'>x</i>b</p>", "ab"),
        ("a<div hidden=''><p>x</p></div>b<p aria-hidden='true'>x</p>", "a\n\nb"),
        (
            "<style>.x, p.y {display:none} .y {} .z{display:none} .z{display:block}</style>"
            "<b class='x'>x</b><p class='y'>x</p><b class='y'>b</b> <b class='z'>c</b>",
            "b c",
        ),
        ("<style>@media print { .x {display:none} }</style><b class='x'>b</b>", "b"),
        ("<p>a <span class='pagenum'>[Pg 12]</span><a class='page-number'>xii</a>b</p>", "a b"),
        ("<h2 class='pagebreak'>12 Angry Men</h2>", "12 Angry Men"),
    ],
)
def test_what_is_not_shown_is_silent(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p><span class='dropcap'>T</span>\n<small>HE</small> end</p>", "THE end"),
        ("<p><span class='dropcap'>“W</span> hy?</p>", "“Why?"),
        ("<p><span class='drop-cap'>I</span> was <b class='cap'>A</b>s</p>", "I was As"),
        ("<div class='dropcap'>T</div>\n<p>he end</p>", "The end"),
        ("<p><img class='i' alt='T' src='t'/>he end</p>", "The end"),
        ("<p><span class='initial'>D</span>. Brown</p>", "D. Brown"),
    ],
)
def test_a_drop_cap_begins_its_word(body, text):
    assert said(body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>a</p><hr/><p>b</p>", "a\n\n* * *\n\nb"),
        ("<h1>a</h1><hr/><p>b</p><hr/><hr/>c<hr/>", "a\n\nb\n\n* * *\n\nc"),
        ("a<div class='scene-break'><img src='x'/></div>b", "a\n\n* * *\n\nb"),
        ("a<p class='ornament'>⁂</p>b", "a\n\n* * *\n\nb"),
        (
            "<div class='stanza'><p>a</p><p>b</p></div><div class='stanza'><p>c</p></div>",
            "a\nb\n\nc",
        ),
        ("<div><div class='verse indent0'>a</div><div class='verse'>b</div></div>", "a\nb"),
        ("<p><span class='line'>a</span><span class='line'>b</span></p>", "a\nb"),
        ("<p><span class='line'>a</span><br/><span class='line'>b</span></p>", "a\nb"),
        ("<p class='indent'>a</p><p class='indent'>b</p>", "a\n\nb"),
    ],
)
def test_scenes_and_verses_keep_their_form(body, text):
    assert said(body) == text


def test_alternative_texts_are_read_where_they_are_wanted():
    body = "<p>a <img alt='the sea' src='x'/> b</p><figure><img alt='A map.'/></figure>"
    assert said(body) == "a b"
    assert xhtml.read_xhtml(page(body), alt=True).text == "a the sea b\n\nA map."


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>", "a, b\n\n1, 2"),
        ("<tr>\n<td><p>a</p> <p>b</p></td>\n<td/><td>c<ul><li>d</ul></td></tr>", "a b, c d"),
        (
            "<caption>of a</caption><tr><td>1<td>2<tr><td>3</table><p>x</p>y<table>",
            "of a\n\n1, 2\n\n3\n\nx\n\ny",
        ),
    ],
)
def test_a_table_is_read_row_by_row(rows, text):
    assert said(f"<table>{rows}</table>") == text


def test_its_pauses_are_those_of_its_layout():
    text = said(
        "<h1>A Title</h1><p>We<br/>buy:</p><ul><li>milk</li><li>tea</li></ul>"
        "<ol><li>Go.</li></ol><p>Then go. Now.</p><p>Or not.</p>"
    )
    assert [(part.text, part.pause) for part in split_sentences(normalise(text), text)] == [
        ("A Title.", HEADING_PAUSE_SECONDS),
        ("We buy.", ITEM_PAUSE_SECONDS),
        ("milk.", ITEM_PAUSE_SECONDS),
        ("tea.", ITEM_PAUSE_SECONDS),
        ("One.", SENTENCE_PAUSE_SECONDS),
        ("Go.", PARAGRAPH_PAUSE_SECONDS),
        ("Then go.", SENTENCE_PAUSE_SECONDS),
        ("Now.", PARAGRAPH_PAUSE_SECONDS),
        ("Or not.", 0),
    ]


@pytest.mark.parametrize(
    "broken", ["<p>one</p><!-- two", "<p>one</p><script>two", "<p>one <a href='", "one <svg>"]
)
def test_a_page_that_breaks_off_is_refused(broken):
    with pytest.raises(ValueError, match=r"in OEBPS/text/one.xhtml: .* breaks off in line [23]"):
        read_epub(book({ONE: "\n" + broken}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({START: None}, "not an EPUB file: the archive has no META-INF/container.xml"),
        ({START: "<container/>"}, "META-INF/container.xml names no rootfile"),
        ({START: CONTAINER.replace("OEBPS", "../../../etc")}, r"no file ../../../etc/book.opf"),
        ({OPF: "<package>"}, "OEBPS/book.opf is not well-formed XML: no element found"),
        ({OPF: package(ITEMS, ("four",))}, "the EPUB lists no file with the id four"),
        ({OPF: package(ITEMS, ("cover", "one-"))}, "the EPUB has no text; its pages may be"),
        ({ONE: None}, "the EPUB has no file OEBPS/text/one.xhtml"),
        ({ONE: b"<p>\xe9t\xe9</p>"}, "one.xhtml: cannot read the page: not UTF-8 .byte 0xe9 at 3"),
        ({ONE: "<![x[<p>one</p>"}, "in OEBPS/text/one.xhtml: line 1 is not XHTML"),
        ({CONTENTS: "<html>&nbsp;</html>"}, "OEBPS/nav.xhtml is not well-formed XML: undefined en"),
        ({LOCKS: ENCRYPTION.format("OEBPS/text/two%20b.xhtml")}, "two b.xhtml is encrypted; books"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        read_epub(book(changes))


def test_encrypted_fonts_do_not_matter():
    assert read_epub(book({LOCKS: ENCRYPTION.format("OEBPS/font.otf")})) == read_epub(book())


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"It was a dark night.", b"%PDF-1.4"])
def test_what_is_no_archive_is_no_book(data):
    with pytest.raises(ValueError, match=r"^not an EPUB file: not a zip archive$"):
        read_epub(data)


def test_knows_a_book_from_another_archive():
    with pytest.raises(ValueError, match="not an EPUB file: the archive has no META-INF"):
        read_epub(book({START: None}))


def test_a_damaged_book_is_read_right_or_refused_in_a_sentence():
    whole, chance = book(), random.Random(0)
    right, refused, whole_still = read_epub(whole).chapters, 0, 0
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        try:
            found = read_epub(bytes(damaged)).chapters
        except ValueError as error:
            known = (
                "not an EPUB file: ",
                "the EPUB has no file ",
                "META-INF/",
                "OEBPS/",
                "in OEBPS/",
            )
            refused += str(error).startswith(known)
        else:
            assert [one.text for one in found] == [one.text for one in right]
            whole_still += 1
    assert refused > 30
    assert refused + whole_still == 100


def test_a_bomb_of_entities_is_refused():
    kinds = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE a [<!ENTITY a0 "ha">{kinds}]><package>&a12;</package>'
    start = time.process_time()
    with pytest.raises(ValueError, match="not well-formed XML: limit on input amplification"):
        read_epub(book({OPF: bomb}))
    assert time.process_time() - start < 3


def test_an_entity_opens_no_file(tmp_path):
    (tmp_path / "secret").write_text("secret")
    outside = f'<!DOCTYPE a [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]>'
    with pytest.raises(ValueError, match="undefined entity"):
        read_epub(book({OPF: f"{outside}<package>&a;</package>"}))


def test_a_bomb_of_data_is_refused_before_it_is_unpacked():
    bomb = book({ONE: "a " * (4 * MEBIBYTE)})
    tracemalloc.start()
    with pytest.raises(ValueError, match="is not text: it unpacks to far more than its size"):
        read_epub(bomb)
    assert tracemalloc.get_traced_memory()[1] < MEBIBYTE
    tracemalloc.stop()


def test_a_file_unfolds_to_no_more_than_its_archive_says():
    liar = bytearray(book({ONE: b" " * (20 * MEBIBYTE)}))
    entry = liar.rfind(b"PK\1\2", 0, liar.rfind(ONE.encode()))
    liar[entry + 24 : entry + 28] = struct.pack("<I", 100)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"OEBPS/text/one.xhtml is damaged: Bad CRC"):
        read_epub(bytes(liar))
    assert tracemalloc.get_traced_memory()[1] < MEBIBYTE
    tracemalloc.stop()


def test_no_more_is_read_than_a_book_may_hold():
    many = [(f"n{index}", f"n{index}.xhtml", XHTML, "") for index in range(9)]
    pages = {f"OEBPS/n{index}.xhtml": bytes(2 * MEBIBYTE) for index in range(9)}
    long = book({OPF: package(many, [name for name, *_ in many]), **pages}, zipfile.ZIP_STORED)
    with pytest.raises(ValueError, match="the EPUB has more than 16 MiB of text"):
        read_epub(long)


def test_no_more_tags_are_read_than_fit_into_memory(monkeypatch):
    monkeypatch.setattr(read, "MAX_TOKENS", 20)
    with pytest.raises(ValueError, match="the EPUB must have at most 20 tags and texts; split it"):
        read_epub(book())
    monkeypatch.setattr(xhtml_tokens, "MAX_TOKENS", 20)
    with pytest.raises(ValueError, match="the page must have at most 20 tags and texts; split it"):
        xhtml.read_xhtml("<p>" * 30)


def test_pictures_may_be_as_large_as_they_like():
    large = {"OEBPS/cover.jpg": bytes(MAX_READ_BYTES + MEBIBYTE)}
    assert read_epub(book(large)) == read_epub(book())


def test_an_archive_of_too_many_files_is_no_book():
    crowd = book({f"{index}": "" for index in range(MAX_ARCHIVE_FILES)}, zipfile.ZIP_STORED)
    with pytest.raises(ValueError, match="an EPUB must have at most 10000 files, got 10009"):
        read_epub(crowd)


def test_what_needs_much_memory_to_unpack_is_refused():
    with pytest.raises(ValueError, match="must be stored or deflated; pack the EPUB again"):
        read_epub(book(compression=zipfile.ZIP_LZMA))


@pytest.mark.parametrize(
    "contents",
    [
        NAV.replace("One", "<a>" * 4000 + "x " * 200_000 + "</a>" * 4000),
        NAV.replace("One", "<nav epub:type='toc'>" * 2000 + "<a/>" * 5000 + "</nav>" * 2000),
        "<ncx>" + "<navPoint>" * 9000 + "x" + "</navPoint>" * 9000 + "</ncx>",
    ],
)
def test_contents_within_one_another_take_no_longer(contents):
    start = time.process_time()
    read_epub(book({CONTENTS: contents}))
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "piece",
    [
        *("<p>", "<", "<a ", "<a b='", "<!--", "<![CDATA[", "<?", "&", "&#", "</", "<script>"),
        *("<sup>", "<tr><p>x", "<ul><li>x", "<br>", "<a epub:type='noteref'>", "<b></svg>", "<h1>"),
        *("<b class='dropcap'>", "<a href='x'>", "<a href='x'>y<sup>1</sup>", "<p hidden>", "<hr>"),
    ],
)
def test_a_long_page_takes_no_longer_than_its_parts(piece):
    start = time.process_time()
    with contextlib.suppress(ValueError):
        xhtml.read_xhtml(piece * 3000)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("blocks", "matter"),
    [("<p>It was late.</p><p>She left.</p>", ""), ("<p>1. Lee.</p><p>2. Ann.</p>", "notes")],
)
def test_a_part_called_notes_is_never_lost(blocks, matter):
    bare = package(ITEMS[:3], ("one", "two", "three"))
    found = read_epub(book({OPF: bare, ONE: page(f"<h1>Notes</h1>{blocks}")})).chapters[0]
    assert (found.title, found.matter) == ("Notes", matter)
    assert found.text.count("\n\n") == 2

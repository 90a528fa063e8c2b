"""The book of twelve traps is read as a person would read it."""

import pytest

from tests.growth import grows_like_its_length
from tests.tts.text.files import trap_book
from tts.text.files.book import BookOptions, Cover
from tts.text.files.epub.read import read_epub


def test_the_book_of_traps_gives_exactly_the_wanted_texts():
    found = read_epub(trap_book.trap_book())
    read = [(one.title, one.text) for one in found.chapters if not one.matter]
    assert read == list(trap_book.WANTED)
    assert [one.matter for one in found.chapters if one.matter] == list(trap_book.LEFT_OUT)


def test_what_is_left_out_can_be_read():
    chapters = {one.matter: one for one in read_epub(trap_book.trap_book()).chapters}
    assert chapters["notes"].text == "Notes\n\n1. By the clock."
    assert chapters["index"].text == "Index\n\nCalm, 1"
    assert chapters["copyright page"].title == "Copyright page"


def test_a_book_says_what_it_is():
    found = read_epub(trap_book.trap_book())
    assert (found.title, found.author) == (trap_book.TITLE, trap_book.AUTHOR)
    assert (found.language, found.date) == (trap_book.LANGUAGE, trap_book.DATE)
    assert found.cover == Cover(trap_book.cover(), "image/png")


def test_notes_are_read_at_their_references():
    first = read_epub(trap_book.trap_book(), BookOptions(notes="inline")).chapters[4].text
    wanted = (
        "THE night was dark (Note: As nights are.) and wild. It was late. (Note: By the clock.)"
    )
    assert wanted in first.split("\n\n")
    assert "A plain one (Note: It is plain.) ends." in first.split("\n\n")
    assert first.count("Note") == 3


def test_pictures_are_read_where_they_are_wanted():
    found = read_epub(trap_book.trap_book(), BookOptions(alt=True)).chapters
    assert (found[0].matter, found[0].text) == ("cover", "The Trap, cover")
    assert found[4].text.endswith("\n\nA map of the coast.")


def test_parts_have_the_same_numbers_whatever_is_read_of_them():
    plates = {**trap_book.PAGES, "plate": '<p><img src="a.png" alt="A plate."/></p>'}
    book = trap_book.trap_book({**plates, "end": "<p>It was late.</p>"})
    plain, *others = (
        [one.title for one in read_epub(book, options).chapters]
        for options in (BookOptions(), BookOptions(alt=True), BookOptions(notes="inline"))
    )
    assert others == [plain, plain]
    assert plain[-2:] == ["Untitled part 10", "Untitled part 11"]
    assert [one.text for one in read_epub(book).chapters if one.matter == "picture"] == [""]


GUTENBERG = """<h2 id="c1"><a href="#c1">CHAPTER I.</a></h2><p>It was good.<a id="A1"></a>
<a href="#F1" class="fnanchor">[1]</a> And [<a id="A2" href="#F2">B</a>] so.
<a href="#c1">12</a></p>
<div class="footnotes"><h3>FOOTNOTES:</h3><div class="footnote"><p><a id="F1"></a>
<a href="#A1"><span class="label">[1]</span></a> One.</p><p>More.</p></div>
<div class="footnote"><p><a id="F2" href="#A2">[B]</a> Two.</p></div></div>"""
PLAIN = """<p>So<a href="#x" id="y"><sup>*</sup></a> it is<sup><a href="#p">2</a></sup>.</p>
<table><tr><td id="x"><a href="#y">*</a></td><td>A star.</td></tr></table><p id="p">2 Or so.</p>"""
ANCHORED = """<p>He<a href="#n" id="r">1</a> came.</p><a id="n"></a> <p><a href="#r">1</a> I.</p>"""
NUMBERS = """<p>Two <a id="t" href="#h">2</a> and <a href="#h">3</a></p>
<p id="h"><a href="#t">2</a></p><p>It ends.</p>"""


@pytest.mark.parametrize(
    ("body", "silent", "inline"),
    [
        (
            GUTENBERG,
            "CHAPTER I.\n\nIt was good. And so. 12",
            "CHAPTER I.\n\nIt was good. (Note: One. More.) And (Note: Two.) so. 12",
        ),
        (PLAIN, "So it is.", "So (Note: A star.) it is (Note: Or so.)."),
        (ANCHORED, "He came.", "He (Note: I.) came."),
        (NUMBERS, "Two 2 and 3\n\n2\n\nIt ends.", "Two 2 and 3\n\n2\n\nIt ends."),
    ],
)
def test_notes_are_known_by_their_links(body, silent, inline):
    data = trap_book.trap_book({"one": body})
    assert [one.text for one in read_epub(data).chapters] == [silent]
    assert [one.text for one in read_epub(data, BookOptions(notes="inline")).chapters] == [inline]


CONTENTS = (
    trap_book.NAV.partition("<ol>")[0]
    + """<ol><li><a href="a.xhtml#c1">One</a></li>
<li><a href="b.xhtml#c2">Two</a></li><li><a href="b.xhtml#c3">Three</a></li><li><a href="c.xhtml">
Four</a><ol><li><a href="c.xhtml#s">A part of it</a></li></ol></li></ol></nav></body></html>"""
)


def test_chapters_begin_where_the_contents_say():
    pages = {
        "a": "<h1>The Book</h1><div><h2><a id='c1'/>One</h2><p>It begins.</p></div>",
        "b": f"<p>{'It goes on. ' * 20}</p><h2 id='c2'>Two</h2>x<h2 id='c3'>Three</h2>y",
        "c": "<h2>Four</h2><h3 id='s'>A part of it</h3><p>z</p>",
    }
    found = read_epub(trap_book.trap_book(pages, CONTENTS)).chapters
    assert [one.title for one in found] == ["One", "Two", "Three", "Four"]
    assert found[0].text == "The Book\n\nOne\n\nIt begins.\n\n" + ("It goes on. " * 20).strip()
    assert [one.text for one in found[1:]] == [
        "Two\n\nx",
        "Three\n\ny",
        "Four\n\nA part of it\n\nz",
    ]


def test_a_page_of_a_title_that_follows_is_dropped():
    pages = {"a": "<h1>One</h1>", "b": "<h1>ONE</h1><p>It begins.</p>", "c": "<h1>Two</h1>"}
    found = read_epub(trap_book.trap_book(pages, "<html/>")).chapters
    assert [one.text for one in found] == ["ONE\n\nIt begins.", "Two"]


@pytest.mark.parametrize(
    ("body", "matter"),
    [
        ("<h1>Praise for The Trap</h1><p>Good!</p>", "advertisement"),
        ("<p>Contents</p><p>One</p>", "table of contents"),
        ("<div role='doc-glossary'><p>A word.</p></div>", "glossary"),
        ("<p>The Trap</p>", "title page"),
        ("<p>The Trap<br/>A Tale</p><p>by Ann Author</p>", "title page"),
        ("<p>The trap was set.</p>", ""),
        ("<h1>Foreword</h1><p>It was.</p>", ""),
        ("<h1>Notes from the Cellar</h1><p>It was.</p>", ""),
        ("<h1>One</h1><p>All rights reserved, he said.</p>", ""),
        ("<p>He read a <a href='b'>b</a> and <a href='c'>c</a>, <a href='d'>d</a>.</p>", ""),
    ],
)
def test_matter_is_known_by_types_and_titles(body, matter):
    assert read_epub(trap_book.trap_book({"a": body, "b": "It ends."})).chapters[0].matter == matter


@pytest.mark.parametrize(
    "piece",
    ["<p>a<a href='#n'>1</a></p>", "<i id='n'>", "<a href='#n'><sup>1</sup></a><p id='n'>1 x</p>"],
)
def test_a_book_of_many_notes_takes_no_longer_than_its_parts(piece):
    def read(body):
        read_epub(trap_book.trap_book({"a": f"<p>x</p>{body.rpartition('<')[0]}"}))

    assert grows_like_its_length(read, piece, 4000)

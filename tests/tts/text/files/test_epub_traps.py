"""The book of twelve traps is read as a person would read it."""

from tests.tts.text.files import trap_book
from tts.text.files.book import BookOptions, Cover
from tts.text.files.epub import read_epub


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
    first = read_epub(trap_book.trap_book(), BookOptions(notes="inline")).chapters[3].text
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

"""Reading a text takes time that grows with its length, whatever it is made of."""

import time

import pytest

from benchmarks.robust_texts import read_in_child
from tests.growth import grows_like_its_length
from tts.explain import explain
from tts.text.arriving import Arriving
from tts.text.espeak import LONGEST, alone
from tts.text.reading import Reading
from tts.text.script import script

# Each is repeated. What took longer than its length once is among them.
FAMILIES = (
    *("a", "aA", "'s", "'S", "s'", "a-", "a_a_", "a@a@", "a/a/", "a.", "x^", "xyzzy "),
    *("\n", "\n \n", "a\n", "a\n\n", "1\n", "1. ", "1/", "1:", "1,", "$1", "½", "©"),
    *("(", "[a](/", "<a ", "<!--", "&amp;", "*a", "_a ", "A. ", "Mr. ", "http://a.", '"a', "é"),
)
LENGTH, LIMIT = 4096, 1.0  # characters, and seconds of processor time for them
BOOK, BOOK_LIMIT = 100_000, 20.0


def read(text):
    for _ in script(text):
        pass


def arrive(text):
    arriving = Arriving()
    for place in range(0, len(text), 7):
        arriving.add(text[place : place + 7])
    arriving.end()


def seconds(act, text):
    begun = time.process_time()
    act(text)
    return time.process_time() - begun


@pytest.mark.parametrize("piece", FAMILIES)
def test_twice_the_text_takes_twice_the_time(piece):
    assert grows_like_its_length(read, piece, 2000, times=2, most=2.5)
    assert grows_like_its_length(read, piece, 4000, times=2, most=2.5)


@pytest.mark.parametrize("act", [arrive, lambda text: explain(text, Reading())])
@pytest.mark.parametrize("piece", ["a", "a\n", "1\n", "A. ", "\n", "a@a@", "½"])
def test_so_it_is_while_a_text_arrives_and_where_it_is_explained(act, piece):
    assert grows_like_its_length(act, piece, 2000, times=2, most=2.5)


@pytest.mark.parametrize("piece", FAMILIES)
def test_the_longest_text_of_a_request_is_read_within_a_second(piece):
    assert seconds(read, (piece * LENGTH)[:LENGTH]) < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("piece", FAMILIES)
def test_a_hundred_thousand_characters_are_read_within_twenty_seconds(piece):
    assert seconds(read, (piece * BOOK)[:BOOK]) < BOOK_LIMIT


def test_no_text_at_the_boundary_kills_the_process():
    """espeak-ng aborts the process on some words of more than a hundred characters."""
    counts = read_in_child(500, seed=0)
    assert counts["dead"] == counts["slow"] == 0


def test_espeak_gets_no_long_word():
    with pytest.raises(ValueError, match="at most 64 characters"):
        alone("x" * (LONGEST + 1))
    assert alone("x" * LONGEST)


@pytest.mark.parametrize(("letters", "left_out"), [(500, False), (502, True)])
@pytest.mark.parametrize("letter", ["x", "'s", "é", "1a"])
def test_a_word_of_more_than_500_letters_is_left_out_and_reported(letters, left_out, letter):
    word = (letter * letters)[:letters]
    lines = list(script(f"before {word} after"))
    rows = explain(f"before {word} after", Reading())
    assert ("report_long_words" in {rule for row in rows for rule in row.rules}) is left_out
    assert ([line.spoken.text for line in lines] == ["before after"]) is left_out


def test_a_line_of_hyphens_is_no_word():
    rows = explain(f"before\n{'-' * 600}\nafter", Reading())
    assert "report_long_words" not in {rule for row in rows for rule in row.rules}

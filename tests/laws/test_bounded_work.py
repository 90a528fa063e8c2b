"""Reading a text takes time that grows with its length, whatever it is made of."""

import gc
import time
from itertools import pairwise

import pytest

from benchmarks.robust_texts import read_in_child
from tts.cli.explain import explain
from tts.text.frontend import prepare_utterances
from tts.text.incremental import IncrementalText
from tts.text.options import TextOptions
from tts.text.pronounce.espeak import MAX_WORD_CHARACTERS, pronounce_with_espeak

# Each is repeated. What took longer than its length once is among them.
FAMILIES = (
    *("a", "aA", "'s", "'S", "s'", "a-", "a_a_", "a@a@", "a/a/", "a.", "x^", "xyzzy "),
    *("\n", "\n \n", "a\n", "a\n\n", "1\n", "1. ", "1/", "1:", "1,", "$1", "½", "©"),
    *("(", "[a](/", "<a ", "<!--", "&amp;", "*a", "_a ", "A. ", "Mr. ", "http://a.", '"a', "é"),
)
LENGTH, LIMIT, TRIES = 4096, 1.0, 5  # characters, and seconds of processor time for them
BOOK, BOOK_LIMIT = 100_000, 20.0


def read(text):
    for _ in prepare_utterances(text):
        pass


def arrive(text):
    arriving = IncrementalText()
    for place in range(0, len(text), 7):
        arriving.feed(text[place : place + 7])
    arriving.flush()


def seconds(act, piece, length):
    """Processor time, without that of collecting the garbage of other tests."""
    gc.disable()
    begun = time.process_time()
    act((piece * length)[:length])
    taken = time.process_time() - begun
    gc.enable()
    return taken


def grows_too_fast(act, piece):
    """Where twice the text takes more than 2.5 times as long: pairs of lengths, with their times.

    Other programs may disturb a measurement; of several the shortest counts.
    """
    taken = dict.fromkeys((LENGTH // 2, LENGTH, 2 * LENGTH), float("inf"))
    for _ in range(TRIES):
        taken = {length: min(taken[length], seconds(act, piece, length)) for length in taken}
        bad = [pair for pair in pairwise(taken.items()) if pair[1][1] > 2.5 * pair[0][1]]
        if not bad:
            break
    return bad, taken[LENGTH]


@pytest.mark.parametrize("piece", FAMILIES)
def test_twice_the_text_takes_twice_the_time_and_a_request_at_most_a_second(piece):
    bad, longest_request = grows_too_fast(read, piece)
    assert not bad
    assert longest_request < LIMIT


@pytest.mark.parametrize("act", [arrive, lambda text: explain(text, TextOptions())])
@pytest.mark.parametrize("piece", ["a", "a\n", "\n", "a@a@"])
def test_so_it_is_while_a_text_arrives_and_where_it_is_explained(act, piece):
    assert not grows_too_fast(act, piece)[0]


@pytest.mark.slow
@pytest.mark.parametrize("piece", FAMILIES)
def test_a_hundred_thousand_characters_are_read_within_twenty_seconds(piece):
    assert seconds(read, piece, BOOK) < BOOK_LIMIT


@pytest.mark.command
def test_no_text_at_the_boundary_kills_the_process():
    """espeak-ng aborts the process on some words of more than a hundred characters."""
    counts = read_in_child(500, seed=0)
    assert counts["dead"] == counts["slow"] == 0


def test_espeak_gets_no_long_word():
    with pytest.raises(ValueError, match="at most 64 characters"):
        pronounce_with_espeak("x" * (MAX_WORD_CHARACTERS + 1))
    assert pronounce_with_espeak("x" * MAX_WORD_CHARACTERS)


@pytest.mark.parametrize(("letters", "left_out"), [(500, False), (502, True)])
@pytest.mark.parametrize("letter", ["x", "'s", "é", "1a"])
def test_a_word_of_more_than_500_letters_is_left_out_and_reported(letters, left_out, letter):
    word = (letter * letters)[:letters]
    lines = list(prepare_utterances(f"before {word} after"))
    rows = explain(f"before {word} after", TextOptions())
    assert ("report_long_words" in {rule for row in rows for rule in row.rules}) is left_out
    assert ([line.spoken.text for line in lines] == ["before after"]) is left_out


def test_a_line_of_hyphens_is_no_word():
    rows = explain(f"before\n{'-' * 600}\nafter", TextOptions())
    assert "report_long_words" not in {rule for row in rows for rule in row.rules}

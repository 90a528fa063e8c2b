import pytest

from tts.text.normalise.english import numbers


@pytest.mark.parametrize(
    ("read", "digits", "words"),
    [
        (numbers.cardinal, "0", "zero"),
        (numbers.cardinal, "12", "twelve"),
        (numbers.cardinal, "101", "one hundred one"),
        (numbers.cardinal, "1234", "one thousand two hundred thirty-four"),
        (numbers.cardinal, "1000000", "one million"),
        (numbers.cardinal, "007", "zero zero seven"),
        (
            numbers.cardinal,
            "1234567890123456",
            "one two three four five six seven eight nine zero one two three four five six",
        ),
        (numbers.cardinal, "1,000,000", "one million"),
        (numbers.cardinal, "999,999,999,999,999", numbers.cardinal("9" * 15)),
        (numbers.ordinal, "1,000", "one thousandth"),
        (numbers.decimal, "1,000.5", "one thousand point five"),
        (numbers.ordinal, "3", "third"),
        (numbers.ordinal, "21", "twenty-first"),
        (numbers.ordinal, "112", "one hundred twelfth"),
        (numbers.decimal, "3.14", "three point one four"),
        (numbers.decimal, "0.50", "zero point five zero"),
        (numbers.decimal, ".5", "point five"),
        (numbers.decimal, "2.0.1", "two point zero point one"),
        (numbers.decimal, "7", "seven"),
        (numbers.year, "1066", "ten sixty-six"),
        (numbers.year, "1900", "nineteen hundred"),
        (numbers.year, "1908", "nineteen oh eight"),
        (numbers.year, "1999", "nineteen ninety-nine"),
        (numbers.year, "2000", "two thousand"),
        (numbers.year, "2005", "two thousand five"),
        (numbers.year, "2024", "twenty twenty-four"),
        (numbers.decade, "1990", "nineteen nineties"),
        (numbers.decade, "1900", "nineteen hundreds"),
        (numbers.decade, "2010", "twenty tens"),
        (numbers.decade, "80", "eighties"),
    ],
)
def test_reads_digits_as_words(read, digits, words):
    assert read(digits) == words


@pytest.mark.parametrize(
    ("above", "below", "words"),
    [(1, 2, "one half"), (3, 2, "three halves"), (3, 4, "three quarters"), (2, 3, "two thirds")],
)
def test_reads_fractions(above, below, words):
    assert numbers.fraction(above, below) == words


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [(4, 45, "four forty-five"), (10, 5, "ten oh five"), (4, 0, "four"), (0, 30, "zero thirty")],
)
def test_reads_the_clock(hour, minute, words):
    assert numbers.clock(hour, minute) == words


def test_different_counts_have_different_words():
    words = [numbers.cardinal(str(count)) for count in range(2000)]
    assert len(set(words)) == 2000
    assert all(set(word) <= set("abcdefghijklmnopqrstuvwxyz- ") for word in words)

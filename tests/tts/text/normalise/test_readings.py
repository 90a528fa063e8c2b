"""Tables of what is written and how it is read, one a language, in a folder of tests/cases."""

import re
from collections import Counter
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from tests.growth import grows_like_its_length
from tts.text.normalise.languages import LANGUAGES
from tts.text.normalise.normalise import TextOptions, normalise
from tts.text.options import LANGUAGE_CODES

CASES = Path(__file__).parents[3] / "cases"
TABLES = {"en-us": "english"}
LEAST = {"en-us": 500}
ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def table(code):
    """Rows of category, what is written, what is said; \\n and \\u escapes in what is written."""
    files = sorted((CASES / TABLES[code]).glob("*.tsv"))
    for line in chain.from_iterable(file.read_text("utf-8").splitlines() for file in files):
        category, written, said = line.split("\t")
        written = ESCAPED.sub(lambda match: chr(int(match[1], 16)), written.replace("\\n", "\n"))
        yield category, written, said


@pytest.mark.parametrize("code", TABLES)
def test_reads_as_a_careful_reader_would(code):
    wrong = [
        f"{category}: {written!r} should be {said!r}, not {heard!r}"
        for category, written, said in table(code)
        if (heard := normalise(written, TextOptions(language=code)).text) != said
    ]
    assert not wrong, "\n".join(wrong)


def test_every_language_that_may_be_chosen_has_rules():
    assert tuple(LANGUAGES) == LANGUAGE_CODES


@pytest.mark.parametrize("code", LANGUAGES)
def test_tables_are_large_and_hold_nothing_twice(code):
    written = Counter(written for _, written, _ in table(code))
    assert len(written) >= LEAST[code]
    assert [text for text, count in written.items() if count > 1] == []


@pytest.mark.parametrize("code", TABLES)
def test_what_is_said_is_not_said_otherwise(code):
    for _, _, said in table(code):
        assert normalise(said, TextOptions(language=code)).text == said


@pytest.mark.parametrize(
    ("options", "written", "said"),
    [
        ({"day_first": True}, "03/04/2025", "April third, twenty twenty-five"),
        ({"day_first": True}, "12/25/2024", "December twenty-fifth, twenty twenty-four"),
        ({"day_first": True}, "on 3/4", "on April third"),
        ({"links": "name"}, "See https://a.com/b?c=d.", "See link."),
        ({"links": "name"}, "Mail me@x.com.", "Mail me at x dot com."),
        ({"emoji": "say"}, "Nice 👍🏽!", "Nice, thumbs up medium skin tone!"),
        ({"emoji": "say"}, "Hi :-)", "Hi, smiley,"),
    ],
)
def test_options_choose_another_reading(options, written, said):
    assert normalise(written, TextOptions(**options)).text == said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"links": "skip"}, "links must be one of read, name; got 'skip'"),
        ({"emoji": "keep"}, "emoji must be one of drop, say; got 'keep'"),
        ({"language": "xx"}, "language must be en-us, got 'xx'"),
    ],
)
def test_an_unknown_option_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        normalise("Hello.", TextOptions(**options))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "1.1.1.",
        "A.b.",
        "1-1 ",
        "AND ",
        "a@b.",
        "/a",
        "(",
        "**a",
        "12:",
        "$1-",
        "½ cup ",
        "\\frac{",
        "a-\n",
        "a<b ",
        "1 000 ",
        "1.000.",
        "5s or ",
    ],
)
def test_a_long_text_takes_no_longer_than_its_parts(code, piece):
    """A pattern that reads on from every character would take minutes in a book."""
    assert grows_like_its_length(partial(normalise, reading=TextOptions(language=code)), piece)

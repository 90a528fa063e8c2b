import random

import pytest

from tests.growth import grows_like_its_length
from tts.text.normalise.normalise import SpannedText, normalise
from tts.text.pauses import (
    BREATH_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    ITEM_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)
from tts.text.sentences import MAX_SENTENCE_CHARACTERS, split_sentences


def cut(text):
    return [sentence.text for sentence in split_sentences(normalise(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Dr. Lee paid $3.14 to Mr. Poe. He left.",
            ["Doctor Lee paid three dollars and fourteen cents to Mister Poe.", "He left."],
        ),
        ("H. G. Wells wrote it. I read it.", ["H G Wells wrote it.", "I read it."]),
        ("He saw the Dr. Then he left.", ["He saw the Doctor.", "Then he left."]),
        ("We had tea etc. Then he came.", ["We had tea et cetera.", "Then he came."]),
        ("“Never mind!” said the King. “Go.”", ["Never mind! said the King.", "Go."]),
        ("Wait... what? Well... I know.", ["Wait, what?", "Well, I know."]),
        ("It fell. 20 people saw it.", ["It fell.", "Twenty people saw it."]),
        ("See op. cit. for more.", ["See op. cit. for more."]),
        ("A Title\n\nThe first line.", ["A Title.", "The first line."]),
        ("", []),
        ("... ?! — 日本", []),
    ],
)
def test_breathes_between_sentences(text, wanted):
    assert cut(text) == wanted


def paused(text):
    """The sentences of a page, each with the pause after it."""
    return [(part.text, part.pause) for part in split_sentences(normalise(text), text)]


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One is. Two is.", [("One is.", SENTENCE_PAUSE_SECONDS), ("Two is.", 0)]),
        ("One is.\nTwo is.", [("One is.", SENTENCE_PAUSE_SECONDS), ("Two is.", 0)]),
        ("One is.\n\nTwo is.", [("One is.", PARAGRAPH_PAUSE_SECONDS), ("Two is.", 0)]),
        ("one is\n\ntwo is.", [("one is.", HEADING_PAUSE_SECONDS), ("two is.", 0)]),
        ("# One\nTwo is.", [("One.", HEADING_PAUSE_SECONDS), ("Two is.", 0)]),
        ("One\n===\nTwo is.", [("One.", HEADING_PAUSE_SECONDS), ("Two is.", 0)]),
        (
            "Say.\n\nOne\n\nIt is.",
            [("Say.", PARAGRAPH_PAUSE_SECONDS), ("One.", HEADING_PAUSE_SECONDS), ("It is.", 0)],
        ),
        (
            "Buy:\n- milk\n- some tea\n\nThen go.",
            [
                ("Buy.", ITEM_PAUSE_SECONDS),
                ("milk.", ITEM_PAUSE_SECONDS),
                ("some tea.", PARAGRAPH_PAUSE_SECONDS),
                ("Then go.", 0),
            ],
        ),
        ("We saw it etc.\nand left.", [("We saw it et cetera and left.", 0)]),
        (
            "A line\nthat is wrapped. It is.",
            [("A line that is wrapped.", SENTENCE_PAUSE_SECONDS), ("It is.", 0)],
        ),
    ],
)
def test_is_silent_by_what_ends(line, text, wanted):
    assert paused(text.replace("\n", line)) == wanted


def test_takes_a_breath_where_a_sentence_is_cut():
    parts = paused("one two three, " * 60 + "four. Five.")
    assert [pause for _, pause in parts] == [BREATH_PAUSE_SECONDS] * (len(parts) - 2) + [
        SENTENCE_PAUSE_SECONDS,
        0,
    ]


def test_pauses_are_longer_the_more_ends():
    assert (
        0
        < BREATH_PAUSE_SECONDS
        < ITEM_PAUSE_SECONDS
        < SENTENCE_PAUSE_SECONDS
        < HEADING_PAUSE_SECONDS
        < PARAGRAPH_PAUSE_SECONDS
    )


def test_without_a_page_each_end_is_that_of_a_sentence():
    parts = split_sentences(normalise("One is.\n\nTwo is."))
    assert [part.pause for part in parts] == [SENTENCE_PAUSE_SECONDS, 0]


def test_nothing_is_lost_and_nothing_twice():
    chance = random.Random(0)
    words = ["a", "Bee", "see.", "D,", "e;", "Eff!", "x" * 700, "Mr."]
    for _ in range(40):
        spoken = normalise(" ".join(chance.choices(words, k=chance.randint(0, 300))))
        joined = "".join(sentence.text for sentence in split_sentences(spoken))
        assert joined.replace(" ", "") == spoken.text.replace(" ", "")


def test_spans_travel_with_their_sentence():
    text = "It's 5 p.m. He left."
    _, second = split_sentences(normalise(text))
    assert "".join(text[start:end] for start, end in second.spans) == "He left."


@pytest.mark.parametrize("mark", [". ", "; ", ", ", " ", ""])
def test_no_part_is_longer_than_a_breath(mark):
    parts = split_sentences(SpannedText.verbatim(f"word{mark}" * 500))
    lengths = [len(part.text) for part in parts]
    assert max(lengths) <= MAX_SENTENCE_CHARACTERS
    assert min(lengths[:-1]) >= MAX_SENTENCE_CHARACTERS // 3
    assert all(part.text.endswith(mark.strip()) for part in parts[:-1])


def test_breathes_at_the_best_place_there_is():
    clause = "one two three four five six seven eight nine ten " * 3
    first, *_ = cut(f"{clause}eleven; {clause}, {clause}")
    assert first.endswith("eleven;")


def test_a_book_takes_no_longer_than_its_length():
    page = "It was 5 p.m. on May 3, 1999, and Mr. Poe (the baker) had $4 left. Why? Nobody knew.\n"
    assert len(split_sentences(normalise(page * 250))) == 3 * 250
    assert grows_like_its_length(lambda text: split_sentences(normalise(text)), page, 10_000)


@pytest.mark.parametrize("one", ["a", "A.", "Mr. ", "1,", "$", ".", "- ", "\n", "(", "é", "x\n"])
def test_no_repetition_takes_forever(one):
    assert grows_like_its_length(lambda text: split_sentences(normalise(text)), one)

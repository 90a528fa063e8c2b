"""Long texts are cut in the right places, and no word is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.text.files.markdown import TextBlock
from tts.text.files.passages import (
    Passage,
    split_at_paragraphs,
    split_at_sentences,
    split_passages,
)
from tts.text.pauses import (
    CHAPTER_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SCENE_PAUSE_SECONDS,
)

PIECES = [
    "It was so. ",
    "Dr. Lee",
    "word ",
    "\n\n",
    "\n",
    "“No,” ",
    "xxxxxxxxxxxxxxx",
    "[/pace]",
    " ",
]
both = pytest.mark.parametrize("split", [split_at_sentences, split_at_paragraphs])


@both
@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.integers(1, 60))
def test_parts_are_short_and_are_all_of_the_text(split, text, characters):
    parts = list(split(text, characters))
    assert all(len(part) <= characters and part == part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_sentence_ends_where_it_is_read_as_one():
    text = "It was half past three. He met Dr. Lee and Mr. Day at the gate."
    assert list(split_at_sentences(text, 40)) == [text[:23], text[24:]]


def test_a_paragraph_ends_before_a_sentence_does():
    assert list(split_at_paragraphs(" One two.\n\nIt is. So it ", 18)) == [
        "One two.",
        "It is. So it",
    ]


def test_a_chapter_is_its_passages_with_their_silences():
    lines = ["A heading", "One.", "Two.", "* * *", "Three."]
    blocks = [TextBlock(number, line, 2 * (number == 1)) for number, line in enumerate(lines, 1)]
    assert split_passages(blocks) == [
        Passage(1, "A heading", HEADING_PAUSE_SECONDS),
        Passage(2, "One.", PARAGRAPH_PAUSE_SECONDS),
        Passage(3, "Two.", SCENE_PAUSE_SECONDS),
        Passage(5, "Three.", CHAPTER_PAUSE_SECONDS),
    ]

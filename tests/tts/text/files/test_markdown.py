"""Chapters and blocks; `tests/app/batch/inputs/test_read.py` has what batches make of them."""

from tts.text.files.markdown import TextBlock, TextChapter, split_blocks, split_chapters

TEXT = """By Somebody

# One #
It was late,
and it rained.

### Within

* * *
Chapter 2
The Storm

Then it
came."""


def test_a_text_is_its_chapters_in_order():
    assert split_chapters(TEXT) == [
        TextChapter("", (TextBlock(1, "By Somebody", 2),)),
        TextChapter(
            "One",
            (
                TextBlock(3, "One", 1),
                TextBlock(4, "It was late,\nand it rained."),
                TextBlock(7, "Within", 2),
                TextBlock(9, "* * *"),
            ),
        ),
        TextChapter(
            "Chapter 2 The Storm",
            (TextBlock(10, "Chapter 2\nThe Storm", 1), TextBlock(13, "Then it\ncame.")),
        ),
    ]


def test_a_text_without_words_has_no_chapter():
    assert split_chapters(" \n\n") == []


def test_underlined_lines_are_headings():
    assert list(split_blocks("One\n===\nIt was.\n\nTwo\n---")) == [
        TextBlock(1, "One", 1),
        TextBlock(3, "It was."),
        TextBlock(5, "Two", 1),
    ]

"""The lines of a PDF become paragraphs, without what a printer adds to each page."""

import pytest

from tests.tts.text.files.documents import pdf, printed
from tts.text.files.book import BookOptions
from tts.text.files.documents.pdf import read_pdf
from tts.text.files.documents.pdf_layout import read_paragraphs

ONE = [
    "Chapter 1",
    "",
    "It was a cold evening, and nobody was there.",
    "  An extraordinary light stood over the water,",
    "and the well-known houses were dark, neighbour-",
    "hood and all. She knew the road, a well-",
    "known one, and went on without a lamp, until",
]
TWO = [
    "she came to the mill.",
    "  Nobody was at the door when she knocked, so",
    "she sat down.",
]
THREE = ["Chapter 2", "", "The next day was bright and the water still."]
PAGES = [
    printed(page, head=f"A TALE{' ' * 4}{number}", foot=str(number))
    for number, page in enumerate((ONE, TWO, THREE), 5)
]


def texts(data, name="tale"):
    return [(one.title, one.text) for one in read_pdf(data, name, BookOptions()).chapters]


def test_lines_are_joined_and_running_heads_dropped():
    book = read_pdf(pdf(PAGES, title="A tale"), "file", BookOptions())
    assert book.title == "A tale"
    assert [(one.title, one.text.split("\n\n")) for one in book.chapters] == [
        (
            "Chapter 1",
            [
                "Chapter 1",
                "It was a cold evening, and nobody was there.",
                "An extraordinary light stood over the water, and the well-known houses were dark, "
                "neighbourhood and all. She knew the road, a well-known one, and went on without a "
                "lamp, until she came to the mill.",
                "Nobody was at the door when she knocked, so she sat down.",
            ],
        ),
        ("Chapter 2", ["Chapter 2", "The next day was bright and the water still."]),
    ]


def test_bookmarks_name_the_chapters():
    pages = [printed(["The Mill", "", *ONE[2:]]), printed(TWO), printed(["The Road", *THREE[1:]])]
    found = texts(pdf(pages, bookmarks=[(0, "The Mill"), (2, "The Road")]))
    assert [title for title, _ in found] == ["The Mill", "The Road"]
    assert found[1][1] == "The Road\n\nThe next day was bright and the water still."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pdf([[], []]), "^it has no text layer: its pages are pictures; recognize their text"),
        (b"Hello", "^not a PDF file$"),
        (b"%PDF-1.4\nHello", "^damaged or not supported: "),
    ],
)
def test_a_file_without_text_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        texts(data)


def test_two_columns_are_read_one_after_the_other():
    left = [f"Left line {number} of the text is here" for number in range(12)]
    right = [f"right line {number} of the text is there" for number in range(12)]
    rows = [f"{one:<40}{other}" for one, other in zip(left, right, strict=True)]
    (paragraph,) = read_paragraphs(["\n".join(rows)])
    assert paragraph.text == " ".join([*left, *right])


def test_lines_of_verse_stay_lines():
    page = "It was a long line of prose that fills the width of the page so.\n\n" + (
        "A short line,\nAnother one,\nAnd a third."
    )
    assert read_paragraphs([page])[-1].text == "A short line,\nAnother one,\nAnd a third."


def test_a_page_of_line_spacing_two_is_no_list_of_paragraphs():
    lines = [f"This is the full line number {number} of the page," for number in range(8)]
    (paragraph,) = read_paragraphs(["\n\n".join(lines)])
    assert paragraph.text == " ".join(lines)

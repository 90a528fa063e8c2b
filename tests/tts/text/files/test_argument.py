"""An argument is a text, or the file that it names; what cannot be read is told of."""

import os

import pytest

from tests.tts.text.files.test_epub import book
from tts.text.files.argument import READ_SUFFIXES, TextSource, read_argument, title_of
from tts.text.files.chapter_selection import EVERY_PART, ChapterSelection
from tts.text.files.subtitles import SubtitleCue

PAGE = "<html><head><title>A page</title></head><body><h1>One</h1><p>It was late.</p></body></html>"
FILM = """2
00:00:05,000 --> 00:00:06,000
Two.

1
00:00:01,000 --> 00:00:02,000
<i>One</i> &amp; a half.

3
00:00:08,000 --> 00:00:09,000
[music]
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(argument, *selection, typed=b""):
    return read_argument(str(argument), lambda: typed, *selection)


def test_a_text_is_itself_and_titled_by_its_first_words(here):
    for text in ("Hello.", "hello", "It is in notes of mine.md, no?", "one/two", "x" * 5000, ""):
        assert read(text) == TextSource(text=text, title=title_of(text))
    assert read("-", typed="café".encode("cp1252")) == TextSource(
        text="café",
        title="café",
        notes=("standard input is not UTF-8; it is read as Windows-1252",),
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello there.", "Hello there."),
        ("[voice:michael]One\n\ntwo[/voice][pause:1s]", "One two"),
        ("<speak>Hi <break time='1s'/>you.</speak>", "Hi you."),
        ("a <b> c", "a <b> c"),
        (f"{'word, ' * 50}", f"{'word, ' * 9}word..."),
        ("x" * 100, "x" * 60 + "..."),
        ("", ""),
    ],
)
def test_a_title_has_words_and_no_tags(text, title):
    assert title_of(text) == title
    assert len(title) < 70


@pytest.mark.parametrize(
    ("name", "written", "text", "title"),
    [
        ("tale.txt", "\ufeff# One\n\n[pause:1s]Two.", "# One\n\n[pause:1s]Two.", "tale"),
        ("TALE.TXT", "One.", "One.", "TALE"),
        ("notes.md", "# One\n\nIt was *late*.", "One\n\nIt was late.", "One"),
        ("page.html", PAGE, "One\n\nIt was late.", "A page"),
    ],
)
def test_a_file_is_read_by_its_ending(name, written, text, title, here):
    (here / name).write_text(written, "utf-8")
    assert read(name) == TextSource(text=text, title=title)
    assert read(here / name) == read(name)


def test_a_book_is_read_without_its_front_matter(here):
    (here / "book.epub").write_bytes(book())
    whole, first = read("book.epub"), read("book.epub", ChapterSelection.parse("1"))
    assert whole.title == first.title == "book"
    assert first.text
    assert len(first.text) < len(whole.text)
    assert first.text in read("book.epub", EVERY_PART).text


def test_what_is_left_out_of_a_book_is_told_of(here):
    (here / "notes.md").write_text("# Index\n\na, 1\n\n# One\n\nIt was late.", "utf-8")
    assert read("notes.md").text == "One\n\nIt was late."
    assert read("notes.md").notes == ("left out: index",)
    chosen = read("notes.md", ChapterSelection.parse("1"))
    assert (chosen.text, chosen.notes) == ("Index\n\na, 1", ())


def test_a_chapter_of_a_text_file_makes_it_a_book(here):
    (here / "tale.txt").write_text("Chapter 1\n\nOne.\n\nChapter 2\n\nTwo.", "utf-8")
    assert read("tale.txt", ChapterSelection.parse("2")).text == "Chapter 2\n\nTwo."
    with pytest.raises(ValueError, match=r"^chapters must be from 1 to 2, got 3; `tts batch"):
        read("tale.txt", ChapterSelection.parse("3"))


@pytest.mark.parametrize("name", ["film.srt", "film.vtt"])
def test_subtitles_are_cues_in_their_order(name, here):
    film = FILM if name.endswith("srt") else f"WEBVTT\n\n{FILM.replace(',000', '.000')}"
    (here / name).write_text(film, "utf-8")
    cues = (SubtitleCue(1.0, 2.0, "One & a half."), SubtitleCue(5.0, 6.0, "Two."))
    assert read(name) == TextSource(title="film", cues=cues)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "^cannot read folder: it is a folder; name a file in it; to speak the word "
                   r"itself, write 'folder.'$"),
        ("./folder", "^cannot read folder: it is a folder; name a file in it"),
        (".", "^cannot read .: it is a folder; name a file in it$"),
        ("hello", "^cannot read hello: its name must end in one of .epub, .txt, .*; `tts batch` "
                  "reads lists; to speak the word itself, write 'hello.'$"),
        ("table.csv", "^cannot read table.csv: its name must end in one of .*reads lists$"),
        ("broken.srt", "^line 1 of broken.srt: expected a number, times such as"),
        ("music.srt", "^music.srt has no text to speak$"),
        ("empty.md", "^empty.md has no text to speak$"),
        ("empty.txt", "^empty.txt has no text to speak$"),
        ("dots.txt", "^dots.txt has no text to speak$"),
        ("latin.txt", "^cannot read latin.txt: neither UTF-8 nor Windows-1252"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_to_do(name, message, here):
    (here / "folder").mkdir()
    for made, data in {
        "hello": b"One.",
        "table.csv": b"text\nOne.",
        "broken.srt": b"One.",
        "music.srt": b"1\n00:00:01,000 --> 00:00:02,000\n[music]\n",
        "empty.md": b"\n",
        "empty.txt": b"",
        "dots.txt": b"... \n",
        "latin.txt": b"caf\xe9\x81",
    }.items():
        (here / made).write_bytes(data)
    with pytest.raises((ValueError, OSError), match=message):
        read(name)


@pytest.mark.parametrize("suffix", READ_SUFFIXES)
def test_a_missing_file_is_named_and_a_text_is_none(suffix, here):
    for name in (f"none{suffix}", f"folder/none{suffix.upper()}"):
        with pytest.raises(FileNotFoundError, match=f"^no such file: {name}$"):
            read(name)
    text = f"Please read me the file{suffix}"
    assert read(text).text == text
    assert read(text).notes == (f"there is no file '{text}', so it is spoken as text",)


@pytest.mark.parametrize("argument", ["Hello.", "-", "film.srt"])
def test_chapters_are_those_of_a_book(argument, here):
    (here / "film.srt").write_text(FILM, "utf-8")
    with pytest.raises(ValueError, match=f"^--chapters needs a book .*, got '{argument}'$"):
        read(argument, ChapterSelection.parse("1"))


def test_a_pipe_is_read_by_its_own_sign(here):
    if not hasattr(os, "mkfifo"):
        pytest.skip("the system has no named pipes")
    os.mkfifo("pipe.txt")
    with pytest.raises(
        ValueError, match=r"^cannot read pipe.txt: it is a pipe or a device; use - "
    ):
        read("pipe.txt")

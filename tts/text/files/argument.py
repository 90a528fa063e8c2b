"""The argument of a command that reads a text: the text itself, a file, or standard input."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NoReturn

from tts.error_messages import naming_read_errors, quoted
from tts.text.files.book import DEFAULT_BOOK_OPTIONS, Book
from tts.text.files.chapter_selection import READ_BY_DEFAULT, ChapterSelection
from tts.text.files.plain import DecodedText, decode_text, is_path
from tts.text.files.read_book import BOOK_SUFFIXES, read_book
from tts.text.files.subtitles import (
    SUBTITLE_SUFFIXES,
    SubtitleCue,
    parse_cue,
    split_cues,
    split_webvtt,
)
from tts.text.markup.ssml import is_ssml
from tts.text.markup.tags import TAG
from tts.text.sections import has_words

STDIN = "-"
READ_SUFFIXES = (*BOOK_SUFFIXES, *SUBTITLE_SUFFIXES)
# Of a text without a title: of what its title is taken from, and of the title. Chosen by hand.
MAX_TITLED_CHARACTERS, MAX_TITLE_CHARACTERS = 1000, 60
XML_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSource:
    """A text to speak, and what is known of it.

    Args:
        text: the text; of subtitles, empty.
        title: of the file, or else the first words of the text.
        cues: of subtitles, in the order of their times; empty for other texts.
        notes: sentences for the user on how it was read.
    """

    text: str = ""
    title: str = ""
    cues: tuple[SubtitleCue, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that are spoken one by one: those of the cues, or the one text."""
        return tuple(cue.text for cue in self.cues) or (self.text,)


def read_argument(
    argument: str, typed: Callable[[], bytes], selection: ChapterSelection = READ_BY_DEFAULT
) -> TextSource:
    """Read what an argument names.

    A text file is read as it is, a book as its chapters, and subtitles as their cues. A text that
    is the path of nothing is the text itself.

    Args:
        argument: a text, `-` for standard input, or a path that ends in one of `READ_SUFFIXES`.
        typed: reads standard input.
        selection: the chapters of a book; with one, a `.txt` is read as a book, too.

    Returns:
        The text.

    Raises:
        FileNotFoundError: it is one word that ends like a file name, and there is no such file.
        OSError: the file cannot be read.
        ValueError: it is a folder, a file that is damaged or of another kind, or no book although
            there is a selection.
        ModuleNotFoundError: the extra that reads such files is not installed.
    """
    if argument != STDIN and is_path(argument):
        return _read_file(Path(argument), selection)
    if selection != READ_BY_DEFAULT:
        _refuse_selection(argument)
    if argument == STDIN:
        return _plain(decode_text(typed(), "standard input"), "")
    if not argument.lower().endswith(READ_SUFFIXES):
        return TextSource(text=argument, title=title_of(argument))
    if len(argument.split()) == 1:
        raise FileNotFoundError(f"no such file: {argument}")
    note = f"there is no file {quoted(argument)}, so it is spoken as text"
    return TextSource(text=argument, title=title_of(argument), notes=(note,))


def title_of(text: str) -> str:
    """The first words of a text, without its tags.

    Example:
        >>> title_of("[voice:michael]Hello.[/voice]")
        'Hello.'
    """
    start = TAG.sub(" ", text[:MAX_TITLED_CHARACTERS])
    words = " ".join((XML_TAG.sub(" ", start) if is_ssml(text) else start).split())
    if len(words) <= MAX_TITLE_CHARACTERS:
        return words
    words = words[:MAX_TITLE_CHARACTERS]
    return (words.rpartition(" ")[0] or words).rstrip(",;:") + "..."


def _read_file(path: Path, selection: ChapterSelection) -> TextSource:
    word = str(path).isalpha()
    speak = f"; to speak the word itself, write {quoted(f'{path}.')}" if word else ""
    if path.is_dir():
        raise IsADirectoryError(f"cannot read {path}: it is a folder; name a file in it{speak}")
    if not path.is_file():
        raise ValueError(f"cannot read {path}: it is a pipe or a device; use - for standard input")
    suffix, selected = path.suffix.lower(), selection != READ_BY_DEFAULT
    if suffix in BOOK_SUFFIXES and (selected or suffix != ".txt"):
        return _of_book(read_book(path, DEFAULT_BOOK_OPTIONS), path, selection)
    if selected:
        _refuse_selection(str(path))
    if suffix == ".txt":
        return _of_text_file(decode_text(_data(path), str(path)), path)
    if suffix in SUBTITLE_SUFFIXES:
        return _read_subtitles(path)
    known = ", ".join(READ_SUFFIXES)
    raise ValueError(
        f"cannot read {path}: its name must end in one of {known}; `tts batch` reads lists{speak}"
    )


def _refuse_selection(argument: str) -> NoReturn:
    raise ValueError(
        f"--chapters needs a book ({', '.join(BOOK_SUFFIXES)}), got {quoted(argument)}"
    )


def _data(path: Path) -> bytes:
    with naming_read_errors(path):
        return path.read_bytes()


def _plain(decoded: DecodedText, title: str) -> TextSource:
    notes = (decoded.note,) if decoded.note else ()
    return TextSource(text=decoded.text, title=title or title_of(decoded.text), notes=notes)


def _of_text_file(decoded: DecodedText, path: Path) -> TextSource:
    if not has_words(decoded.text):
        raise ValueError(f"{path} has no text to speak")
    return _plain(decoded, path.stem)


def _of_book(book: Book, path: Path, selection: ChapterSelection) -> TextSource:
    """The chapters of a book that are read, and a note on those that are not by default."""
    read = selection.select(book.chapters)
    left_out = dict.fromkeys(one.matter for one in book.chapters if one.text and one not in read)
    if not read:
        raise ValueError(f"{path.name} has no text to speak but {', '.join(left_out)}")
    notes = list(book.notes)
    if selection == READ_BY_DEFAULT and left_out:
        notes.append(f"left out: {', '.join(left_out)}")
    text = "\n\n".join(chapter.text for chapter in read)
    return TextSource(text=text, title=book.title or path.stem, notes=tuple(notes))


def _read_subtitles(path: Path) -> TextSource:
    decoded = decode_text(_data(path), str(path))
    split = split_cues if path.suffix.lower() == ".srt" else split_webvtt
    cues: list[SubtitleCue] = []
    for line, lines in split(enumerate(StringIO(decoded.text, newline=None), 1)):
        try:
            cue = parse_cue(lines)
        except ValueError as error:
            raise ValueError(f"line {line} of {path}: {error}") from error
        if has_words(cue.speech):
            cues.append(cue)
    if not cues:
        raise ValueError(f"{path} has no text to speak")
    cues.sort(key=lambda cue: (cue.start, cue.end))
    notes = (decoded.note,) if decoded.note else ()
    return TextSource(title=path.stem, cues=tuple(cues), notes=notes)

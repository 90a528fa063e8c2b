"""The reader of a text file or an EPUB book as chapters, by its file name."""

from pathlib import Path

from tts.error_messages import quoted
from tts.text.files.book import Chapter
from tts.text.files.epub.read import read_epub
from tts.text.files.plain import decode_text


def read_chapters(path: Path) -> list[Chapter]:
    """Read a file as chapters.

    Args:
        path: a `.txt` file, or an `.epub` book; the ending may be in capitals.

    Returns:
        The chapters of the book in reading order, without those that are not read by default,
        such as a copyright page. A text file is one chapter, whose title is the file name without
        its ending.

    Raises:
        ValueError: it has another ending, is damaged, or its encoding is unknown.
        OSError: it cannot be read.
    """
    match path.suffix.lower():
        case ".epub":
            chapters = read_epub(path.read_bytes()).chapters
            return [one for one in chapters if not one.matter] or [
                one for one in chapters if one.text
            ]
        case ".txt":
            return [Chapter(path.stem, decode_text(path.read_bytes(), path.name).text)]
    raise ValueError(f"expected a .txt or an .epub file, got {quoted(path.name)}")
